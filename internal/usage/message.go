package usage

import (
	"encoding/json"

	"github.com/parley-chat/parley/channellayer"
	"github.com/parley-chat/parley/internal/ratelimit"
	"github.com/parley-chat/parley/internal/seal"
)

// messageType is that of our messages on the layer.
const messageType = "limits.used"

// news is what a message says. On the layer it is hidden: it names people and
// addresses.
type news struct {
	Number uint64 `json:"number"` // counts up in each node, from 1
	Limit  string `json:"limit"`
	Uses   []use  `json:"uses"`
}

// use is a ratelimit.Use, whose key is not always text.
type use struct {
	Key     []byte `json:"key"`
	N       int    `json:"n,omitempty"`
	Cleared bool   `json:"cleared,omitempty"`
}

func packed(uses []ratelimit.Use) []use {
	all := make([]use, len(uses))
	for i, u := range uses {
		all[i] = use{[]byte(u.Key), u.N, u.Cleared}
	}
	return all
}

func (u use) unpacked() ratelimit.Use {
	return ratelimit.Use{Key: string(u.Key), N: u.N, Cleared: u.Cleared}
}

// message hides the news in one for the layer, under our name.
func (s *Sharer) message(n news) (channellayer.Message, error) {
	text, err := json.Marshal(n)
	if err != nil {
		return channellayer.Message{}, err
	}
	return channellayer.NewMessage(
		channellayer.Text("type", messageType), channellayer.Text("node", s.channel),
		channellayer.Bytes("hidden", s.Seal.Hide(text, about(s.channel)...)),
	), nil
}

// newsIn gives what a node has hidden in a message, or seal.ErrForged.
func (s *Sharer) newsIn(m channellayer.Message, from string) (news, error) {
	hidden, ok := m.Bytes("hidden")
	if !ok || m.Type() != messageType {
		return news{}, seal.ErrForged
	}
	text, err := s.Seal.Reveal(hidden, about(from)...)
	if err != nil {
		return news{}, err
	}
	var n news
	err = json.Unmarshal(text, &n)
	return n, err
}

func about(node string) [][]byte { return [][]byte{[]byte("limits"), []byte(node)} }
