package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"regexp"
	"sync"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
)

// lease is a connection while a run has it.
type lease struct {
	pool  *pool
	conn  *sql.Conn
	owned *permit.Owned
	id    int64
	turn  chan struct{} // held by who uses the connection

	once  sync.Once
	mu    sync.Mutex
	spoil bool // the connection must not go back
}

// state are statements that leave something behind on their connection, which
// the next run must not find.
var state = regexp.MustCompile(`(?i)^\s*(set|use|listen|lock|prepare|declare|load|do|call|begin|start)\b|\b(pragma|temp|temporary|set_config|advisory_lock|pg_advisory_lock\w*|get_lock|vacuum)\b`)

func (l *lease) noteState(statement string) {
	if state.MatchString(statement) && !l.pool.private {
		l.drop()
	}
}

// drop has the connection closed instead of going back to the pool.
func (l *lease) drop() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.spoil = true
}

// Close gives the connection back.
func (l *lease) Close() error {
	l.once.Do(func() {
		l.mu.Lock()
		spoil := l.spoil
		l.mu.Unlock()
		if spoil {
			_ = l.conn.Raw(func(any) error { return driver.ErrBadConn }) // has it closed
		}
		_ = l.conn.Close() // an error says that it is closed already
		l.pool.free.Release(1)
	})
	return nil
}

// release gives the connection back before the run ends.
func (l *lease) release() { _ = l.owned.Close() }

// use waits for those that use the connection; its result lets the next do so.
func (l *lease) use(ctx context.Context) (func(), error) {
	select {
	case l.turn <- struct{}{}:
		return func() { <-l.turn }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// killTime bounds the request to end a statement.
const killTime = 3 * time.Second

// failed words an error, and ends on the server what ctx has ended here.
func (l *lease) failed(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		l.drop()
		if kill := l.pool.flavour.kill; kill != nil && l.id != 0 {
			late, stop := context.WithTimeout(context.WithoutCancel(ctx), killTime)
			defer stop()
			kill(late, l.pool, l.id)
		}
		return context.Cause(ctx)
	}
	return l.pool.failed(ctx, err)
}

// Error is what a database or its driver says, with the code that scripts see:
// SQLSTATE of PostgreSQL and MySQL, SQLite's name, or the system's.
type Error struct {
	Code    string
	Details map[string]any
	Err     error
}

func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns what the driver says.
func (e *Error) Unwrap() error { return e.Err }

// ErrorName is the name of the Error that scripts see.
func (e *Error) ErrorName() string { return "SqlError" }

// ErrorCode is its property code.
func (e *Error) ErrorCode() string { return e.Code }

// Properties are its further properties.
func (e *Error) Properties() map[string]any { return e.Details }

func (p *pool) failed(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if said := permit.Said(err); said != nil {
		return said
	}
	var known *Error
	switch {
	case errors.As(err, &known):
		return err
	case ctx.Err() != nil:
		return context.Cause(ctx)
	}
	code, details := p.flavour.failure(err)
	if code == "" {
		code = permit.NetworkCode(err)
	}
	return &Error{Code: code, Details: details, Err: err}
}
