package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"modernc.org/sqlite"

	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
)

// sqliteFile is a database of SQLite, in a file or in memory.
type sqliteFile struct {
	path     string // "" is in memory
	readOnly bool
	create   bool
}

const inMemory = ":memory:"

func newSQLite(text string) (source, error) {
	path, query, _ := strings.Cut(text, "?")
	params, err := url.ParseQuery(query)
	if err != nil {
		return nil, fmt.Errorf("the path of the database: %w", err)
	}
	s := &sqliteFile{path: path, create: true}
	switch mode := params.Get("mode"); mode {
	case "", "rwc":
	case "rw":
		s.create = false
	case "ro":
		s.readOnly, s.create = true, false
	default:
		return nil, fmt.Errorf("the path of the database: mode is one of ro, rw and rwc, and not %q", mode)
	}
	params.Del("mode")
	for name := range params {
		return nil, fmt.Errorf("the path of the database has the unknown parameter %q; there is mode", name)
	}
	switch {
	case path == "":
		return nil, errors.New("the path of the database is empty; a database in memory is ':memory:'")
	case path == inMemory:
		s.path = ""
	case strings.HasPrefix(path, "file:"):
		return nil, errors.New("the database must be a path such as data/app.db, and no URL")
	}
	return s, nil
}

// memories tells databases in memory apart.
var memories atomic.Int64

// busyTime is how long a statement waits for others that write.
const busyTime = "5000"

func (s *sqliteFile) pool(ctx context.Context, pools *Pools) (*pool, error) {
	if s.path == "" {
		return s.memory(ctx, pools)
	}
	kinds := []permit.Kind{permit.Read, permit.Write}
	if s.readOnly {
		kinds = kinds[:1]
	}
	held, err := permit.From(ctx).Hold(ctx, s.path, kinds...)
	if err != nil {
		return nil, err
	}
	info, err := held.Dir.Stat()
	if err != nil {
		return nil, errors.Join(err, held.Close())
	}
	var failed error
	found := pools.get(ctx, fmt.Sprintf("sqlite %t %s %s", s.readOnly, fileID(info), held.Real), func() *pool {
		made, err := s.open(held)
		if err != nil {
			failed = err
			return &pool{}
		}
		return made
	})
	if failed != nil {
		pools.forget(found)
		return nil, errors.Join(failed, held.Close())
	}
	if found.held != held {
		_ = held.Close() // the pool has the same folder open
	}
	return found, nil
}

// open makes a pool that reaches the file through the folder that is open.
func (s *sqliteFile) open(held *permit.Held) (*pool, error) {
	query := url.Values{"_pragma": {"busy_timeout(" + busyTime + ")"}, "_time_format": {"sqlite"}}
	mode := "rwc"
	if s.readOnly {
		mode = "ro"
	} else if query.Set("_txlock", "immediate"); !s.create {
		mode = "rw"
	}
	query.Set("mode", mode)
	path, vfs, err := heldPath(held)
	if err != nil {
		return nil, err
	}
	if vfs != "" {
		query.Set("vfs", vfs)
	}
	connector, err := sqlite.NewConnector("file:" + (&url.URL{Path: path}).EscapedPath() + "?" + query.Encode())
	if err != nil {
		return nil, err
	}
	made := newPool(sqliteFlavour, &guarding{connector}, maxConnections)
	made.held = held
	made.onClose = func() { _ = held.Close() }
	return made, nil
}

func (s *sqliteFile) memory(ctx context.Context, pools *Pools) (*pool, error) {
	connector, err := sqlite.NewConnector(inMemory)
	if err != nil {
		return nil, err
	}
	return pools.get(ctx, fmt.Sprintf("sqlite memory %d", memories.Add(1)), func() *pool {
		made := newPool(sqliteFlavour, &guarding{connector}, 1)
		made.private = true
		made.db.SetConnMaxIdleTime(0)
		return made
	}), nil
}

// guarding keeps statements from reaching other files.
type guarding struct{ driver.Connector }

// Connect makes a connection that refuses to attach databases.
func (g *guarding) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := g.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	guard, ok := conn.(sqlite.AuthorizerRegisterer)
	if !ok {
		return nil, errors.Join(errors.New("the driver of SQLite cannot be guarded"), conn.Close())
	}
	if err := guard.RegisterAuthorizer(authorize); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

