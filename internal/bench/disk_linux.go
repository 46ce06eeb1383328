package bench

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

const (
	diskTime  = 500 * time.Millisecond
	diskBlock = 4096
)

// diskTimes measures what no answer can be quicker than: adding a block to a
// file and having it safe on the disk, one after the other.
func diskTimes(folder string) (q *Quantiles, err error) {
	path := filepath.Join(folder, "disk")
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("bench: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close(), os.Remove(path)) }()
	var times []time.Duration
	for began := time.Now(); time.Since(began) < diskTime; {
		start := time.Now()
		if _, err := file.Write(filler(diskBlock)); err != nil {
			return nil, fmt.Errorf("bench: %w", err)
		}
		if err := file.Sync(); err != nil {
			return nil, fmt.Errorf("bench: %w", err)
		}
		times = append(times, time.Since(start))
	}
	found := QuantilesOf(times)
	return &found, nil
}
