package glue

import (
	"context"
	stdsql "database/sql"
	_ "embed"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/glue/database"
	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
)

//go:embed sql.js
var sqlScript string

const sqlTypes = `/** What a statement takes: objects and arrays go in as JSON, and arrays as arrays where PostgreSQL wants them. */
type SqlValue = null | boolean | number | bigint | string | Date | Uint8Array | object;
interface SqlResult { rowsAffected: number | bigint; /** of MySQL and SQLite */ lastInsertId?: number | bigint }
interface SqlStatements {
  /** Runs a statement that gives no rows. */
  exec(text: string, params?: SqlValue[]): Promise<SqlResult>;
  /** All rows, as objects by the names of the columns. */
  query<Row = any>(text: string, params?: SqlValue[]): Promise<Row[]>;
  /** The first row, or null. */
  queryRow<Row = any>(text: string, params?: SqlValue[]): Promise<Row | null>;
  /** The rows one by one; leaving the loop ends the statement. No more are fetched than are taken, but for a few. */
  stream<Row = any>(text: string, params?: SqlValue[]): AsyncIterableIterator<Row>;
}
type SqlTransaction = SqlStatements;
interface SqlDatabase extends SqlStatements {
  /** Runs work in a transaction: committed when it is done, rolled back when it throws or the run ends. Statements on db itself are not part of it. */
  transaction<T>(work: (tx: SqlTransaction) => T | Promise<T>, options?: { isolation?: 'read uncommitted' | 'read committed' | 'repeatable read' | 'serializable'; readOnly?: boolean }): Promise<T>;
}`

// sqlModule is hatchet:sql.
var sqlModule = native.Module{
	Name: "hatchet:sql",
	Doc: "SQL databases: PostgreSQL (postgres://user:password@host/db?sslmode=verify-full), MySQL and MariaDB (mysql://user:password@host/db?ssl-mode=verify_identity) and " +
		"SQLite (a path, with ?mode=ro to read only, or ':memory:'). Connections take --allow-net and are pooled for the process; files take --allow-read and --allow-write. " +
		"Values go in as parameters, by the driver's placeholders: $1, ? and ?. A connection is a statement's, or a transaction's: what SET, PRAGMA and temporary tables leave behind " +
		"is gone after it. Integers are numbers up to 2^53 and BigInts beyond; numeric and decimal are texts; timestamps are Dates, in UTC where the column " +
		"has no zone (MySQL's session is set to UTC), to the millisecond; date and time are texts; json and jsonb are values; bytea and blob are Buffers; PostgreSQL's arrays and " +
		"other types are texts. SQLite keeps Dates as ISO texts, and gives Dates for columns declared datetime or timestamp. Two columns of one name are an error. " +
		"Errors have the name SqlError and as code SQLSTATE (23505), of SQLite its name (SQLITE_CONSTRAINT_UNIQUE), or ECONNREFUSED and its like.",
	Members: []member{
		{Name: "open", Type: "(kind: 'postgres' | 'mysql' | 'sqlite', where: string): SqlDatabase", Length: 2,
			Doc: "A database. It connects when it is first used, and may be kept between runs; what a run leaves open ends with it."},
	},
	Script:  sqlScript,
	Natives: []member{iterable, {Name: "open", Call: openSQL}},
	Types:   sqlTypes,
	Example: `import sql from 'hatchet:sql'

const db = sql.open('sqlite', 'stock.db')
await db.exec('create table if not exists stock (sku text primary key, count integer)')
await db.transaction(async (tx) => {
  await tx.exec('insert into stock values (?, ?), (?, ?)', ['tea', 3, 'salt', 12])
})
console.log(await db.queryRow('select count from stock where sku = ?', ['tea'])) // -> { count: 3 }
for await (const row of db.stream('select sku from stock order by sku')) console.log(row.sku) // -> salt // -> tea`,
}

// pools are those of the process. They hold no goroutine and no connection while
// no run uses one, but for the last few, see [database.Pools.Close].
var pools = sync.OnceValue(database.NewPools)

// CloseIdle closes the connections to databases that no run uses.
func CloseIdle() error { return pools().Close() }

// statements is what runs statements: a database or a transaction.
type statements interface {
	Exec(ctx context.Context, statement string, args []any) (database.Result, error)
	rows(ctx context.Context, statement string, args []any, stream bool) (*database.Rows, error)
}