func authorize(action sqlite.AuthorizerActionCode, first, second, _, _ string) sqlite.AuthorizerReturnCode {
	switch {
	case action == sqlite.AuthAttach:
		return sqlite.AuthorizerDeny
	case action == sqlite.AuthPragma && strings.HasSuffix(strings.ToLower(first), "store_directory"):
		return sqlite.AuthorizerDeny
	case action == sqlite.AuthFunction && strings.EqualFold(second, "load_extension"):
		return sqlite.AuthorizerDeny
	}
	return sqlite.AuthorizerOK
}

// allowVacuum is authorize for VACUUM alone, which attaches an unnamed file.
func allowVacuum(action sqlite.AuthorizerActionCode, first, second, database, trigger string) sqlite.AuthorizerReturnCode {
	if action == sqlite.AuthAttach && first == "" {
		return sqlite.AuthorizerOK
	}
	return authorize(action, first, second, database, trigger)
}

var vacuum = regexp.MustCompile(`(?i)^\s*vacuum(\s+main)?\s*;?\s*$`)

// takenSQLite chooses what a statement may do.
func takenSQLite(_ context.Context, _ *pool, conn *sql.Conn, statement string) error {
	if !vacuum.MatchString(statement) {
		return nil
	}
	return conn.Raw(func(c any) error {
		guard, ok := c.(sqlite.AuthorizerRegisterer)
		if !ok {
			return errors.New("the driver of SQLite cannot be guarded")
		}
		return guard.RegisterAuthorizer(allowVacuum)
	})
}

var sqliteFlavour = flavour{
	name: "sqlite", taken: takenSQLite, value: sqliteValue, argument: sqliteArgument, failure: sqliteFailure,
}

func sqliteValue(column string, v any) any {
	if at, ok := v.(time.Time); ok && strings.EqualFold(column, "DATE") {
		return at.Format(time.DateOnly)
	}
	return v
}

// sqliteTime is how times are kept, as text, so that they sort.
const sqliteTime = "2006-01-02T15:04:05.000Z"

func sqliteArgument(v any) any {
	switch v := v.(type) {
	case *big.Int:
		return v.String()
	case time.Time:
		return v.UTC().Format(sqliteTime)
	case JSON:
		return string(v)
	case []any:
		return listJSON(v)
	}
	return v
}

// constraints are SQLite's names for the kinds of constraints that a statement
// may hurt.
var constraints = map[int]string{
	275: "SQLITE_CONSTRAINT_CHECK", 787: "SQLITE_CONSTRAINT_FOREIGNKEY", 1299: "SQLITE_CONSTRAINT_NOTNULL", 1555: "SQLITE_CONSTRAINT_PRIMARYKEY",
	1811: "SQLITE_CONSTRAINT_TRIGGER", 2067: "SQLITE_CONSTRAINT_UNIQUE", 2579: "SQLITE_CONSTRAINT_ROWID", 3091: "SQLITE_CONSTRAINT_DATATYPE",
}

var sqliteName = regexp.MustCompile(`SQLITE_[A-Z_]+`)

func sqliteFailure(err error) (string, map[string]any) {
	var said *sqlite.Error
	if !errors.As(err, &said) {
		return "", nil
	}
	name := constraints[said.Code()]
	if name == "" {
		name = sqliteName.FindString(sqlite.ErrorCodeString[said.Code()&0xff])
	}
	return name, map[string]any{"errno": int64(said.Code())}
}

// listJSON writes a list as JSON text.
func listJSON(list []any) string {
	plain := make([]any, len(list))
	for i, item := range list {
		switch v := item.(type) {
		case JSON:
			plain[i] = json.RawMessage(v)
		case *big.Int:
			plain[i] = json.Number(v.String())
		case []any:
			plain[i] = json.RawMessage(listJSON(v))
		default:
			plain[i] = v
		}
	}
	text, err := json.Marshal(plain)
	if err != nil { // numbers that JSON does not have
		return "null"
	}
	return string(text)
}

func fileID(info fs.FileInfo) string { return fmt.Sprint(systemID(info)) }
