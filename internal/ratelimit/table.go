package ratelimit

import (
	"container/list"
	"crypto/sha256"
)

// maxKeyLength is the longest key kept as it is, in bytes. Keys come from
// outside (account names that somebody tries): longer ones are hashed, so that
// a full table has a known size.
const maxKeyLength = 64

// table is a map of at most size entries that forgets the one that was not
// used for longest. It is not safe for concurrent use.
type table[V any] struct {
	size    int
	entries map[string]*list.Element // of *row[V]
	used    *list.List               // most recently used first
}

type row[V any] struct {
	key   string
	value V
}

func newTable[V any](size int) *table[V] {
	return &table[V]{
		size:    max(size, 1),
		entries: make(map[string]*list.Element),
		used:    list.New(),
	}
}

// find returns the value under key, nil when there is none. It does not count
// as a use.
func (t *table[V]) find(key string) *V {
	element, ok := t.entries[shortKey(key)]
	if !ok {
		return nil
	}
	return &element.Value.(*row[V]).value
}

// use returns the value under key, made if there is none, and counts as a use.
// When the table is full, the entry idle for longest makes room.
func (t *table[V]) use(key string) *V {
	key = shortKey(key)
	if element, ok := t.entries[key]; ok {
		t.used.MoveToFront(element)
		return &element.Value.(*row[V]).value
	}
	if len(t.entries) >= t.size {
		t.drop(t.used.Back())
	}
	added := &row[V]{key: key}
	t.entries[key] = t.used.PushFront(added)
	return &added.value
}

func (t *table[V]) remove(key string) {
	if element, ok := t.entries[shortKey(key)]; ok {
		t.drop(element)
	}
}

// sweep drops up to n of the entries idle for longest, as long as they say
// nothing any more. Called with every use, it keeps the table near the number
// of keys that matter without a goroutine.
func (t *table[V]) sweep(n int, spent func(*V) bool) {
	for range n {
		oldest := t.used.Back()
		if oldest == nil || !spent(&oldest.Value.(*row[V]).value) {
			return
		}
		t.drop(oldest)
	}
}

func (t *table[V]) drop(element *list.Element) {
	delete(t.entries, element.Value.(*row[V]).key)
	t.used.Remove(element)
}

func shortKey(key string) string {
	if len(key) <= maxKeyLength {
		return key
	}
	sum := sha256.Sum256([]byte(key))
	return string(sum[:])
}
