package transfer

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
)

// Compare reads both databases and tells what each holds.
func Compare(ctx context.Context, from, to Source, progress Progress) (Report, error) {
	m := &meter{what: "comparing", progress: progress}
	tables := Schema()
	for _, s := range []Source{from, to} {
		if err := m.measure(ctx, s, tables); err != nil {
			return Report{}, err
		}
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ours, theirs := newSide(from, m), newSide(to, m)
	done := make(chan error, 2)
	for _, s := range []*side{ours, theirs} { // they end with the reading, or with ctx
		go func() { done <- s.read(ctx, tables) }()
	}
	var failure error
	for range 2 {
		if err := <-done; err != nil && failure == nil {
			failure = err
			stop()
		}
	}
	if failure != nil {
		return Report{}, failure
	}
	return reportOf(tables, ours, theirs), nil
}

// Tally is what a database holds of something.
type Tally struct {
	Rows   int64
	LastID int64 // of a counted table
	Sum    Digest
}

// RoomTally is what a database holds of a room: the room itself, its log,
// members, reactions and mentions.
type RoomTally struct {
	Name     string
	Messages int64
	Events   int64 // that are no messages
	Sum      Digest
}

// side reads one database. Only one goroutine uses it.
type side struct {
	source Source
	meter  *meter
	tables map[string]Tally
	rooms  map[int64]*RoomTally
}

func newSide(s Source, m *meter) *side {
	return &side{source: s, meter: m, tables: map[string]Tally{}, rooms: map[int64]*RoomTally{}}
}

func (s *side) read(ctx context.Context, tables []Table) error {
	for _, t := range tables {
		if err := s.readTable(ctx, t); err != nil {
			return fmt.Errorf("table %s: %w", t.Name, err)
		}
	}
	return nil
}

func (s *side) readTable(ctx context.Context, t Table) (err error) {
	var tally Tally
	if t.Counted {
		if tally.LastID, err = s.source.LastID(ctx, t); err != nil {
			return err
		}
	}
	for last := Row(nil); ; {
		rows, err := s.source.Rows(ctx, t, last, batch)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			s.tables[t.Name] = tally
			return nil
		}
		for _, row := range rows {
			tally.Rows++
			sum := digest(t, row)
			tally.Sum.add(sum)
			if column := t.room(); column >= 0 {
				s.count(t, row, s.room(row[column].(int64)), sum)
			}
		}
		last = t.key(rows)
		s.meter.add(t, len(rows))
	}
}

func (s *side) room(id int64) *RoomTally {
	if s.rooms[id] == nil {
		s.rooms[id] = &RoomTally{}
	}
	return s.rooms[id]
}

// count adds a row to the tally of its room.
func (s *side) count(t Table, row Row, room *RoomTally, sum [32]byte) {
	room.Sum.add(sum)
	switch t.Name {
	case tableRooms:
		room.Name = "(deleted)"
		if slug, ok := row[1].(string); ok {
			room.Name = slug
		}
	case tableMessages:
		room.Messages++
	case tableChanges:
		room.Events++
	}
}

func reportOf(tables []Table, from, to *side) Report {
	var r Report
	for _, t := range tables {
		r.Tables = append(r.Tables, TableLine{Name: t.Name, From: from.tables[t.Name], To: to.tables[t.Name]})
	}
	ids := maps.Clone(from.rooms)
	maps.Copy(ids, to.rooms)
	for id := range ids {
		r.Rooms = append(r.Rooms, RoomLine{ID: id, From: *from.room(id), To: *to.room(id)})
	}
	slices.SortFunc(r.Rooms, func(a, b RoomLine) int { return cmp.Compare(a.ID, b.ID) })
	return r
}
