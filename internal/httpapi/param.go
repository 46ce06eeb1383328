package httpapi

import (
	"errors"
	"net/url"
	"strconv"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/store"
)

// noRoom is no room's id.
const noRoom chat.RoomID = 0

// inRoom makes a handler of one that acts in the room of the path, which is
// named by id or slug. A slug that no room has goes the same way as one of a
// hidden room: were it refused here, what else is wrong with the request
// would tell the two apart.
func (s *Server) inRoom(do func(*call, chat.RoomID) (answer, error)) handler {
	return func(c *call) (answer, error) {
		room, err := s.Service.FindRoom(c.Context(), c.PathValue("room"))
		if errors.Is(err, chat.ErrNotFound) {
			room, err = noRoom, nil
		}
		if err != nil {
			return answer{}, err
		}
		return do(c, room)
	}
}

// withInRoom is inRoom for a handler that takes a body.
func withInRoom[In any](s *Server, do func(*call, chat.RoomID, In) (answer, error)) handler {
	return s.inRoom(func(c *call, room chat.RoomID) (answer, error) {
		return with(func(c *call, in In) (answer, error) { return do(c, room, in) })(c)
	})
}

// onMessage is inRoom for a handler that acts on the message of the path.
func (s *Server) onMessage(do func(*call, chat.RoomID, chat.Seq) (answer, error)) handler {
	return s.inRoom(func(c *call, room chat.RoomID) (answer, error) {
		seq, err := c.pathID("seq")
		if err != nil {
			return answer{}, err
		}
		return do(c, room, chat.Seq(seq))
	})
}

// maxID is the largest number that JavaScript can hold.
const maxID = 1<<53 - 1

// pathID reads an id from the path. One that is none names nothing.
func (c *call) pathID(name string) (int64, error) {
	id, valid := whole(c.PathValue(name))
	if !valid || id < 1 || id > maxID {
		return 0, chat.ErrNotFound
	}
	return id, nil
}

// whole reads a whole number in the one way in which it is written: without
// a plus and without zeros in front.
func whole(text string) (n int64, valid bool) {
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil && strconv.FormatInt(n, 10) == text
}

// query reads parameters of the address. The first thing that is wrong is
// kept in err.
type query struct {
	values url.Values
	err    error
}

func (c *call) query() *query {
	values, err := url.ParseQuery(c.URL.RawQuery)
	if err != nil {
		err = &chat.Error{Kind: chat.Invalid, Code: "bad_query", Detail: "What follows the ? of the address cannot be read."}
	}
	return &query{values, err}
}

// number reads a whole number from least to most; sent tells whether there is
// one.
func (q *query) number(name string, least, most int64) (n int64, sent bool) {
	if !q.values.Has(name) || q.err != nil {
		return 0, false
	}
	n, valid := whole(q.values[name][0])
	if !valid || n < least || n > most || len(q.values[name]) > 1 {
		q.err = chat.FieldProblem(name, "bad_number", "It must be one whole number from "+
			strconv.FormatInt(least, 10)+" to "+strconv.FormatInt(most, 10)+".")
		return 0, false
	}
	return n, true
}

// cursor reads limit and cursor of a list.
func (q *query) cursor() store.Cursor {
	c := store.Cursor{Limit: chat.MaxPage}
	if limit, sent := q.number("limit", 1, chat.MaxPage); sent {
		c.Limit = int(limit)
	}
	c.After, _ = q.number("cursor", 1, maxID)
	return c
}

// next gives the cursor of the following piece, after the last id of a full
// one; empty when this piece is the last.
func next[T any](piece []T, c store.Cursor, id func(T) int64) string {
	if len(piece) < c.Limit {
		return ""
	}
	return strconv.FormatInt(id(piece[len(piece)-1]), 10)
}
