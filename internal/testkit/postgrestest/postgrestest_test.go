package postgrestest_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/parley-chat/parley/internal/testkit/postgrestest"
)

// query runs a statement as Parley would, within 2 s.
func query(url, statement string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(context.Background())
	_, err = conn.Exec(ctx, statement)
	return err
}

func TestAServerKeepsItsDataHoweverItIsStopped(t *testing.T) {
	s := postgrestest.Start(t)
	url := s.Database(t)
	if err := query(url, "CREATE TABLE kept (id INTEGER)"); err != nil {
		t.Fatal(err)
	}
	for _, mode := range []postgrestest.Mode{postgrestest.Fast, postgrestest.Immediate, postgrestest.Crash} {
		s.Stop(t, mode)
		if query(url, "SELECT 1") == nil {
			t.Errorf("a server stopped by %v answers", mode)
		}
		s.Run(t)
		if err := query(url, "INSERT INTO kept VALUES (1)"); err != nil {
			t.Errorf("after %v: %v", mode, err)
		}
	}
}

func TestAFrozenServerDoesNotAnswer(t *testing.T) {
	s := postgrestest.Start(t)
	url := s.Database(t)
	s.Freeze(t)
	if query(url, "SELECT 1") == nil {
		t.Error("it answers")
	}
	s.Thaw(t)
	if err := query(url, "SELECT 1"); err != nil {
		t.Error(err)
	}
}

func TestTestsHaveDatabasesOfTheirOwn(t *testing.T) {
	for range 2 {
		if err := query(postgrestest.Database(t), "CREATE TABLE mine (id INTEGER)"); err != nil {
			t.Error(err)
		}
	}
}
