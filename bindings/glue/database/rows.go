package database

import (
	"context"
	"database/sql"
	"io"
	"sync"
)

// Rows are the rows that a statement gives, one after the other.
type Rows struct {
	lease   *lease
	ctx     context.Context
	stop    context.CancelFunc
	rows    *sql.Rows
	columns []string
	kinds   []string
	cells   []any
	targets []any

	after  func() // when they are closed; may be nil
	gently bool   // stopping the statement would end a transaction
	once   sync.Once
	done   func()
}

func newRows(l *lease, ctx context.Context, stop context.CancelFunc, done func(), rows *sql.Rows) (*Rows, error) {
	r := &Rows{lease: l, ctx: ctx, stop: stop, done: done, rows: rows}
	types, err := rows.ColumnTypes()
	if err != nil {
		err = l.failed(ctx, err)
		r.Close()
		return nil, err
	}
	for _, t := range types {
		r.columns = append(r.columns, t.Name())
		r.kinds = append(r.kinds, t.DatabaseTypeName())
	}
	r.cells, r.targets = make([]any, len(types)), make([]any, len(types))
	for i := range r.cells {
		r.targets[i] = &r.cells[i]
	}
	return r, nil
}

// Columns are the names of the columns.
func (r *Rows) Columns() []string { return r.columns }

// Next returns the next row's values: nil, bool, int64, uint64, float64, string,
// []byte, time.Time, or [JSON]. The error at the end is io.EOF.
func (r *Rows) Next() ([]any, error) {
	if !r.rows.Next() {
		if err := r.rows.Err(); err != nil {
			return nil, r.lease.failed(r.ctx, err)
		}
		return nil, io.EOF
	}
	if err := r.rows.Scan(r.targets...); err != nil {
		return nil, r.lease.failed(r.ctx, err)
	}
	values := make([]any, len(r.cells))
	for i, cell := range r.cells {
		if cell != nil {
			values[i] = r.lease.pool.flavour.value(r.kinds[i], cell)
		}
	}
	return values, nil
}

// Close lets go of the rows; those not read are not fetched.
func (r *Rows) Close() {
	r.once.Do(func() {
		if !r.gently { // closing alone would read all that is left
			r.stop()
		}
		_ = r.rows.Close() // what went wrong was told by Next
		r.stop()
		if r.rows.Err() != nil {
			r.lease.drop()
		}
		r.done()
		if r.after != nil {
			r.after()
		}
	})
}

// JSON is a value as JSON text.
type JSON string
