package control

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"time"
)

// socketName is the socket's file in the data directory.
const socketName = "control.sock"

// maxSocketPath is what every system can bind: 104 bytes with the NUL on
// some, 108 on others.
const maxSocketPath = 103

const dialTimeout = 2 * time.Second

// Listen opens the socket of a data directory, for its owner alone. The
// caller holds the directory's lock, so that a socket found there is one that
// a killed server left behind.
func Listen(data string) (net.Listener, error) {
	if err := Remove(data); err != nil {
		return nil, err
	}
	path, release, err := shortPath(data)
	if err != nil {
		return nil, err
	}
	defer release()
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return nil, err
	}
	// The path may be a short one that is gone by then.
	listener.SetUnlinkOnClose(false)
	if err := os.Chmod(filepath.Join(data, socketName), 0o600); err != nil {
		listener.Close()
		return nil, err
	}
	return listener, nil
}

// Remove takes the socket's file away, if it is there. Its listener leaves it
// when it closes.
func Remove(data string) error {
	err := os.Remove(filepath.Join(data, socketName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func dial(data string) (net.Conn, error) {
	path, release, err := shortPath(data)
	if err != nil {
		return nil, err
	}
	defer release()
	return net.DialTimeout("unix", path, dialTimeout)
}

// shortPath gives a path of the socket that can be bound. A longer one is
// reached through the open directory, which Linux names by its descriptor.
func shortPath(data string) (path string, release func(), err error) {
	path = filepath.Join(data, socketName)
	if len(path) <= maxSocketPath {
		return path, func() {}, nil
	}
	dir, err := os.Open(data)
	if err != nil {
		return "", nil, err
	}
	path = fmt.Sprintf("/proc/self/fd/%d/%s", dir.Fd(), socketName)
	return path, func() { dir.Close() }, nil
}
