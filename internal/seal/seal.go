// Package seal marks bytes that pass through hands which are not trusted, so
// that whoever holds the same key can tell them from bytes of others. A mark
// does not hide anything; Hide does. What was sealed once stays valid either
// way: a repetition looks like the original.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
)

// Size is that of a mark in bytes.
const Size = sha256.Size

// keySize is that of a key in bytes.
const keySize = 32

// Key makes and checks marks, HMAC-SHA-256, and hides and reveals, AES-256-GCM.
// The zero Key is one that everybody knows. A Key may be used from any number of goroutines.
type Key struct{ secret [keySize]byte }

// NewKey makes a random one.
func NewKey() Key {
	var k Key
	_, _ = rand.Read(k.secret[:]) // never fails
	return k
}

// ParseKey reads what Text wrote.
func ParseKey(text string) (Key, error) {
	var k Key
	secret, err := hex.DecodeString(text)
	if err != nil || len(secret) != keySize {
		return Key{}, errors.New("seal: this is no key")
	}
	copy(k.secret[:], secret)
	return k, nil
}

// Text writes the key down. It is a secret.
func (k Key) Text() string { return hex.EncodeToString(k.secret[:]) }

// Mark appends the mark of some parts to dst. Parts are told apart: "a", "b"
// has another mark than "ab".
func (k Key) Mark(dst []byte, parts ...[]byte) []byte {
	h := hmac.New(sha256.New, k.secret[:])
	var length [8]byte
	for _, part := range parts {
		binary.BigEndian.PutUint64(length[:], uint64(len(part)))
		h.Write(length[:])
		h.Write(part)
	}
	return h.Sum(dst)
}

// Holds reports whether mark is that of the parts.
func (k Key) Holds(mark []byte, parts ...[]byte) bool {
	var want [Size]byte
	return hmac.Equal(mark, k.Mark(want[:0], parts...))
}

// Hide makes plain unreadable for all who do not hold the key. about says what
// it is and who hides it, and has to be the same for Reveal; one about is good
// for four thousand million messages.
func (k Key) Hide(plain []byte, about ...[]byte) []byte {
	return k.cipher(about).Seal(nil, nil, plain, nil)
}

// Reveal gives back what Hide hid about the same, or ErrForged.
func (k Key) Reveal(hidden []byte, about ...[]byte) ([]byte, error) {
	plain, err := k.cipher(about).Open(nil, nil, hidden, nil)
	if err != nil {
		return nil, ErrForged
	}
	return plain, nil
}

// ErrForged: no holder of the key has hidden this, or about something else.
var ErrForged = errors.New("seal: not made with this key")

// cipher has a key of its own for each about, and takes a random nonce for
// each message, which it puts in front.
func (k Key) cipher(about [][]byte) cipher.AEAD {
	block, err := aes.NewCipher(k.Mark(nil, append([][]byte{[]byte("hide")}, about...)...))
	if err != nil {
		panic(err) // cannot happen: a mark has the size of a key
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err) // cannot happen: AES has the block size of GCM
	}
	return aead
}
