package postgrestest

import (
	"io"
	"os/exec"
	"syscall"
)

// janitor is a process that ends a server and removes its folder when the
// test program is done with it, or is gone, however that ended.
type janitor struct {
	dir   string
	pipe  io.WriteCloser
	child *exec.Cmd
}

func newJanitor(dir string) *janitor { return &janitor{dir: dir} }

// The script waits for the end of its input, which the test program holds.
// The kernel's stop of a frozen server must be lifted before it can end.
const cleanUp = `cat >/dev/null
first=$(head -n 1 "$0/data/postmaster.pid" 2>/dev/null)
if [ -n "$first" ]; then
	kill -QUIT "$first"; kill -CONT "$first"; pkill -CONT -P "$first"
	for _ in 1 2 3 4 5 6 7 8 9 10; do kill -0 "$first" 2>/dev/null || break; sleep 0.3; done
fi
rm -rf "$0"`

func (j *janitor) start() error {
	j.child = exec.Command("sh", "-c", cleanUp, j.dir)
	j.child.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl+C is for the tests
	var err error
	if j.pipe, err = j.child.StdinPipe(); err != nil {
		return err
	}
	return j.child.Start()
}

// remove ends the server and removes all that it kept.
func (s *Server) remove() {
	if s.child != nil {
		_ = s.stop(Crash)
	}
	_ = s.janitor.pipe.Close()
	_ = s.janitor.child.Wait()
}
