package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// How clients come in, and come back.

// join signs a client in for each further token and waits until all get what
// is said.
func (s *swarm) join(ctx context.Context, hosts, tokens []string) error {
	s.hosts, s.tokens = hosts, tokens
	for i := len(s.sockets); i < len(tokens); i++ {
		s.sockets = append(s.sockets, socket{room: -1})
		s.todo = append(s.todo, i)
	}
	return s.arrive(ctx)
}

// arrive waits until nobody is to be connected or on the way any more.
func (s *swarm) arrive(ctx context.Context) error {
	for len(s.todo) > 0 || s.waiting > 0 {
		if err := s.poll(time.Second); err != nil {
			return err
		}
		if err := errors.Join(ctx.Err(), s.lastWord); err != nil {
			return err
		}
	}
	return nil
}

// admit begins as many handshakes as may be on their way.
func (s *swarm) admit() error {
	for len(s.todo) > 0 && s.waiting < s.atOnce {
		i := s.todo[0]
		s.todo = s.todo[1:]
		if err := s.dial(i); err != nil {
			return err
		}
		if err := s.upgrade(i); err != nil {
			return err
		}
	}
	return nil
}

// scatter drops all but the first n, who are to come back.
func (s *swarm) scatter(n int) error {
	for i := n; i < len(s.sockets); i++ {
		if err := s.drop(i); err != nil {
			return err
		}
		s.todo = append(s.todo, i)
	}
	return nil
}

func (s *swarm) upgrade(i int) error {
	k := &s.sockets[i]
	k.stage, k.walker = upgrading, walker{}
	s.waiting++
	request := "GET /api/v1/ws HTTP/1.1\r\nHost: " + s.hosts[s.nodeOf(i)] + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: cGFybGV5IGJlbmNobWFyaw==\r\nSec-WebSocket-Protocol: parley.v1\r\n" +
		"Authorization: Bearer " + s.tokens[i] + "\r\n\r\n"
	return s.write(i, []byte(request))
}

// readHandshake gives what follows the answer to the handshake, nil while
// that is not complete.
func (s *swarm) readHandshake(i int, b []byte) ([]byte, error) {
	k := &s.sockets[i]
	k.walker.text = append(k.walker.text, b...)
	head, rest, whole := bytes.Cut(k.walker.text, []byte("\r\n\r\n"))
	if !whole {
		return nil, nil
	}
	if !bytes.HasPrefix(head, []byte("HTTP/1.1 101 ")) {
		return nil, fmt.Errorf("bench: the server refused a socket: %s", k.walker.text)
	}
	after := bytes.Clone(rest) // of the walker's own text
	k.walker = walker{keep: true}
	if s.bare {
		k.stage = greeted
		s.waiting--
		return after, nil
	}
	return after, s.resume(i)
}

// resume asks for what a client does not have yet.
func (s *swarm) resume(i int) error {
	k := &s.sockets[i]
	k.stage = resuming
	cursors := ""
	if k.room >= 0 {
		cursors = fmt.Sprintf(`"%d":%d`, s.roomOf(i).id, s.roomOf(i).head+k.got)
	}
	return s.writeText(i, fmt.Appendf(nil, `{"id":1,"op":"resume","rooms":{%s}}`, cursors))
}

// resumeAll goes on with all whose handshake was enough until now.
func (s *swarm) resumeAll(ctx context.Context) error {
	s.bare = false
	for i := range s.sockets {
		if s.sockets[i].stage != greeted {
			continue
		}
		s.waiting++
		if err := s.resume(i); err != nil {
			return err
		}
	}
	return s.arrive(ctx)
}

// readResumed learns a client's room. One that comes back knows it.
func (s *swarm) readResumed(i int, text []byte) error {
	var answer struct {
		OK struct {
			Rooms map[string]struct {
				Seq    int64
				Reload bool
			}
		}
	}
	if err := json.Unmarshal(text, &answer); err != nil || len(answer.OK.Rooms) != 1 {
		return fmt.Errorf("bench: a member of one room expected (parley demo --plain --rooms 1, or with --room-size), but the server answered %s", text)
	}
	k := &s.sockets[i]
	for name, room := range answer.OK.Rooms {
		if k.room >= 0 && room.Reload {
			return fmt.Errorf("bench: client %d is not brought up to date: %s", i+1, text)
		}
		if k.room < 0 {
			id, _ := strconv.ParseInt(name, 10, 64) // the server's keys are ids
			k.room = s.enter(id, room.Seq, s.nodeOf(i))
		}
	}
	return nil
}

// enter counts a member of a room and gives the room's index.
func (s *swarm) enter(id, head int64, node int) int {
	at := slices.IndexFunc(s.rooms, func(g gathering) bool { return g.id == id })
	if at < 0 {
		at = len(s.rooms)
		s.rooms = append(s.rooms, gathering{id: id, head: head})
	}
	s.rooms[at].members[node]++
	return at
}
