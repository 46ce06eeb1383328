package bench

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// Profiles of our own server, when they were asked for.

// startProfile has the server note what it uses its time for.
func (r *run) startProfile(ctx context.Context) error {
	if r.debug == "" {
		return nil
	}
	_, err := fetch(ctx, r.debug+"/cpu/start", "")
	return err
}

// saveProfile ends that and writes NAME.cpu.pprof.
func (r *run) saveProfile(ctx context.Context, name string) error {
	return r.save(ctx, "/cpu/stop", name+".cpu.pprof")
}

// saveHeap writes what memory holds with everybody connected, after a
// collection.
func (r *run) saveHeap(ctx context.Context) error { return r.save(ctx, "/heap", "heap.pprof") }

func (r *run) save(ctx context.Context, path, file string) error {
	if r.debug == "" {
		return nil
	}
	profile, err := fetch(ctx, r.debug+path, "")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(r.Profile, file), profile, 0o600); err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	return nil
}
