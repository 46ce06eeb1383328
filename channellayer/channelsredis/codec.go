package channelsredis

import (
	"crypto/aes"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/parley-chat/parley/channellayer"
	"github.com/parley-chat/parley/channellayer/internal/msgpack"
)

// codec turns messages into bodies and back: MessagePack, or a token with it.
type codec struct {
	keys   []fernetKey
	random io.Reader
	now    func() time.Time // Redis's time
	maxAge time.Duration    // of a token; 0: no limit
}

func newCodec(o *Options, now func() time.Time, maxAge time.Duration) *codec {
	c := &codec{random: o.Random, now: now, maxAge: maxAge}
	for _, text := range o.Keys {
		c.keys = append(c.keys, newFernetKey(text))
	}
	return c
}

// encode returns prefix random bytes and the body of a message.
func (c *codec) encode(prefix int, m channellayer.Message, extra ...channellayer.Field) (string, error) {
	const room = 128 // for the extra fields
	buffer := make([]byte, prefix, prefix+m.Size()+room)
	if _, err := io.ReadFull(c.random, buffer); err != nil {
		return "", fmt.Errorf("channelsredis: random bytes: %w", err)
	}
	if len(c.keys) == 0 {
		return string(msgpack.Append(buffer, m, extra...)), nil
	}
	var iv [aes.BlockSize]byte
	if _, err := io.ReadFull(c.random, iv[:]); err != nil {
		return "", fmt.Errorf("channelsredis: random bytes: %w", err)
	}
	token := c.keys[0].seal(msgpack.Append(nil, m, extra...), c.now(), iv)
	return string(append(buffer, token...)), nil
}

var errShort = errors.New("channelsredis: shorter than its random bytes")

// decode reads what encode writes. Names are those of the receiving channels,
// if the body says any.
func (c *codec) decode(prefix int, member string) (m channellayer.Message, names []string, err error) {
	if len(member) < prefix {
		return m, nil, errShort
	}
	body := member[prefix:]
	if len(c.keys) > 0 {
		plain, err := openAny(c.keys, body, c.now(), c.maxAge)
		if err != nil {
			return m, nil, err
		}
		body = string(plain)
	}
	fields, err := msgpack.DecodeFields(body)
	if err != nil {
		return m, nil, err
	}
	rest := make([]channellayer.Field, 0, len(fields))
	for _, f := range fields {
		if f.Key == channellayer.ReservedKey {
			names = receivers(f.Value)
			continue
		}
		rest = append(rest, f)
	}
	m = channellayer.NewMessage(rest...)
	return m, names, m.Err()
}

// receivers reads the field of names: a text from send, a list from group_send.
func receivers(v channellayer.Value) []string {
	if name, ok := v.Text(); ok {
		return []string{name}
	}
	items, _ := v.List()
	names := make([]string, 0, len(items))
	for _, item := range items {
		if name, ok := item.Text(); ok {
			names = append(names, name)
		}
	}
	return names
}
