package realtime

import "testing"

func TestWhoLeftBeforeTheHelloIsNotWelcomed(t *testing.T) {
	s := &shard{}
	c := &conn{shard: s, state: connLeft} // as leave has it
	s.welcome(c, []byte("hello"))
	if len(s.wheel.slots[0]) != 0 || len(c.out) != 0 {
		t.Error("a connection that is gone has its turn in the wheel")
	}
}
