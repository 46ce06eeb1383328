package prove

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"iter"
	"os"
	"sync"
	"time"
)

// What a line of a history tells.
const (
	recordAsk     = "ask"     // the person wants something: Act numbers it
	recordReply   = "reply"   // one attempt at Act has come to an end
	recordEvent   = "event"   // an event of a room's log was delivered
	recordSkip    = "skip"    // the numbers From to Seq were said to be nothing
	recordResumed = "resumed" // a connection begins
	recordRemoved = "removed" // the person was told not to be in a room any more
	recordReload  = "reload"  // the person was told that a room's history was replaced
	recordEnded   = "ended"   // a connection ended
)

// How an attempt ended.
const (
	replyOK      = "ok"
	replyRefused = "no"    // for good
	replyLater   = "later" // refused, and not done
	replyUnknown = "?"     // nobody knows whether it was done
)

// Record is one line of a person's history. Which fields are set depends on
// What.
type Record struct {
	At   int64  `json:"t"` // microseconds since the run began
	What string `json:"w"`
	Act  int64  `json:"a,omitempty"`

	Op     string `json:"op,omitempty"`
	Room   int64  `json:"r,omitempty"`
	Seq    int64  `json:"s,omitempty"` // of the event or message; of an ask, the message that it is about
	From   int64  `json:"from,omitempty"`
	Target int64  `json:"m,omitempty"` // the message that an event is about
	User   int64  `json:"u,omitempty"` // who did what the event tells; who joined or left
	Key    string `json:"k,omitempty"`
	Text   string `json:"x,omitempty"` // digest of a text
	Emoji  string `json:"e,omitempty"`
	Hash   string `json:"h,omitempty"` // digest of everything that an event tells
	Made   int64  `json:"c,omitempty"` // when a message was made, by its server: milliseconds since 1970

	Node   int    `json:"n,omitempty"` // from 1
	Reply  string `json:"reply,omitempty"`
	Code   string `json:"code,omitempty"`
	Reason string `json:"why,omitempty"`

	Asked    map[int64]int64 `json:"asked,omitempty"`    // resumed: the person's cursors
	Answered map[int64]Place `json:"answered,omitempty"` // resumed: the server's
}

// Place is where a room is, as the answer to a resume tells.
type Place struct {
	Seq    int64  `json:"s"`
	Epoch  string `json:"e"`
	Reload bool   `json:"reload,omitempty"`
}

// digest is short for what is too long to keep.
func digest(text string) string {
	h := fnv.New64a()
	_, _ = io.WriteString(h, text) // never fails
	return fmt.Sprintf("%016x", h.Sum64())
}

// history is a person's file. Records are written in the order in which they
// come. It is safe for concurrent use.
type history struct {
	path  string
	began time.Time

	mu   sync.Mutex
	file *os.File      // guarded by mu
	w    *bufio.Writer // guarded by mu
	err  error         // guarded by mu; the first
}

func newHistory(path string, began time.Time) (*history, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	return &history{path: path, began: began, file: file, w: bufio.NewWriterSize(file, 32<<10)}, nil
}

// add notes a record with the present time.
func (h *history) add(r Record) {
	h.mu.Lock()
	defer h.mu.Unlock()
	r.At = time.Since(h.began).Microseconds()
	line, err := json.Marshal(r)
	if err == nil {
		_, err = h.w.Write(append(line, '\n'))
	}
	h.err = errors.Join(h.err, err)
}

func (h *history) close() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return errors.Join(h.err, h.w.Flush(), h.file.Close())
}

// readHistory gives the records of a file, and an error with the last one if
// it cannot be read to its end.
func readHistory(path string) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		file, err := os.Open(path)
		if err != nil {
			yield(Record{}, err)
			return
		}
		defer file.Close()
		decoder := json.NewDecoder(bufio.NewReaderSize(file, 256<<10))
		for {
			var r Record
			err := decoder.Decode(&r)
			if errors.Is(err, io.EOF) || !yield(r, err) || err != nil {
				return
			}
		}
	}
}
