package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/parley-chat/parley/internal/transfer"
)

// Rows implements transfer.Source. Bytes that are no text, which SQLite would
// keep in one and PostgreSQL does not, are shown as U+FFFD.
func (b *Bare) Rows(ctx context.Context, t transfer.Table, after transfer.Row, limit int) (list []transfer.Row, err error) {
	rows, err := b.on.QueryContext(ctx, selectRows(t, len(after), limit), after...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		row, into := receivers(t)
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		list = append(list, row())
	}
	return list, rows.Err()
}

func selectRows(t transfer.Table, keys, limit int) string {
	condition := copied(t)
	if keys > 0 {
		condition += " AND (" + names(t.Columns[:keys]) + ") > (" + places(keys) + ")"
	}
	return fmt.Sprintf("SELECT %s FROM %s WHERE %s ORDER BY %s LIMIT %d", names(t.Columns), t.Name, condition, names(t.Columns[:t.Keys]), limit)
}

func names(columns []transfer.Column) string {
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = c.Name
	}
	return strings.Join(list, ", ")
}

// places gives "$1, $2, …".
func places(n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("$%d", i+1)
	}
	return strings.Join(list, ", ")
}

// receivers gives what a row is scanned into, and the row that then is there.
func receivers(t transfer.Table) (row func() transfer.Row, into []any) {
	for _, c := range t.Columns {
		switch c.Kind {
		case transfer.Integer:
			into = append(into, &sql.Null[int64]{})
		case transfer.Flag:
			into = append(into, &sql.Null[bool]{})
		case transfer.Text:
			into = append(into, &sql.Null[string]{})
		case transfer.Bytes:
			into = append(into, &[]byte{})
		}
	}
	return func() transfer.Row {
		row := make(transfer.Row, len(into))
		for i, value := range into {
			row[i] = received(value)
		}
		return row
	}, into
}

func received(value any) any {
	switch value := value.(type) {
	case *sql.Null[int64]:
		return orNil(*value)
	case *sql.Null[bool]:
		return orNil(*value)
	case *sql.Null[string]:
		if value.Valid {
			return sound(value.V)
		}
		return nil
	case *[]byte:
		return *value
	}
	panic(fmt.Sprintf("sqlstore: a receiver of type %T", value))
}

func orNil[T any](value sql.Null[T]) any {
	if value.Valid {
		return value.V
	}
	return nil
}

// sound makes a text one that both engines keep.
func sound(text string) string {
	if utf8.ValidString(text) && strings.IndexByte(text, 0) < 0 {
		return text
	}
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
}
