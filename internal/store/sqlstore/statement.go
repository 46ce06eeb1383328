package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"sync"
)

// querier runs SQL: on the writer's connection, in a reading transaction, or
// on any connection of the pool. Texts are constants, prepared once and kept.
// Errors are the driver's: see dialect.fault.
type querier interface {
	exec(query string, args ...any) (sql.Result, error)
	rows(query string, args ...any) (*sql.Rows, error)
	row(query string, args ...any) scanner
	dialect() dialect
}

// scanner is one row of an answer.
type scanner interface{ Scan(into ...any) error }

// failed is the row of a statement that could not be prepared.
type failed struct{ err error }

func (f failed) Scan(...any) error { return f.err }

// collect reads all rows of an answer.
func collect[T any](q querier, scan func(scanner) (T, error), query string, args ...any) ([]T, error) {
	rows, err := q.rows(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []T
	for rows.Next() {
		item, err := scan(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, item)
	}
	return list, rows.Err()
}

// scanOne reads a row of one column.
func scanOne[T any](s scanner) (v T, err error) { return v, s.Scan(&v) }

// affected runs a statement and tells how many rows it wrote.
func affected(q querier, query string, args ...any) (int64, error) {
	result, err := q.exec(query, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// run runs a statement for its effect.
func run(q querier, query string, args ...any) error {
	_, err := q.exec(query, args...)
	return err
}

// statements are the prepared statements of one connection or pool, by text.
// There are as many as this package has texts.
type statements struct {
	d    dialect
	from interface {
		PrepareContext(context.Context, string) (*sql.Stmt, error)
	}
	mu     sync.Mutex
	byText map[string]*sql.Stmt // guarded by mu
}

// of gives the prepared statement of a text. Two callers may prepare the
// same one at once; the second is thrown away.
func (s *statements) of(ctx context.Context, query string) (*sql.Stmt, error) {
	s.mu.Lock()
	stmt := s.byText[query]
	s.mu.Unlock()
	if stmt != nil {
		return stmt, nil
	}
	stmt, err := s.from.PrepareContext(ctx, s.d.rewrite(query))
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if first := s.byText[query]; first != nil {
		return first, stmt.Close()
	}
	s.byText[query] = stmt
	return stmt, nil
}

func (s *statements) close() error {
	var errs []error
	for _, stmt := range s.byText {
		errs = append(errs, stmt.Close())
	}
	return errors.Join(errs...)
}

// bound is a querier over prepared statements, in a transaction if tx is set.
type bound struct {
	ctx   context.Context
	stmts *statements
	tx    *sql.Tx
}

func (b *bound) dialect() dialect { return b.stmts.d }

func (b *bound) stmt(query string) (*sql.Stmt, error) {
	stmt, err := b.stmts.of(b.ctx, query)
	if err == nil && b.tx != nil {
		stmt = b.tx.StmtContext(b.ctx, stmt)
	}
	return stmt, err
}

func (b *bound) exec(query string, args ...any) (sql.Result, error) {
	stmt, err := b.stmt(query)
	if err != nil {
		return nil, err
	}
	return stmt.ExecContext(b.ctx, args...)
}

func (b *bound) rows(query string, args ...any) (*sql.Rows, error) {
	stmt, err := b.stmt(query)
	if err != nil {
		return nil, err
	}
	return stmt.QueryContext(b.ctx, args...)
}

func (b *bound) row(query string, args ...any) scanner {
	stmt, err := b.stmt(query)
	if err != nil {
		return failed{err}
	}
	return stmt.QueryRowContext(b.ctx, args...)
}
