package sqlstore

import (
	"context"
	"errors"
	"slices"

	"github.com/parley-chat/parley/internal/transfer"
)

// Begin implements transfer.Destination. Settings alone do not make a
// database one that is in use: a server has some from its first start.
func (b *Bare) Begin(ctx context.Context, history string) error {
	begun, err := b.setting(ctx, settingCopy)
	if err != nil {
		return err
	}
	switch begun {
	case "":
		return b.beginAnew(ctx, history)
	case history:
		return nil
	}
	return transfer.ErrOtherSource
}

func (b *Bare) beginAnew(ctx context.Context, history string) error {
	done, err := b.setting(ctx, settingCopied)
	if err != nil {
		return err
	}
	if done == history {
		return transfer.ErrFinished
	}
	for _, t := range transfer.Schema() {
		n, err := b.Count(ctx, t)
		if err != nil {
			return err
		}
		if n > 0 && t.Name != "settings" {
			return transfer.ErrNotEmpty
		}
	}
	return b.together(ctx,
		statement{upsertSetting, []any{settingCopy, history}},
		statement{"DELETE FROM settings WHERE name IN ($1, $2, $3)", []any{settingEpoch, settingHome, settingCopied}})
}

// Finish implements transfer.Destination. Whoever opens the database next
// finds that it lies in another place than before, and gives it one more
// epoch; this one is for a copy of the copy.
func (b *Bare) Finish(ctx context.Context) error {
	epoch, err := newEpoch(b.random)
	if err != nil {
		return err
	}
	return b.together(ctx,
		statement{upsertSetting, []any{settingEpoch, epoch}},
		statement{"UPDATE settings SET name = $1 WHERE name = $2", []any{settingCopied, settingCopy}})
}

// Add implements transfer.Destination.
func (b *Bare) Add(ctx context.Context, t transfer.Table, rows []transfer.Row) error {
	return b.engine.add(ctx, b.conn, t, rows)
}

// Clear implements transfer.Destination. Settings that are not copied stay.
func (b *Bare) Clear(ctx context.Context, tables []transfer.Table) error {
	var list []statement
	for _, t := range slices.Backward(tables) { // those that refer first
		text := b.engine.clear(t.Name)
		if t.Name == "settings" {
			text = "DELETE FROM settings WHERE " + copied(t)
		}
		list = append(list, statement{text, nil})
	}
	return b.together(ctx, list...)
}

// SetLastID implements transfer.Destination.
func (b *Bare) SetLastID(ctx context.Context, t transfer.Table, id int64) error {
	var list []statement
	for _, text := range b.engine.setLastID(t.Name) {
		list = append(list, statement{text, []any{id}})
	}
	return b.together(ctx, list...)
}

type statement struct {
	text string
	args []any
}

// together runs statements in one transaction.
func (b *Bare) together(ctx context.Context, list ...statement) error {
	tx, err := b.conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	for _, s := range list {
		if _, err := tx.ExecContext(ctx, s.text, s.args...); err != nil {
			return errors.Join(err, tx.Rollback())
		}
	}
	return tx.Commit()
}
