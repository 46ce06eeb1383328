package sqlstore

import (
	"fmt"
	"time"
)

// millis and instant turn times into stored numbers and back; the zero time
// is 0.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// moment scans a stored number into a time.
type moment time.Time

// Scan implements sql.Scanner.
func (m *moment) Scan(value any) error {
	ms, ok := value.(int64)
	if !ok {
		return fmt.Errorf("sqlstore: a time is stored as %T", value)
	}
	*m = moment(instant(ms))
	return nil
}
