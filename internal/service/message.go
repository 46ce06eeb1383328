package service

import (
	"context"
	"strconv"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/store"
)

// Page gives a piece of a room's history.
func (s *Service) Page(ctx context.Context, p chat.Principal, room chat.RoomID, q chat.PageQuery) (chat.Page, error) {
	return s.store.Page(ctx, store.Visit{Viewer: p.User.ID, Room: room}, q)
}

// Message gives one message.
func (s *Service) Message(ctx context.Context, p chat.Principal, room chat.RoomID, seq chat.Seq) (chat.Message, error) {
	return s.store.Message(ctx, store.Visit{Viewer: p.User.ID, Room: room}, seq)
}

// Post queues a message and returns; done is called once, after the commit
// or the refusal, and must not block. The posts of one caller are committed
// in the order of the calls.
func (s *Service) Post(p chat.Principal, room chat.RoomID, d chat.Draft, done func(chat.Message, error)) {
	if err := s.checkPost(p, d); err != nil {
		done(chat.Message{}, err)
		return
	}
	s.store.Append(store.Append{
		Actor: p.User.ID, Room: room, Change: chat.PostMessage{Draft: d},
		Done: func(a store.Appended, err error) { done(a.Message, err) },
	})
}

// PostMessage posts and waits. Repeated: the key was known, and this is the
// message that it first sent.
func (s *Service) PostMessage(ctx context.Context, p chat.Principal, room chat.RoomID, d chat.Draft) (m chat.Message, repeated bool, err error) {
	if err := s.checkPost(p, d); err != nil {
		return chat.Message{}, false, err
	}
	a, err := s.append(ctx, p, room, chat.PostMessage{Draft: d})
	return a.Message, a.Repeated, err
}

func (s *Service) checkPost(p chat.Principal, d chat.Draft) error {
	if err := chat.JoinFields(chat.CheckKey(d.Key), chat.CheckText(d.Text), checkReply(d.ReplyTo)); err != nil {
		return err
	}
	return s.limitMessages(p.User)
}

func checkReply(seq chat.Seq) error {
	if seq < 0 {
		return chat.FieldProblem("reply_to", "bad_seq", "A message's seq is a whole number from 1.")
	}
	return nil
}

// limitMessages counts against what one person may write.
func (s *Service) limitMessages(u chat.User) error {
	limit := s.messages
	if u.Role == chat.RoleBot {
		limit = s.bots
	}
	if limit == nil {
		return nil
	}
	ok, wait := limit.Allow(strconv.FormatInt(int64(u.ID), 36), s.now(), 1)
	if ok {
		return nil
	}
	return &chat.Error{
		Kind: chat.TooMany, Code: "too_many_messages", RetryAfter: wait,
		Detail: "You write faster than this server allows. Wait a moment; the same key can be used again.",
	}
}

// EditMessage gives one's message another text.
func (s *Service) EditMessage(ctx context.Context, p chat.Principal, room chat.RoomID, seq chat.Seq, text string) (chat.Message, error) {
	if err := chat.CheckText(text); err != nil {
		return chat.Message{}, err
	}
	if err := s.limitMessages(p.User); err != nil {
		return chat.Message{}, err
	}
	a, err := s.append(ctx, p, room, chat.EditMessage{Seq: seq, Text: text})
	return a.Message, err
}

// DeleteMessage takes a message back, for ever.
func (s *Service) DeleteMessage(ctx context.Context, p chat.Principal, room chat.RoomID, seq chat.Seq) error {
	_, err := s.append(ctx, p, room, chat.DeleteMessage{Seq: seq})
	return err
}

// React puts an emoji under a message, Unreact takes one's own away.
func (s *Service) React(ctx context.Context, p chat.Principal, room chat.RoomID, seq chat.Seq, emoji string) error {
	return s.react(ctx, p, room, emoji, chat.AddReaction{Seq: seq, Emoji: emoji})
}

// Unreact takes one's emoji away again.
func (s *Service) Unreact(ctx context.Context, p chat.Principal, room chat.RoomID, seq chat.Seq, emoji string) error {
	return s.react(ctx, p, room, emoji, chat.RemoveReaction{Seq: seq, Emoji: emoji})
}

func (s *Service) react(ctx context.Context, p chat.Principal, room chat.RoomID, emoji string, change chat.Change) error {
	if err := chat.CheckEmoji(emoji); err != nil {
		return err
	}
	if err := s.limitMessages(p.User); err != nil {
		return err
	}
	_, err := s.append(ctx, p, room, change)
	return err
}

func (s *Service) append(ctx context.Context, p chat.Principal, room chat.RoomID, change chat.Change) (store.Appended, error) {
	return store.AppendWait(ctx, s.store, p.User.ID, room, change)
}
