package redis

import (
	"errors"

	"github.com/parley-chat/parley/channellayer"
	"github.com/parley-chat/parley/channellayer/internal/msgpack"
)

// frameOverhead is more than a frame adds to a message.
const frameOverhead = 256

// hear takes what is published on the pub/sub channels of this process. It is
// called by the connections' readers and does not block.
func (l *Layer) hear(name, payload string) {
	kind, thing := l.names.parse(name)
	if kind == kindNotice {
		l.bells.ring(thing)
		return
	}
	if len(payload) > l.options.MaxMessageBytes+frameOverhead {
		l.drop(channellayer.DropMalformed)
		return
	}
	f, err := decodeFrame(payload)
	if err != nil {
		l.drop(channellayer.DropMalformed)
		return
	}
	if f.process == l.exchange.Process() {
		return // delivered when it was sent
	}
	lost := l.heard.note(name, &f)
	switch {
	case kind == kindGroup:
		l.exchange.Counters.Drop(channellayer.DropLost, lost*l.exchange.Members(thing))
		if f.kind == frameGroup {
			l.hearGroup(thing, &f)
		}
	case kind == kindProcess:
		l.exchange.Counters.Drop(channellayer.DropLost, lost)
		if f.kind == frameDirect {
			l.hearDirect(&f)
		}
	}
}

func (l *Layer) hearGroup(group string, f *frame) {
	if !l.exchange.HasGroup(group) {
		return // the last member has left, the subscription lingers
	}
	m, err := msgpack.Decode(f.body)
	if err != nil {
		l.drop(channellayer.DropMalformed)
		return
	}
	l.exchange.GroupSend(group, m)
}

func (l *Layer) hearDirect(f *frame) {
	m, err := msgpack.Decode(f.body)
	if err != nil || !channellayer.IsSpecific(f.channel) {
		l.drop(channellayer.DropMalformed)
		return
	}
	if err := l.exchange.Send(f.channel, m); errors.Is(err, channellayer.ErrFull) {
		l.press(channellayer.NonLocal(f.channel))
	}
}
