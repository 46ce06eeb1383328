package password

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"time"
)

// Errors of Hasher.
var (
	// ErrBusy means that the queue is full, or that the turn did not come in
	// time. Nothing was compared; the same call may succeed in a moment.
	ErrBusy = errors.New("password: too many log-ins at once")

	// ErrTooLong means that a password to be hashed is longer than MaxBytes.
	// Check says so first.
	ErrTooLong = errors.New("password: too long")
)

// Options of a Hasher. Zero values mean the defaults.
type Options struct {
	Slots    int           // hashes at a time, 19 MiB each; 2
	Waiting  int           // calls that may wait for a slot; 64
	Patience time.Duration // how long a call waits; 2 s
	Random   io.Reader     // source of salts, safe for concurrent use; crypto/rand
}

// Hasher hashes and verifies passwords, a few at a time. A call that finds all
// slots taken waits in line; the line is bounded in length and time, so that a
// flood of log-ins neither eats the memory nor makes everybody wait. Safe for
// concurrent use. It starts no goroutine: work is done by the caller.
type Hasher struct {
	random   io.Reader
	patience time.Duration
	slots    chan struct{} // holds one token a running hash
	line     chan struct{} // holds one token a running or waiting call
}

// New returns a Hasher.
func New(o Options) *Hasher {
	if o.Slots <= 0 {
		o.Slots = 2
	}
	if o.Waiting <= 0 {
		o.Waiting = 64
	}
	if o.Patience <= 0 {
		o.Patience = 2 * time.Second
	}
	if o.Random == nil {
		o.Random = rand.Reader
	}
	return &Hasher{
		random:   o.Random,
		patience: o.Patience,
		slots:    make(chan struct{}, o.Slots),
		line:     make(chan struct{}, o.Slots+o.Waiting),
	}
}

// Hash returns the string to store for a password. It does not judge the
// password (see Check), but refuses one above MaxBytes with ErrTooLong.
// Other errors are ErrBusy, the context's, or that of the random source.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	if len(password) > MaxBytes {
		return "", ErrTooLong
	}
	release, err := h.acquire(ctx)
	if err != nil {
		return "", err
	}
	defer release()
	salt := make([]byte, saltLength)
	if _, err := io.ReadFull(h.random, salt); err != nil {
		return "", fmt.Errorf("password: make a salt: %w", err)
	}
	return newArgon2id(prepare(password), salt).String(), nil
}

// Verify reports whether the password matches a stored string, and if so
// whether the string is to be replaced by a new Hash of it. A string of kind
// None matches nothing, after the work of a real comparison.
//
// Errors are ErrBusy, ErrEncoding and the context's; ok is false then. A
// password above MaxBytes never matches.
func (h *Hasher) Verify(ctx context.Context, encoded, password string) (ok, rehash bool, err error) {
	matches, err := comparison(encoded)
	if err != nil {
		return false, false, err
	}
	if len(password) > MaxBytes {
		return false, false, nil
	}
	release, err := h.acquire(ctx)
	if err != nil {
		return false, false, err
	}
	defer release()
	ok = matches(password)
	return ok, ok && NeedsRehash(encoded), nil
}

// VerifyDummy does the work of Verify against nobody's hash, so that a log-in
// with an unknown name takes as long as one with a wrong password. Its errors
// are those of Verify.
func (h *Hasher) VerifyDummy(ctx context.Context, password string) error {
	_, _, err := h.Verify(ctx, "", password)
	return err
}

// comparison returns the function that compares a password with the stored
// string, ErrEncoding if there is none.
func comparison(encoded string) (func(password string) bool, error) {
	switch Recognise(encoded) {
	case None:
		return func(password string) bool {
			newArgon2id(prepare(password), make([]byte, saltLength))
			return false
		}, nil
	case Argon2id:
		hash, err := parseArgon2id(encoded)
		return func(password string) bool { return hash.matches(prepare(password)) }, err
	case Django:
		hash, err := parseDjango(encoded)
		return hash.matches, err
	}
	return nil, ErrEncoding
}

// acquire waits for a slot and returns what gives it back.
func (h *Hasher) acquire(ctx context.Context) (release func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	select {
	case h.line <- struct{}{}:
	default:
		return nil, ErrBusy
	}
	timer := time.NewTimer(h.patience)
	defer timer.Stop()
	select {
	case h.slots <- struct{}{}:
		return func() { <-h.slots; <-h.line }, nil
	case <-timer.C:
		err = ErrBusy
	case <-ctx.Done():
		err = ctx.Err()
	}
	<-h.line
	return nil, err
}
