package node_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/config"
	"github.com/parley-chat/parley/internal/control"
	"github.com/parley-chat/parley/internal/node"
	"github.com/parley-chat/parley/internal/testkit/postgrestest"
)

func withDatabase(t *testing.T, url string) config.Settings {
	s := settings(t)
	s.Database = config.Postgres(url)
	return s
}

// call makes a request as the bearer, wants the status and decodes the answer.
func call(t *testing.T, method, url, bearer, body string, want int, into any) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+bearer)
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var text bytes.Buffer
	if _, err := text.ReadFrom(answer.Body); err != nil || answer.StatusCode != want {
		t.Fatalf("%s %s: %s %s, %v", method, url, answer.Status, text.String(), err)
	}
	if err := json.Unmarshal(text.Bytes(), into); err != nil {
		t.Fatal(err)
	}
}

func TestTwoNodesShareOneDatabase(t *testing.T) {
	url := postgrestest.Database(t)
	first, second := withDatabase(t, url), withDatabase(t, url)
	a, _ := run(t, first)
	b, _ := run(t, second)
	secret := token(t, first.Data)
	var room, message struct {
		ID  json.Number `json:"id"`
		Seq int64       `json:"seq"`
	}
	call(t, "POST", a.URL()+"/api/v1/rooms", secret, `{"name":"general"}`, http.StatusCreated, &room)
	path := "/api/v1/rooms/" + room.ID.String() + "/messages"
	call(t, "POST", b.URL()+path, secret, `{"key":"0123456789abcdef","text":"from the other node"}`, http.StatusCreated, &message)
	var page struct{ Messages []struct{ Text string } }
	call(t, "GET", a.URL()+path, secret, "", http.StatusOK, &page)
	if len(page.Messages) != 1 || page.Messages[0].Text != "from the other node" {
		t.Errorf("got %+v", page)
	}
}

func TestTheSetUpAddressOfOneNodeHoldsOnTheOthers(t *testing.T) {
	database := postgrestest.Database(t)
	var nodes [2]*node.Node
	for i := range nodes {
		s := withDatabase(t, database)
		s.Addr.Host = ""
		nodes[i], _ = run(t, s)
	}
	_, token, _ := strings.Cut(nodes[0].SetupURL(), "#token=")
	form := `{"username":"ann","password":"plum tree 42 hills","token":"` + token + `"}`
	var made struct{ User struct{ Role string } }
	call(t, "POST", nodes[1].URL()+"/api/v1/setup", "", form, http.StatusCreated, &made)
	if made.User.Role != "admin" {
		t.Errorf("made %+v", made)
	}
	for i, n := range nodes {
		if address := n.SetupURL(); address != "" {
			t.Errorf("node %d still offers %s", i, address)
		}
	}
}

func TestTheShellWorksOnADatabaseWithoutAServer(t *testing.T) {
	where := withDatabase(t, postgrestest.Database(t)).Storage
	for _, name := range []string{"ann", "bob"} {
		admin, done, err := node.OpenAdmin(t.Context(), where, "", slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := admin.AddUser(t.Context(), control.NewUser{Username: name, Password: "plum tree 42 hills"}); err != nil {
			t.Error(err)
		}
		if err := done(); err != nil {
			t.Error(err)
		}
	}
}

func TestNothingFillsADatabaseThatAServerUses(t *testing.T) {
	s := withDatabase(t, postgrestest.Database(t))
	elsewhere := config.Storage{Data: t.TempDir(), Database: s.Database}
	open := func() error {
		filled, err := node.OpenStore(t.Context(), elsewhere, slog.New(slog.DiscardHandler))
		if err == nil {
			err = filled.Close()
		}
		return err
	}
	if err := open(); err != nil {
		t.Fatalf("while there is no server: %v", err)
	}
	run(t, s)
	if err := open(); !config.IsWrong(err) {
		t.Errorf("while there is one: %v", err)
	}
}

func TestANodeGoesOnWhenItsDatabaseIsBack(t *testing.T) {
	server := postgrestest.Start(t)
	n, _ := run(t, withDatabase(t, server.Database(t)))
	server.Stop(t, postgrestest.Fast)
	if status, _ := ask(t, n.URL()+"/readyz"); status != http.StatusServiceUnavailable {
		t.Errorf("without its database it answers %d", status)
	}
	server.Run(t)
	deadline := time.Now().Add(patience)
	for status := 0; status != http.StatusOK; status, _ = ask(t, n.URL()+"/readyz") {
		if time.Now().After(deadline) {
			t.Fatal("it does not become ready again")
		}
		<-time.After(20 * time.Millisecond)
	}
}

func TestADatabaseThatCannotBeUsedIsTheSettingsFault(t *testing.T) {
	server := postgrestest.Start(t)
	url := server.Database(t)
	server.Exec(t, "CREATE DATABASE latin OWNER parley ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
	for name, address := range map[string]string{
		"another encoding": url[:strings.LastIndex(url, "/")] + "/latin",
		"no such database": url[:strings.LastIndex(url, "/")] + "/none",
		"nobody listens":   "postgres://parley:hush@127.0.0.1:1/parley",
	} {
		began := time.Now()
		_, err := open(t, withDatabase(t, address))
		var wrong *config.Error
		if !errors.As(err, &wrong) || wrong.Setting != "database" || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: got %v", name, err)
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("%s: it took %v", name, took)
		}
	}
}
