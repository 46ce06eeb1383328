package sqlstore

import "context"

const (
	selectSetting = "SELECT value FROM settings WHERE name = $1"
	insertSetting = "INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING"
	upsertSetting = "INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
)

// Setting implements store.Settings.
func (s *Store) Setting(ctx context.Context, name string) (string, error) {
	value, err := scanOne[string](s.direct(ctx).row(selectSetting, name))
	return value, s.d.fault(err)
}

// SetSetting implements store.Settings.
func (s *Store) SetSetting(ctx context.Context, name, value string) error {
	return s.write(ctx, job{keepsFacts: true, run: func(t *tx) error {
		return run(t, upsertSetting, name, value)
	}})
}

// KeepSetting implements store.Settings.
func (s *Store) KeepSetting(ctx context.Context, name, value string) (kept string, err error) {
	err = s.write(ctx, job{keepsFacts: true, run: func(t *tx) error {
		return run(t, insertSetting, name, value)
	}})
	if err != nil {
		return "", err
	}
	return s.Setting(ctx, name)
}
