package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/config"
	"github.com/parley-chat/parley/internal/control"
)

type roomCommand struct {
	Add     roomAdd     `cmd:"" help:"Make a room. People join it, or an administrator adds them."`
	List    roomList    `cmd:"" help:"List all rooms."`
	Archive roomArchive `cmd:"" help:"Close a room for changes; it can still be read."`
	Restore roomRestore `cmd:"" help:"Open an archived room again."`
}

type roomAdd struct {
	config.Storage
	Slug    string `arg:"" help:"The room's address: a-z, 0-9, - and _."`
	Name    string `help:"What it is called; the slug by default."`
	Topic   string `help:"One line about it."`
	Private bool   `help:"Only people whom an administrator adds see it."`
}

// Run makes the room and prints its slug.
func (c *roomAdd) Run(ctx context.Context, sh *shell) error {
	return sh.administer(ctx, c.Storage, "", func(a control.Admin) error {
		room, err := a.AddRoom(ctx, control.NewRoom{Slug: c.Slug, Name: c.Name, Topic: c.Topic, Private: c.Private})
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(sh.out, room.Slug)
		return err
	})
}

type roomList struct{ config.Storage }

// Run prints a table of all rooms.
func (c *roomList) Run(ctx context.Context, sh *shell) error {
	return sh.administer(ctx, c.Storage, "", func(a control.Admin) error {
		rooms, err := a.Rooms(ctx)
		if err != nil {
			return err
		}
		rows := make([]string, len(rooms))
		for i, r := range rooms {
			rows[i] = row(r.ID, r.Slug, state(r.Private, "private"), state(r.Archived, "archived"), r.Members, r.LastSeq, r.Name)
		}
		return sh.table("ID\tROOM\tACCESS\tSTATE\tPEOPLE\tEVENTS\tNAME", rows)
	})
}

type roomArchive struct {
	config.Storage
	Slug string `arg:"" help:"The room's address or id."`
}

// Run archives the room.
func (c *roomArchive) Run(ctx context.Context, sh *shell) error {
	return sh.administer(ctx, c.Storage, "", func(a control.Admin) error {
		return noSuchRoom(c.Slug, a.ArchiveRoom(ctx, c.Slug))
	})
}

type roomRestore struct {
	config.Storage
	Slug string `arg:"" help:"The room's address or id."`
}

// Run opens the room again.
func (c *roomRestore) Run(ctx context.Context, sh *shell) error {
	return sh.administer(ctx, c.Storage, "", func(a control.Admin) error {
		return noSuchRoom(c.Slug, a.RestoreRoom(ctx, c.Slug))
	})
}

// noSuchRoom says which room a refusal is about.
func noSuchRoom(slug string, err error) error {
	if errors.Is(err, chat.ErrNotFound) {
		return fmt.Errorf("there is no room %q; see `parley room list`", slug)
	}
	return err
}
