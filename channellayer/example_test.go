package channellayer_test

import (
	"context"
	"fmt"

	"github.com/parley-chat/parley/channellayer"
	"github.com/parley-chat/parley/channellayer/memory"
)

// Two channels in a group get what is sent to it; one Receive on their common
// non-local part reads both.
func Example() {
	ctx := context.Background()
	layer, err := memory.New(channellayer.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer layer.Shutdown(ctx)

	anna, _ := layer.NewChannel(ctx, "")
	ben, _ := layer.NewChannel(ctx, "")
	_ = layer.GroupAdd(ctx, "room.7", anna)
	_ = layer.GroupAdd(ctx, "room.7", ben)

	err = layer.GroupSend(ctx, "room.7", channellayer.NewMessage(
		channellayer.Text("type", "chat.message"),
		channellayer.Int("seq", 41),
		channellayer.Text("text", "hello"),
	))
	fmt.Println("sent:", err)

	for range 2 {
		channel, msg, _ := layer.Receive(ctx, channellayer.NonLocal(anna))
		text, _ := msg.Text("text")
		seq, _ := msg.Int("seq")
		fmt.Println(channel == anna, channel == ben, msg.Type(), seq, text)
	}
	_ = layer.Close(ctx, ben)
	fmt.Println("groups here:", layer.Stats().Groups, "dropped:", layer.Stats().Dropped())
	// Output:
	// sent: <nil>
	// true false chat.message 41 hello
	// false true chat.message 41 hello
	// groups here: 1 dropped: 0
}

// A normal channel is a work queue: any number of readers, each message to one.
func Example_workQueue() {
	ctx := context.Background()
	layer, err := memory.New(channellayer.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer layer.Shutdown(ctx)

	for _, size := range []int64{64, 128} {
		_ = layer.Send(ctx, "thumbnails", channellayer.NewMessage(channellayer.Int("size", size)))
	}
	for range 2 {
		_, job, _ := layer.Receive(ctx, "thumbnails")
		size, _ := job.Int("size")
		fmt.Println("make one of", size)
	}
	// Output:
	// make one of 64
	// make one of 128
}