type onDatabase struct{ *database.DB }

func (d onDatabase) rows(ctx context.Context, statement string, args []any, _ bool) (*database.Rows, error) {
	return d.Query(ctx, statement, args)
}

type onTransaction struct{ *database.Tx }

func (t onTransaction) rows(ctx context.Context, statement string, args []any, stream bool) (*database.Rows, error) {
	return t.Query(ctx, statement, args, stream)
}

// sqlHandle is a database or a transaction as scripts have it.
type sqlHandle struct {
	*native.Host
	on statements
}

func openSQL(h *native.Host, call goja.FunctionCall) goja.Value {
	kind := native.String(h.Runtime, call.Argument(0), "sql.open: the kind")
	db, err := pools().Open(kind, native.String(h.Runtime, call.Argument(1), "sql.open: the database"))
	if err != nil {
		native.Throw(h.Runtime, "sql.open: %v", err)
	}
	object := sqlObject(h, onDatabase{db})
	begin := native.Member[*sqlHandle]{Name: "begin", Async: func(s *sqlHandle, call goja.FunctionCall) native.Work {
		options := transactionOptions(h, call.Argument(0))
		return func(ctx context.Context) (any, error) {
			tx, err := db.Begin(ctx, options)
			if err != nil {
				return nil, err
			}
			return func() goja.Value { return transactionObject(h, tx) }, nil
		}
	}}
	return defineOn(h, object, &sqlHandle{h, onDatabase{db}}, begin)
}

func transactionOptions(h *native.Host, v goja.Value) *stdsql.TxOptions {
	b := bagOf(h, v, "transaction", "isolation", "readOnly")
	options := &stdsql.TxOptions{ReadOnly: b.flag("readOnly", false)}
	if name := b.text("isolation", ""); name != "" {
		level, ok := database.Isolation(name)
		if !ok {
			native.Throw(h.Runtime, "transaction: isolation must be 'read uncommitted', 'read committed', 'repeatable read' or 'serializable', got %q", name)
		}
		options.Isolation = level
	}
	return options
}

func transactionObject(h *native.Host, tx *database.Tx) goja.Value {
	ended := func(end func(context.Context) error) func(*sqlHandle, goja.FunctionCall) native.Work {
		return func(*sqlHandle, goja.FunctionCall) native.Work {
			return func(ctx context.Context) (any, error) { return nil, end(ctx) }
		}
	}
	return defineOn(h, sqlObject(h, onTransaction{tx}), &sqlHandle{h, onTransaction{tx}},
		native.Member[*sqlHandle]{Name: "commit", Async: ended(tx.Commit)}, native.Member[*sqlHandle]{Name: "rollback", Async: ended(tx.Rollback)})
}

// defineOn gives an object members; it returns the object.
func defineOn[H any](h *native.Host, object *goja.Object, on H, members ...native.Member[H]) *goja.Object {
	if err := native.Define(h.Runtime, object, on, members); err != nil {
		panic(h.Runtime.NewGoError(err))
	}
	return object
}

func sqlObject(h *native.Host, on statements) *goja.Object {
	return defineOn(h, h.Runtime.NewObject(), &sqlHandle{h, on}, sqlMembers...)
}

var sqlMembers = []native.Member[*sqlHandle]{
	{Name: "exec", Async: func(s *sqlHandle, call goja.FunctionCall) native.Work {
		text, args := s.statement(call, "exec")
		return func(ctx context.Context) (any, error) {
			result, err := s.on.Exec(ctx, text, args)
			if err != nil {
				return nil, err
			}
			record := native.Record{{Name: "rowsAffected", Value: func() goja.Value { return wholeNumberOf(s.Host, result.Rows) }}}
			if result.HasID {
				record = append(record, native.Field{Name: "lastInsertId", Value: func() goja.Value { return wholeNumberOf(s.Host, result.LastID) }})
			}
			return record, nil
		}
	}},
	{Name: "query", Async: func(s *sqlHandle, call goja.FunctionCall) native.Work {
		text, args := s.statement(call, "query")
		return func(ctx context.Context) (any, error) {
			table, err := s.all(ctx, text, args, 0)
			if err != nil {
				return nil, err
			}
			return func() goja.Value { return table.array(s.Host) }, nil
		}
	}},
	{Name: "queryRow", Async: func(s *sqlHandle, call goja.FunctionCall) native.Work {
		text, args := s.statement(call, "queryRow")
		return func(ctx context.Context) (any, error) {
			table, err := s.all(ctx, text, args, 1)
			if err != nil {
				return nil, err
			}
			if len(table.rows) == 0 {
				return goja.Null(), nil
			}
			return func() goja.Value { return table.object(s.Host, table.rows[0]) }, nil
		}
	}},
	{Name: "stream", Async: func(s *sqlHandle, call goja.FunctionCall) native.Work {
		text, args := s.statement(call, "stream")
		return func(ctx context.Context) (any, error) {
			rows, err := s.on.rows(ctx, text, args, true)
			if err != nil {
				return nil, err
			}
			return func() goja.Value { return streamObject(s.Host, rows) }, nil
		}
	}},
}

