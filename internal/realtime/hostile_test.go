package realtime_test

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/realtime"
	"github.com/parley-chat/parley/internal/wire"
)

// raw is a socket on which anything can be written.
type raw struct {
	t    testing.TB
	conn net.Conn
	in   *bufio.Reader
}

// handshake gives a raw socket after the upgrade and the hello.
func (s *stage) handshake(t *testing.T, name string) *raw {
	t.Helper()
	r := s.request(t, "GET", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Protocol: "+wire.Subprotocol,
		"Sec-WebSocket-Extensions: permessage-deflate", "Test-User: "+name)
	response, err := http.ReadResponse(r.in, nil)
	if err != nil || response.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("the upgrade gives %v, %v", response, err)
	}
	if got := response.Header.Get("Sec-WebSocket-Extensions"); got != "" {
		t.Fatalf("extensions %q were negotiated", got)
	}
	if op, _ := r.frame(); op != 1 {
		t.Fatalf("the first frame has opcode %d", op)
	}
	return r
}

func (s *stage) request(t testing.TB, method string, headers ...string) *raw {
	t.Helper()
	conn, err := net.Dial("tcp", s.server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(patience))
	fmt.Fprintf(conn, "%s / HTTP/1.1\r\nHost: x\r\n%s\r\n\r\n", method, strings.Join(headers, "\r\n"))
	return &raw{t: t, conn: conn, in: bufio.NewReader(conn)}
}

// frame reads one frame of the server.
func (r *raw) frame() (op byte, payload []byte) {
	var head [2]byte
	if _, err := io.ReadFull(r.in, head[:]); err != nil {
		return 0xff, nil
	}
	n := uint64(head[1])
	switch n {
	case 126:
		var long [2]byte
		_, _ = io.ReadFull(r.in, long[:])
		n = uint64(binary.BigEndian.Uint16(long[:]))
	case 127:
		var long [8]byte
		_, _ = io.ReadFull(r.in, long[:])
		n = binary.BigEndian.Uint64(long[:])
	}
	payload = make([]byte, n)
	_, _ = io.ReadFull(r.in, payload)
	return head[0] & 0xf, payload
}

// closed reads until the close frame and gives its code; 1006 if there is
// none.
func (r *raw) closed() int {
	for {
		switch op, payload := r.frame(); {
		case op == 0xff:
			return 1006
		case op == 8 && len(payload) >= 2:
			return int(binary.BigEndian.Uint16(payload))
		}
	}
}

// masked makes a client's frame; first is its first byte.
func masked(first byte, payload []byte) []byte {
	b := []byte{first}
	switch n := len(payload); {
	case n < 126:
		b = append(b, 0x80|byte(n))
	case n <= 0xffff:
		b = binary.BigEndian.AppendUint16(append(b, 0x80|126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, 0x80|127), uint64(n))
	}
	mask := [4]byte{1, 2, 3, 4}
	b = append(b, mask[:]...)
	for i, c := range payload {
		b = append(b, c^mask[i%4])
	}
	return b
}

func text(s string) []byte { return masked(0x81, []byte(s)) }

func closing(code int, reason string) []byte {
	return masked(0x88, append(binary.BigEndian.AppendUint16(nil, uint16(code)), reason...))
}

func TestAFloodOfQuestionsIsClosedWithTheTimeToComeBack(t *testing.T) {
	s := newStage(t)
	s.room("hall", "ann")
	r := s.handshake(t, "ann")
	flood := append(text(`{"id":1,"op":"resume"}`), bytes.Repeat(text(`{"id":2,"op":"typing","room":1}`), 400)...)
	go func() { _, _ = r.conn.Write(flood) }() // ends with the connection
	if code := r.closed(); code != int(wire.CloseTooMany) {
		t.Errorf("closed with %d", code)
	}
}

