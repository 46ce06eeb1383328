package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"golang.org/x/sys/unix"
)

// FloorResult is what it cost.
type FloorResult struct {
	Deliveries int64   `json:"deliveries"`
	CPUSeconds float64 `json:"cpu_seconds"`
	Seconds    float64 `json:"seconds"`
	// Round is how long it took to write to every socket once.
	Round Quantiles `json:"round_ms"`
}

// Floor writes prebuilt frames to sockets and does nothing else: what a
// server with these deliveries and these batches cannot go below. It prints
// its address, waits for all sockets, works, and prints the result as JSON.
func Floor(ctx context.Context, o FloorOptions, out io.Writer) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer listener.Close()
	defer context.AfterFunc(ctx, func() { listener.Close() })()
	fmt.Fprintln(out, "floor ready on", listener.Addr())
	f := floor{FloorOptions: o}
	defer f.close()
	for len(f.fds) < o.Sockets {
		if err := f.accept(listener.(*net.TCPListener)); err != nil {
			return err
		}
	}
	result, err := f.run(ctx)
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(result)
}

type floor struct {
	FloorOptions
	conns  []net.Conn
	fds    []int
	frames []byte // as many as a write can need
	owed   float64
}

// accept takes a socket's descriptor: the runtime's poller is left out.
func (f *floor) accept(listener *net.TCPListener) error {
	conn, err := listener.Accept()
	if err != nil {
		return err
	}
	f.conns = append(f.conns, conn)
	raw, err := conn.(*net.TCPConn).SyscallConn()
	if err != nil {
		return err
	}
	return raw.Control(func(fd uintptr) { f.fds = append(f.fds, int(fd)) })
}

func (f *floor) run(ctx context.Context) (FloorResult, error) {
	frame := appendPlain(nil, filler(max(f.FrameBytes-4, 1)))
	for range int(f.Batch) + 1 {
		f.frames = append(f.frames, frame...)
	}
	var result FloorResult
	var rounds []time.Duration
	began, cpu := time.Now(), ownCPU()
	due, gap := began, time.Duration(float64(time.Second)/f.Rounds)
	for time.Since(began) < f.For && ctx.Err() == nil {
		if wait := time.Until(due); wait > 0 {
			pause(ctx, wait)
		}
		due = due.Add(gap)
		n, start := f.batch(), time.Now()
		if err := f.round(f.frames[:n*len(frame)]); err != nil {
			return result, err
		}
		rounds = append(rounds, time.Since(start))
		result.Deliveries += int64(n * len(f.fds))
	}
	result.CPUSeconds, result.Seconds = ownCPU()-cpu, time.Since(began).Seconds()
	result.Round = QuantilesOf(rounds)
	return result, nil
}

// batch is the next round's number of frames: whole, and right on average.
func (f *floor) batch() int {
	f.owed += f.Batch
	n := max(int(f.owed), 1)
	f.owed -= float64(n)
	return n
}

func (f *floor) round(b []byte) error {
	for _, fd := range f.fds {
		if err := writeAll(fd, b); err != nil {
			return fmt.Errorf("bench: floor: %w", err)
		}
	}
	return nil
}

// writeAll waits for a socket that is full.
func writeAll(fd int, b []byte) error {
	for len(b) > 0 {
		n, err := unix.Write(fd, b)
		switch {
		case errors.Is(err, unix.EAGAIN):
			_, err = unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}}, 1000)
			if err != nil && !errors.Is(err, unix.EINTR) {
				return err
			}
		case err != nil && !errors.Is(err, unix.EINTR):
			return err
		}
		b = b[max(n, 0):]
	}
	return nil
}

func (f *floor) close() {
	for _, conn := range f.conns {
		conn.Close()
	}
}

// pause waits unless ctx ends before.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