// statement reads a text and its parameters.
func (s *sqlHandle) statement(call goja.FunctionCall, what string) (string, []any) {
	text := native.NonEmpty(s.Runtime, call.Argument(0), what+": the statement")
	var args []any
	if params := call.Argument(1); !native.Missing(params) {
		for i, v := range native.Elements(s.Runtime, params, what+": the parameters") {
			args = append(args, sqlArgument(s.Host, v, what, i))
		}
	}
	return text, args
}

// values are those of all rows.
func (s *sqlHandle) values(ctx context.Context, text string, args []any) ([][]any, error) {
	table, err := s.all(ctx, text, args, 0)
	if err != nil {
		return nil, err
	}
	return table.rows, nil
}

// all reads the rows, at most most of them; 0 is no bound.
func (s *sqlHandle) all(ctx context.Context, text string, args []any, most int) (*sqlTable, error) {
	rows, err := s.on.rows(ctx, text, args, false)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	table := &sqlTable{columns: rows.Columns()}
	if err := table.check(); err != nil {
		return nil, err
	}
	for {
		row, err := rows.Next()
		if errors.Is(err, io.EOF) {
			return table, nil
		}
		if err != nil {
			return nil, err
		}
		if most > 0 && len(table.rows) == most { // only now: a statement that is at its end need not be stopped
			return table, nil
		}
		table.rows = append(table.rows, row)
	}
}

// Bounds of what a stream reads ahead.
const (
	mostAhead    = 256
	bytesAhead   = 256 << 10
	longestAhead = 20 * time.Millisecond
)

// streamHandle are rows of which the script takes some at a time.
type streamHandle struct {
	*native.Host
	rows *database.Rows
	end  bool
	want int
}

func streamObject(h *native.Host, rows *database.Rows) goja.Value {
	return defineOn(h, h.Runtime.NewObject(), &streamHandle{Host: h, rows: rows, want: 8},
		native.Member[*streamHandle]{Name: "next", Async: (*streamHandle).next},
		native.Member[*streamHandle]{Name: "close", Async: func(s *streamHandle, _ goja.FunctionCall) native.Work {
			return func(context.Context) (any, error) {
				s.rows.Close()
				return nil, nil
			}
		}})
}

// next gives some rows, or null at the end. The script asks for the next when
// it has these.
func (s *streamHandle) next(goja.FunctionCall) native.Work {
	return func(context.Context) (any, error) {
		table := &sqlTable{columns: s.rows.Columns()}
		if err := table.check(); err != nil {
			return nil, err
		}
		begun, size := clock.Real().Now(), 0
		for !s.end && len(table.rows) < s.want && size < bytesAhead {
			row, err := s.rows.Next()
			if errors.Is(err, io.EOF) {
				s.end = true
				break
			}
			if err != nil {
				return nil, err
			}
			table.rows = append(table.rows, row)
			size += sizeOf(row)
			if clock.Real().Now().Sub(begun) > longestAhead {
				break
			}
		}
		s.want = min(2*s.want, mostAhead)
		if len(table.rows) == 0 {
			return goja.Null(), nil
		}
		return func() goja.Value { return table.array(s.Host) }, nil
	}
}

// sizeOf is about how much memory a row takes.
func sizeOf(row []any) int {
	size := 64 * len(row)
	for _, cell := range row {
		switch v := cell.(type) {
		case string:
			size += len(v)
		case []byte:
			size += len(v)
		case database.JSON:
			size += len(v)
		}
	}
	return size
}