func TestFramesThatBreakTheRulesAreClosedWithTheirCode(t *testing.T) {
	s := newStage(t)
	fragment := func(first byte, n int) []byte {
		return append(masked(first, nil), bytes.Repeat(masked(0x00, nil), n)...)
	}
	for name, c := range map[string]struct {
		bytes []byte
		code  int
	}{
		"unmasked":                       {[]byte{0x81, 2, '{', '}'}, 1002},
		"RSV1":                           {masked(0xc1, []byte("{}")), 1002},
		"RSV2":                           {masked(0xa1, []byte("{}")), 1002},
		"RSV3":                           {masked(0x91, []byte("{}")), 1002},
		"opcode 3":                       {masked(0x83, nil), 1002},
		"opcode 15":                      {masked(0x8f, nil), 1002},
		"long ping":                      {masked(0x89, make([]byte, 126)), 1002},
		"fragmented ping":                {masked(0x09, nil), 1002},
		"continuation first":             {masked(0x80, nil), 1002},
		"text inside a message":          {append(masked(0x01, nil), text("{}")...), 1002},
		"2^63-1 bytes announced":         {append([]byte{0x81, 0xff, 0x7f}, bytes.Repeat([]byte{0xff}, 7)...), 1009},
		"top bit of the length":          {append([]byte{0x81, 0xff, 0x80}, make([]byte, 11)...), 1002},
		"16-bit length for 5 bytes":      {append([]byte{0x81, 0x80 | 126, 0, 5}, make([]byte, 9)...), 1002},
		"64-bit length for 200 bytes":    {append([]byte{0x81, 0xff, 0, 0, 0, 0, 0, 0, 0, 200}, make([]byte, 4)...), 1002},
		"65,537 bytes":                   {masked(0x81, make([]byte, 64<<10+1)), 1009},
		"65,537 bytes in two frames":     {append(masked(0x01, make([]byte, 64<<10)), masked(0x80, make([]byte, 1))...), 1009},
		"1,000 fragments":                {fragment(0x01, 1000), 1008},
		"binary":                         {masked(0x82, []byte("{}")), 1003},
		"lone FF":                        {masked(0x81, []byte{0xff}), 1007},
		"overlong":                       {masked(0x81, []byte{0xc0, 0xaf}), 1007},
		"surrogate":                      {masked(0x81, []byte{0xed, 0xa0, 0x80}), 1007},
		"character cut at the end":       {append(masked(0x01, []byte{0xe2}), masked(0x80, []byte{0x82})...), 1007},
		"100 pings":                      {bytes.Repeat(masked(0x89, nil), 100), 1008},
		"100 pongs":                      {bytes.Repeat(masked(0x8a, nil), 100), 1008},
		"close with one byte":            {masked(0x88, []byte{3}), 1002},
		"close 999":                      {closing(999, ""), 1002},
		"close 1005":                     {closing(1005, ""), 1002},
		"close 1006":                     {closing(1006, ""), 1002},
		"close 5000":                     {closing(5000, ""), 1002},
		"close with a bad reason":        {closing(1000, "\xff"), 1002},
		"close, and data after it":       {append(closing(1000, "bye"), text(`{"id":1}`)...), 1000},
		"close with a code of its own":   {closing(4321, ""), 4321},
		"close without a code":           {masked(0x88, nil), 1000},
		"five frames that are no JSON":   {bytes.Repeat(text("nonsense"), 5), 1008},
		"five frames that are no object": {bytes.Repeat(text(`[1]`), 5), 1008},
	} {
		t.Run(name, func(t *testing.T) {
			r := s.handshake(t, "ann")
			if _, err := r.conn.Write(c.bytes); err != nil {
				t.Fatal(err)
			}
			if code := r.closed(); code != c.code {
				t.Fatalf("closed with %d, want %d", code, c.code)
			}
		})
	}
	s.eventually("all connections are gone", func() bool { return s.hub.Stats().Connections == 0 })
}

func TestUnusualButValidFramesAreRead(t *testing.T) {
	s := newStage(t)
	op := `{"id":7,"op":"resume","epoch":"€"}`
	at := strings.Index(op, "€") + 1 // inside the character
	fragments := append(masked(0x01, []byte(op[:at])), masked(0x89, []byte("now"))...)
	fragments = append(fragments, masked(0x80, []byte(op[at:]))...)
	many := masked(0x01, nil)
	for range 62 {
		many = append(many, masked(0x00, nil)...)
	}
	for name, bytes := range map[string][]byte{
		"a character and a ping between fragments": fragments,
		"64 fragments":           append(many, masked(0x80, []byte(op))...),
		"1,000 ops in one write": append(text(op), bytes.Repeat(text(`{"id":7,"op":"ping"}`), 1000)...),
	} {
		t.Run(name, func(t *testing.T) {
			r := s.handshake(t, "ann")
			go func() { _, _ = r.conn.Write(bytes) }()
			answers := 1 + strings.Count(string(bytes), "\x81\x94") // one for the resume
			for answers > 0 {
				switch op, payload := r.frame(); {
				case op == 10 && string(payload) == "now":
				case op == 1 && strings.HasPrefix(string(payload), `{"re":7,"ok":`):
					answers--
				default:
					t.Fatalf("got opcode %d with %s", op, payload)
				}
			}
		})
	}
}

