package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"

	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
)

// DB is a database as a script has it. It may be used by one run after the
// other, and is safe for concurrent use.
type DB struct {
	pools  *Pools
	source source

	mu   sync.Mutex
	run  *permit.Run
	pool *pool
}

// source finds the pool of a database for the run of ctx, and asks the door.
type source interface {
	pool(ctx context.Context, pools *Pools) (*pool, error)
}

// Drivers are the kinds of databases.
var Drivers = []string{"postgres", "mysql", "sqlite"}

// Open reads where a database is, and connects to nothing yet.
func (p *Pools) Open(kind, where string) (*DB, error) {
	var s source
	var err error
	switch kind {
	case "postgres":
		s, err = newPostgres(where)
	case "mysql":
		s, err = newMySQL(where)
	case "sqlite":
		s, err = newSQLite(where)
	default:
		return nil, fmt.Errorf("%q is no kind of database; use postgres, mysql or sqlite", kind)
	}
	if err != nil {
		return nil, err
	}
	return &DB{pools: p, source: s}, nil
}

// take takes a connection for the run of ctx.
func (d *DB) take(ctx context.Context, statement string) (*lease, error) {
	pool, err := d.poolOf(ctx)
	if err != nil {
		return nil, err
	}
	return pool.take(ctx, statement)
}

func (d *DB) poolOf(ctx context.Context) (*pool, error) {
	run := permit.From(ctx)
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.run == run && d.pool != nil {
		return d.pool, nil
	}
	found, err := d.source.pool(ctx, d.pools)
	if err != nil {
		return nil, err
	}
	if _, err := run.Own(&using{d.pools, found}); err != nil {
		return nil, err
	}
	d.run, d.pool = run, found
	return found, nil
}

// using is a run's use of a pool.
type using struct {
	pools *Pools
	pool  *pool
}

// Close ends the use.
func (u *using) Close() error {
	u.pools.put(u.pool)
	return nil
}

// Result is what a statement has done.
type Result struct {
	Rows   int64
	LastID int64
	HasID  bool
}

// Exec runs a statement.
func (d *DB) Exec(ctx context.Context, statement string, args []any) (Result, error) {
	l, err := d.take(ctx, statement)
	if err != nil {
		return Result{}, err
	}
	defer l.release()
	return l.exec(ctx, statement, args)
}

// Query runs a statement and returns its rows, which must be closed.
func (d *DB) Query(ctx context.Context, statement string, args []any) (*Rows, error) {
	l, err := d.take(ctx, statement)
	if err != nil {
		return nil, err
	}
	rows, err := l.query(ctx, statement, args)
	if err != nil {
		l.release()
		return nil, err
	}
	rows.gently = l.pool.private // its connection is all there is of the database
	rows.after = l.release
	return rows, nil
}

// Begin begins a transaction, which is rolled back when the run ends.
func (d *DB) Begin(ctx context.Context, options *sql.TxOptions) (*Tx, error) {
	l, err := d.take(ctx, "")
	if err != nil {
		return nil, err
	}
	tx, err := l.conn.BeginTx(ctx, options)
	if err != nil {
		err = l.failed(ctx, err)
		l.release()
		return nil, err
	}
	return &Tx{lease: l, tx: tx}, nil
}

// Tx is a transaction. It is safe for concurrent use, and does one thing at a
// time.
type Tx struct {
	lease *lease
	tx    *sql.Tx

	mu   sync.Mutex
	open *Rows // being read bit by bit
}

// ErrStreaming says that a transaction has rows that are being read.
var ErrStreaming = errors.New("the rows of a stream of this transaction are not all read: its connection does one thing at a time; read them into an array first")

func (t *Tx) free() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.open != nil {
		return &Error{Code: "TX_STREAMING", Err: ErrStreaming}
	}
	return nil
}

// Exec runs a statement.
func (t *Tx) Exec(ctx context.Context, statement string, args []any) (Result, error) {
	if err := t.free(); err != nil {
		return Result{}, err
	}
	t.lease.noteState(statement)
	return t.lease.exec(ctx, statement, args)
}

// Query runs a statement; stream says that its rows are read bit by bit.
func (t *Tx) Query(ctx context.Context, statement string, args []any, stream bool) (*Rows, error) {
	if err := t.free(); err != nil {
		return nil, err
	}
	t.lease.noteState(statement)
	rows, err := t.lease.query(ctx, statement, args)
	if err == nil {
		rows.gently = true
	}
	if err == nil && stream {
		t.setOpen(rows)
		rows.after = func() { t.setOpen(nil) }
	}
	return rows, err
}

func (t *Tx) setOpen(rows *Rows) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.open = rows
}

// stopReading ends a stream that is left open.
func (t *Tx) stopReading() {
	t.mu.Lock()
	rows := t.open
	t.mu.Unlock()
	if rows != nil {
		rows.stop()
		rows.Close()
	}
}

// Commit ends the transaction well.
func (t *Tx) Commit(ctx context.Context) error {
	if err := t.free(); err != nil {
		return err
	}
	done, err := t.lease.use(ctx)
	if err != nil {
		return err
	}
	defer t.lease.release()
	defer done()
	return t.lease.failed(ctx, t.tx.Commit())
}

// Rollback undoes the transaction.
func (t *Tx) Rollback(ctx context.Context) error {
	t.stopReading()
	done, err := t.lease.use(ctx)
	if err != nil {
		return err
	}
	defer t.lease.release()
	defer done()
	return t.lease.failed(ctx, t.tx.Rollback())
}

func (l *lease) exec(ctx context.Context, statement string, args []any) (Result, error) {
	done, err := l.use(ctx)
	if err != nil {
		return Result{}, err
	}
	defer done()
	result, err := l.conn.ExecContext(ctx, statement, l.arguments(args)...)
	if err != nil {
		return Result{}, l.failed(ctx, err)
	}
	var r Result
	if r.Rows, err = result.RowsAffected(); err != nil {
		return Result{}, l.failed(ctx, err)
	}
	if id, err := result.LastInsertId(); err == nil { // PostgreSQL has none
		r.LastID, r.HasID = id, true
	}
	return r, nil
}

func (l *lease) arguments(args []any) []any {
	made := make([]any, len(args))
	for i, arg := range args {
		made[i] = l.pool.flavour.argument(arg)
	}
	return made
}

func (l *lease) query(ctx context.Context, statement string, args []any) (*Rows, error) {
	done, err := l.use(ctx)
	if err != nil {
		return nil, err
	}
	reading, stop := context.WithCancel(ctx)
	rows, err := l.conn.QueryContext(reading, statement, l.arguments(args)...)
	if err != nil {
		err = l.failed(ctx, err)
		stop()
		done()
		return nil, err
	}
	return newRows(l, reading, stop, done, rows)
}
