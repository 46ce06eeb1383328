package prove

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"slices"
	"testing"
	"time"
)

// behind starts a gate in front of a server that answers each connection so.
func behind(t *testing.T, postgres bool, answer func(net.Conn)) *gate {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { // ends with the listener
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() { defer conn.Close(); answer(conn) }()
		}
	}()
	g, err := newGate(listener.Addr().String(), postgres)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close(); g.close() })
	return g
}

func dial(t *testing.T, g *gate) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", g.addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(patience))
	return conn
}

func echo(conn net.Conn) { _, _ = io.Copy(conn, conn) }

func says(t *testing.T, conn net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, len(text))
	if _, err := io.ReadFull(conn, got); err != nil || string(got) != text {
		t.Fatalf("said %q, heard %q, %v", text, got, err)
	}
}

func TestAGateCutsAConnectionInTheMiddleOfWhatItCarries(t *testing.T) {
	g := behind(t, false, echo)
	conn := dial(t, g)
	says(t, conn, "hello")
	for _, p := range g.conns {
		p.down.Store(3)
	}
	if _, err := io.WriteString(conn, "goodbye"); err != nil {
		t.Fatal(err)
	}
	if rest, _ := io.ReadAll(conn); string(rest) != "goo" {
		t.Errorf("heard %q", rest)
	}
	says(t, dial(t, g), "a new one is sound")
	if g.cutAll() == 0 {
		t.Error("there was nothing to cut")
	}
}

func TestAGateHoldsBackAnswers(t *testing.T) {
	g := behind(t, false, echo)
	conn := dial(t, g)
	says(t, conn, "hello")
	const hold = 200 * time.Millisecond
	began := time.Now()
	g.holdAll(hold)
	says(t, conn, "wait")
	if took := time.Since(began); took < hold {
		t.Errorf("answered after %v", took)
	}
}

// frame is one as PostgreSQL sends it.
func frame(kind byte, body string) []byte {
	return append(binary.BigEndian.AppendUint32([]byte{kind}, uint32(len(body)+4)), body...)
}

func TestTheAnswerToACommitIsCutOffAndNothingElse(t *testing.T) {
	long := string(bytes.Repeat([]byte("x"), 5000))
	before := append(frame('C', "INSERT 0 1\x00"), frame('D', long)...)
	g := behind(t, true, func(conn net.Conn) {
		_, _ = conn.Write(slices.Concat(before, frame('C', "COMMIT\x00")))
		echo(conn)
	})
	g.commits.Store(1)
	got, err := io.ReadAll(dial(t, g))
	if err != nil || !bytes.Equal(got, before) {
		t.Errorf("%d bytes of %d came through, %v", len(got), len(before), err)
	}
	whole := make([]byte, len(before)+len(frame('C', "COMMIT\x00")))
	if _, err := io.ReadFull(dial(t, g), whole); err != nil {
		t.Errorf("the next commit: %v", err)
	}
}

func TestAHistoryIsReadAsItWasWritten(t *testing.T) {
	path := t.TempDir() + "/ada.jsonl"
	h, err := newHistory(path, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range everyday {
		h.add(r)
	}
	if err := h.close(); err != nil {
		t.Fatal(err)
	}
	n := 0
	for r, err := range readHistory(path) {
		if err != nil || r.Seq != everyday[n].Seq || r.Op != everyday[n].Op || r.Text != everyday[n].Text {
			t.Fatalf("line %d is %+v, %v", n, r, err)
		}
		n++
	}
	if n != len(everyday) {
		t.Errorf("%d records of %d", n, len(everyday))
	}
	for _, err := range readHistory(path + ".none") {
		if err == nil {
			t.Error("a history that is not there was read")
		}
	}
}
