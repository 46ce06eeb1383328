package sqlstore

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// lockFile lies in the data directory. Its lock is the kernel's and ends
// with the process, however that ends; the file itself stays.
const lockFile = "parley.lock"

// lockDirectory makes sure that no other process uses the directory.
func lockDirectory(dir string) (*os.File, error) {
	file, err := os.OpenFile(filepath.Join(dir, lockFile), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("sqlstore: %w", err)
	}
	err = unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if err == nil {
		return file, nil
	}
	file.Close()
	if errors.Is(err, unix.EWOULDBLOCK) {
		return nil, fmt.Errorf("%w: %s", ErrInUse, dir)
	}
	return nil, fmt.Errorf("sqlstore: lock %s: %w", dir, err)
}

// ErrInUse is Open's answer when another process has the data directory.
var ErrInUse = errors.New("the data directory is in use by another parley process")