func TestFramesCutAnywhereAreRead(t *testing.T) {
	s := newStage(t)
	r := s.handshake(t, "ann")
	stream := append(text(`{"id":1,"op":"resume"}`), masked(0x81, []byte(`{"id":2,"op":"ping"`+strings.Repeat(" ", 300)+`}`))...)
	for _, b := range stream {
		if _, err := r.conn.Write([]byte{b}); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{`{"re":1,"ok":{"rooms":{}}}`, `{"re":2,"ok":{}}`} {
		if op, payload := r.frame(); op != 1 || string(payload) != want {
			t.Fatalf("got opcode %d with %s, want %s", op, payload, want)
		}
	}
}

func TestFramesSentTogetherWithTheHandshakeAreRead(t *testing.T) {
	s := newStage(t)
	r := s.request(t, "GET", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Protocol: "+wire.Subprotocol,
		"Test-User: ann\r\n\r\n"+string(text(`{"id":1,"op":"resume"}`))+string(text(`{"id":2,"op":"ping"}`))+"\x81\x80")
	if _, err := http.ReadResponse(r.in, nil); err != nil {
		t.Fatal(err)
	}
	_, _ = r.frame()
	for _, want := range []string{`{"re":1,"ok":{"rooms":{}}}`, `{"re":2,"ok":{}}`} {
		if op, payload := r.frame(); op != 1 || string(payload) != want {
			t.Fatalf("got opcode %d with %s, want %s", op, payload, want)
		}
	}
}

func TestJSONThatBreaksTheRulesIsRefusedAndTheSocketStays(t *testing.T) {
	s := newStage(t)
	for _, c := range []struct{ frame, re, code string }{
		{`nonsense`, `0`, "invalid_json"},
		{`{"id":1,"op":"ping"} x`, `0`, "invalid_json"},
		{`null`, `0`, "invalid_json"},
		{`{"op":"ping"}`, `0`, "invalid_json"},
		{`{"id":1,"op":"ping","op":"send"}`, `0`, "invalid_json"},
		{`{"id":1.0,"op":"ping"}`, `0`, "invalid_json"},
		{`{"id":1e400,"op":"ping"}`, `0`, "invalid_json"},
		{`{"id":9007199254740993,"op":"ping"}`, `0`, "invalid_json"},
		{`{"id":5,"op":"ping","is_admin":true}`, `5`, "invalid_json"},
		{`{"id":5,"op":"nonsense"}`, `5`, "unknown_op"},
		{`{"id":5,"op":"send","Room":1,"key":"k","text":"x"}`, `5`, "invalid_json"},
		{strings.Repeat(`{"a":`, 10_000) + "1" + strings.Repeat("}", 10_000), `0`, "invalid_json"},
	} {
		r := s.handshake(t, "ann")
		if _, err := r.conn.Write(text(c.frame)); err != nil {
			t.Fatal(err)
		}
		_, payload := r.frame()
		if got := string(payload); !strings.HasPrefix(got, `{"re":`+c.re+`,"error":`) || !strings.Contains(got, `"code":"`+c.code+`"`) {
			t.Errorf("%.60s gives %s", c.frame, got)
		}
		_, _ = r.conn.Write(text(`{"id":9,"op":"resume"}`))
		if _, payload := r.frame(); !strings.HasPrefix(string(payload), `{"re":9,"ok":`) {
			t.Errorf("after %.60s a resume gives %s", c.frame, payload)
		}
		_ = r.conn.Close()
	}
}

func TestAMessageThatTricklesInIsCutOff(t *testing.T) {
	s := newStage(t, func(o *realtime.Options) { o.Timing.MessageWait = 200 * time.Millisecond })
	for name, start := range map[string][]byte{
		"half a header":  {0x81},
		"half a payload": text(`{"id":1,"op":"ping"}`)[:10],
		"a fragment":     masked(0x01, []byte("{")),
	} {
		t.Run(name, func(t *testing.T) {
			r := s.handshake(t, "ann")
			if _, err := r.conn.Write(start); err != nil {
				t.Fatal(err)
			}
			if code := r.closed(); code != 1008 {
				t.Fatalf("closed with %d, want 1008", code)
			}
		})
	}
}

func TestAnIdleConnectionOutlivesTheTimeOfAMessage(t *testing.T) {
	s := newStage(t, func(o *realtime.Options) { o.Timing.MessageWait = 50 * time.Millisecond })
	r := s.handshake(t, "ann")
	_, _ = r.conn.Write(text(`{"id":1,"op":"resume"}`)[:5])
	_, _ = r.conn.Write(text(`{"id":1,"op":"resume"}`)[5:])
	_, _ = r.frame()
	timer := time.NewTimer(300 * time.Millisecond)
	<-timer.C
	_, _ = r.conn.Write(text(`{"id":2,"op":"ping"}`))
	if _, payload := r.frame(); string(payload) != `{"re":2,"ok":{}}` {
		t.Fatalf("got %q", payload)
	}
}

func TestAHandshakeThatIsWrongIsRefusedWithAProblem(t *testing.T) {
	s := newStage(t)
	good := []string{
		"Connection: keep-alive, Upgrade", "Upgrade: WebSocket", "Sec-WebSocket-Version: 13",
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Protocol: other, " + wire.Subprotocol,
	}
	for name, c := range map[string]struct {
		method string
		drop   int
		add    string
		code   string
	}{
		"no connection":     {"GET", 0, "", "bad_handshake"},
		"no upgrade":        {"GET", 1, "", "bad_handshake"},
		"no version":        {"GET", 2, "", "bad_handshake"},
		"version 8":         {"GET", 2, "Sec-WebSocket-Version: 8", "bad_handshake"},
		"no key":            {"GET", 3, "", "bad_handshake"},
		"short key":         {"GET", 3, "Sec-WebSocket-Key: abc", "bad_handshake"},
		"another key":       {"GET", -1, "Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==", "bad_handshake"},
		"key not base64":    {"GET", 3, "Sec-WebSocket-Key: !!!!!!!!!!!!!!!!!!!!!!!!", "bad_handshake"},
		"no subprotocol":    {"GET", 4, "", "bad_subprotocol"},
		"other subprotocol": {"GET", 4, "Sec-WebSocket-Protocol: parley.v2", "bad_subprotocol"},
		"POST":              {"POST", -1, "", "bad_handshake"},
	} {
		t.Run(name, func(t *testing.T) {
			headers := []string{"Test-User: ann", "Content-Length: 0"}
			for i, header := range good {
				if i != c.drop {
					headers = append(headers, header)
				}
			}
			if c.add != "" {
				headers = append(headers, c.add)
			}
			r := s.request(t, c.method, headers...)
			response, err := http.ReadResponse(r.in, nil)
			if err != nil {
				t.Fatal(err)
			}
			body, _ := io.ReadAll(response.Body)
			if response.StatusCode != 400 || !strings.Contains(string(body), `"`+c.code+`"`) {
				t.Fatalf("got %d, %s", response.StatusCode, body)
			}
		})
	}
}

func TestConnectionsCutAnywhereLeaveNothingBehind(t *testing.T) {
	s := newStage(t)
	room := s.room("general")
	for i := range 300 {
		r := s.handshake(t, "ann")
		switch i % 3 {
		case 1:
			_, _ = r.conn.Write(text(`{"id":1,"op":"resume"}`))
		case 2:
			_, _ = r.conn.Write(text(`{"id":1,"op":"resume"}`)[:9])
		}
		_ = r.conn.(*net.TCPConn).SetLinger(0)
		_ = r.conn.Close()
		if i%15 == 14 {
			s.eventually("the connections are gone", func() bool { return s.hub.Stats().Connections == 0 })
		}
	}
	ann := s.joined("ann")
	ann.reaches(room, s.says("ann", room, "still here"))
}
