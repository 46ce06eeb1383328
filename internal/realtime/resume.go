package realtime

import (
	"context"
	"errors"
	"slices"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/planted"
	"github.com/parley-chat/parley/internal/wire"
)

// maxResumeTries bounds how often a resume begins anew because its person
// joined or left a room meanwhile.
const maxResumeTries = 8

// onResume subscribes the connection to all rooms of its person.
func (c *conn) onResume(id int64, op wire.Resume) error {
	if c.resumed {
		c.refuse(id, errResumed)
		return nil
	}
	c.awaits.Store(true)
	for range maxResumeTries {
		seated, err := c.tryResume(id, op)
		if err != nil {
			return c.turnAway(id, err)
		}
		if seated {
			c.resumed = true
			return nil
		}
	}
	return &violation{wire.CloseOverloaded, retryReason}
}

// turnAway refuses a resume, or gives back the violation that ends the
// connection.
func (c *conn) turnAway(id int64, err error) error {
	var broken *violation
	if errors.As(err, &broken) {
		return err
	}
	c.refuse(id, err)
	return nil
}

func (c *conn) tryResume(id int64, op wire.Resume) (seated bool, err error) {
	seated, err = c.trySeats(func(epoch string, places []place) []byte { return c.decide(id, op, epoch, places) })
	if errors.Is(err, errTurned) {
		c.hub.pause(c.hub.timing.HoldBack)
		return false, nil
	}
	return seated, err
}

// trySeats reads the person's rooms and takes a seat in each. It returns
// false if the list was outdated by then, and errTurned while the hub turns to
// another history.
func (c *conn) trySeats(decide func(epoch string, places []place) (answer []byte)) (seated bool, err error) {
	turned := false
	err = c.ask(func(ctx context.Context) error {
		births, era := c.hub.births.Load(), c.hub.era.Load()
		places, err := c.findPlaces(ctx, era)
		if turned = errors.Is(err, errTurned); err != nil {
			return err
		}
		defer leavePlaces(places)
		if bornAfter(births, places) {
			return nil
		}
		answer := decide(era.epoch, places)
		verdict := make(chan bool, 1)
		c.shard.command(func() { verdict <- c.shard.seat(c, era, answer, places) })
		select {
		case seated = <-verdict:
			return nil
		case <-c.hub.ctx.Done():
			return chat.ErrUnavailable
		}
	})
	if turned {
		err = errTurned
	}
	return seated, err
}

// bornAfter reports whether a room became active after the list of places was
// begun: then its person may have left in between, unheard.
func bornAfter(births int64, places []place) bool {
	return slices.ContainsFunc(places, func(at place) bool { return at.room.born > births })
}

// findPlaces gives the rooms of the person, active and as far as the database
// says.
func (c *conn) findPlaces(ctx context.Context, era *era) ([]place, error) {
	var joined []chat.RoomHead
	err := era.read(func() (err error) {
		joined, err = c.callDesk(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	joined = joined[:min(len(joined), chat.MaxMemberRooms)]
	ids := make([]chat.RoomID, len(joined))
	for i, j := range joined {
		ids[i] = j.Room
	}
	rooms, err := c.hub.enter(ctx, ids)
	if err != nil {
		return nil, err
	}
	places := make([]place, 0, len(rooms))
	for i, r := range rooms {
		if r != nil {
			places = append(places, place{room: r, head: joined[i].Head})
		}
	}
	if slices.ContainsFunc(places, func(at place) bool { return at.room.era != era }) {
		leavePlaces(places)
		return nil, errTurned
	}
	return places, awaitAll(ctx, places)
}

// awaitAll waits until the rooms have come to where the list says they are.
func awaitAll(ctx context.Context, places []place) error {
	for _, at := range places {
		if planted.Bug == planted.StaleHead {
			continue
		}
		if err := at.room.await(ctx, at.head); err != nil {
			leavePlaces(places)
			return err
		}
	}
	return nil
}

// leavePlaces releases the rooms: the seats hold them now.
func leavePlaces(places []place) {
	for _, at := range places {
		at.room.release()
	}
}

// decide says for each place where its events begin, and gives the answer
// that tells the client.
func (c *conn) decide(id int64, op wire.Resume, epoch string, places []place) (frame []byte) {
	answer := wire.Resumed{Rooms: make(map[chat.RoomID]wire.ResumedRoom, len(places))}
	for i := range places {
		at := &places[i]
		head := chat.Seq(at.room.head.Load())
		from, named := op.Cursors[at.room.id]
		room := wire.ResumedRoom{Seq: head, Epoch: epoch, Reload: !named || mustReload(from, epoch, head)}
		at.after = from.Seq
		if room.Reload {
			at.after = head
		}
		switch { // see planted.All
		case planted.Bug == planted.ResumeLate && at.after < head:
			at.after++
		case planted.Bug == planted.ResumeEarly && at.after > 0:
			at.after--
		}
		answer.Rooms[at.room.id] = room
	}
	return sealed(wire.AppendResumed(blank(64+48*len(places)), id, answer))
}

// mustReload reports whether a client cannot be brought up to date event by
// event. One that tells no epoch is believed to know this one.
func mustReload(from wire.ResumeFrom, epoch string, head chat.Seq) bool {
	return from.Epoch != "" && from.Epoch != epoch && planted.Bug != planted.EpochIgnored || from.Seq > head || head-from.Seq > chat.MaxReplay
}
