package control_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/config"
	"github.com/parley-chat/parley/internal/control"
	"github.com/parley-chat/parley/internal/node"
)

const password = "plum tree 42 hills"

// both runs a test through a server's socket and without a server.
func both(t *testing.T, test func(t *testing.T, admin control.Admin)) {
	t.Run("through the socket", func(t *testing.T) {
		data := t.TempDir()
		serve(t, data)
		admin, err := control.Dial(data)
		if err != nil {
			t.Fatal(err)
		}
		defer admin.Close()
		test(t, admin)
	})
	t.Run("at once", func(t *testing.T) {
		admin, done, err := node.OpenAdmin(t.Context(), config.Storage{Data: t.TempDir()}, "https://chat.example.org", slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		test(t, admin)
		if err := done(); err != nil {
			t.Error(err)
		}
	})
}

// serve runs a server on a data directory until the test ends.
func serve(t *testing.T, data string) {
	t.Helper()
	settings := config.Default()
	settings.Addr.Port, settings.Data = 0, data
	if err := settings.PublicURL.UnmarshalText([]byte("https://chat.example.org")); err != nil {
		t.Fatal(err)
	}
	n, err := node.Open(t.Context(), node.Options{Settings: settings, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- n.Run(ctx) }() // ends with stop
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// refused checks that err is a refusal with a code, whichever way it came.
func refused(t *testing.T, err error, code string) {
	t.Helper()
	var refusal *chat.Error
	if !errors.As(err, &refusal) || refusal.Code != code {
		t.Errorf("got %v, want %s", err, code)
	}
}

func TestTheShellLooksAfterAccounts(t *testing.T) {
	both(t, func(t *testing.T, admin control.Admin) {
		ctx := t.Context()
		ann, err := admin.AddUser(ctx, control.NewUser{Username: "ann", Password: password, Admin: true})
		if err != nil || ann.Role != chat.RoleAdmin || ann.ID != 1 {
			t.Fatalf("got %+v, %v", ann, err)
		}
		_, err = admin.AddUser(ctx, control.NewUser{Username: "ANN", Password: password})
		refused(t, err, "username_taken")
		_, err = admin.AddUser(ctx, control.NewUser{Username: "ben", Password: "short"})
		refused(t, err, "invalid_fields")
		_, err = admin.DisableUser(ctx, "ann")
		refused(t, err, "last_admin")
		_, err = admin.DisableUser(ctx, "nobody")
		refused(t, err, "not_found")
		if _, err := admin.AddUser(ctx, control.NewUser{Username: "ben", Password: password}); err != nil {
			t.Fatal(err)
		}
		if ben, err := admin.DisableUser(ctx, "ben"); err != nil || !ben.Disabled {
			t.Errorf("got %+v, %v", ben, err)
		}
		if ben, err := admin.EnableUser(ctx, "Ben"); err != nil || ben.Disabled {
			t.Errorf("got %+v, %v", ben, err)
		}
		refused(t, admin.SetPassword(ctx, control.Credentials{Username: "ben", Password: "x"}), "invalid_fields")
		refused(t, admin.SetPassword(ctx, control.Credentials{Username: "carl", Password: password}), "not_found")
		if err := admin.SetPassword(ctx, control.Credentials{Username: "ben", Password: "orange sky 9 boats"}); err != nil {
			t.Error(err)
		}
		users, err := admin.Users(ctx)
		if err != nil || len(users) != 2 || users[0].Username != "ann" || users[1].Username != "ben" {
			t.Errorf("got %+v, %v", users, err)
		}
	})
}

func TestOneBadAccountDoesNotKeepTheOthersFromBeingImported(t *testing.T) {
	both(t, func(t *testing.T, admin control.Admin) {
		done, err := admin.ImportUsers(t.Context(), []control.NewUser{
			{Username: "ann", Password: password, Admin: true},
			{Username: "ben", Password: "1234"},
			{Username: "Ann", Password: password},
			{Username: "a b", Password: password},
			{Username: "carl", Password: ""},
		})
		if err != nil || len(done) != 5 {
			t.Fatalf("got %+v, %v", done, err)
		}
		if done[0].Err != nil || done[0].Weak != "" || done[1].Err != nil || done[1].Weak == "" {
			t.Errorf("the good ones: %+v", done[:2])
		}
		for i, code := range []string{"username_taken", "invalid_fields", "invalid_fields"} {
			if got := done[i+2]; got.Err == nil || got.Err.Code != code {
				t.Errorf("%s: %+v, want %s", got.Username, got, code)
			}
		}
		_, err = admin.ImportUsers(t.Context(), make([]control.NewUser, control.MaxImport+1))
		refused(t, err, "too_large")
	})
}

func TestTheShellLooksAfterRooms(t *testing.T) {
	both(t, func(t *testing.T, admin control.Admin) {
		ctx := t.Context()
		room, err := admin.AddRoom(ctx, control.NewRoom{Slug: "board", Name: "The Board", Private: true})
		if err != nil || room.Slug != "board" || room.Name != "The Board" || !room.Private || room.ID == 0 {
			t.Fatalf("got %+v, %v", room, err)
		}
		_, err = admin.AddRoom(ctx, control.NewRoom{Slug: "board"})
		refused(t, err, "slug_taken")
		_, err = admin.AddRoom(ctx, control.NewRoom{Slug: "Board"})
		refused(t, err, "invalid_fields")
		refused(t, admin.ArchiveRoom(ctx, "board"), "no_administrator")
		if _, err := admin.AddUser(ctx, control.NewUser{Username: "ann", Password: password, Admin: true}); err != nil {
			t.Fatal(err)
		}
		if err := admin.ArchiveRoom(ctx, "board"); err != nil {
			t.Error(err)
		}
		if rooms, err := admin.Rooms(ctx); err != nil || len(rooms) != 1 || !rooms[0].Archived || rooms[0].Members != 0 {
			t.Errorf("archived: %+v, %v", rooms, err)
		}
		if err := admin.RestoreRoom(ctx, "1"); err != nil {
			t.Error(err)
		}
		if rooms, err := admin.Rooms(ctx); err != nil || len(rooms) != 1 || rooms[0].Archived {
			t.Errorf("restored: %+v, %v", rooms, err)
		}
		refused(t, admin.ArchiveRoom(ctx, "none"), "not_found")
	})
}

func TestTheShellInvites(t *testing.T) {
	both(t, func(t *testing.T, admin control.Admin) {
		invite, err := admin.CreateInvite(t.Context(), control.NewInvite{Uses: 3, Life: time.Hour})
		if err != nil || !strings.HasPrefix(invite.URL, "https://chat.example.org/join/") || invite.MaxUses != 3 || invite.ExpiresAt.IsZero() {
			t.Errorf("got %+v, %v", invite, err)
		}
		_, err = admin.CreateInvite(t.Context(), control.NewInvite{Uses: -1})
		refused(t, err, "invalid_fields")
	})
}

func TestTheShellMakesAndRevokesTokens(t *testing.T) {
	both(t, func(t *testing.T, admin control.Admin) {
		ctx := t.Context()
		if _, err := admin.AddUser(ctx, control.NewUser{Username: "ann", Password: password, Admin: true}); err != nil {
			t.Fatal(err)
		}
		token, err := admin.AddToken(ctx, control.NewToken{Username: "ann", Name: "robot"})
		if err != nil || !strings.HasPrefix(token.Secret, "prl_") || token.Username != "ann" {
			t.Fatalf("got %+v, %v", token, err)
		}
		_, err = admin.AddToken(ctx, control.NewToken{Username: "nobody"})
		refused(t, err, "not_found")
		tokens, err := admin.Tokens(ctx)
		if err != nil || len(tokens) != 1 || tokens[0].ID != token.ID || tokens[0].Secret != "" || tokens[0].Name != "robot" || tokens[0].Username != "ann" {
			t.Errorf("got %+v, %v", tokens, err)
		}
		if err := admin.RevokeToken(ctx, token.ID); err != nil {
			t.Error(err)
		}
		refused(t, admin.RevokeToken(ctx, token.ID), "not_found")
	})
}

func TestTheSocketIsForItsOwnerAloneAndGoesWithTheServer(t *testing.T) {
	data := t.TempDir()
	t.Run("while it runs", func(t *testing.T) {
		serve(t, data)
		socket, err := os.Stat(filepath.Join(data, "control.sock"))
		if err != nil || socket.Mode().Perm() != 0o600 {
			t.Errorf("got %v, %v", socket, err)
		}
		if !node.Running(config.Storage{Data: data}) {
			t.Error("the server is not seen")
		}
	})
	if _, err := os.Stat(filepath.Join(data, "control.sock")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket is still there: %v", err)
	}
	if _, err := control.Dial(data); !errors.Is(err, control.ErrNoServer) {
		t.Errorf("got %v", err)
	}
	if node.Running(config.Storage{Data: data}) {
		t.Error("a stopped server is seen")
	}
}

func TestASocketLeftBehindIsReplaced(t *testing.T) {
	data := t.TempDir()
	if err := os.WriteFile(filepath.Join(data, "control.sock"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	serve(t, data)
	admin, err := control.Dial(data)
	if err != nil {
		t.Fatal(err)
	}
	admin.Close()
}

func TestADataFolderMayHaveALongName(t *testing.T) {
	data := filepath.Join(t.TempDir(), strings.Repeat("long", 40))
	serve(t, data)
	admin, err := control.Dial(data)
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	if _, err := admin.Users(t.Context()); err != nil {
		t.Error(err)
	}
}
