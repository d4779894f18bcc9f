package database

import (
	"context"
	"crypto/tls"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
)

// postgres is a PostgreSQL database.
type postgres struct {
	key    string
	config *pgx.ConnConfig
	certs  certificates
}

// postgresParams are parameters of a URL that go to the server.
var postgresParams = []string{"application_name", "search_path", "timezone", "statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "options"}

func newPostgres(text string) (source, error) {
	w, err := parseWhere(text, "5432", "postgres", "postgresql")
	if err != nil {
		return nil, err
	}
	certs := certificates{root: w.take("sslrootcert", ""), cert: w.take("sslcert", ""), key: w.take("sslkey", "")}
	if (certs.cert == "") != (certs.key == "") {
		return nil, errors.New("sslcert and sslkey go together")
	}
	mode := w.take("sslmode", "prefer")
	if mode == "require" && certs.root != "" {
		mode = "verify-ca"
	}
	if w.database == "" {
		w.database = w.user
	}
	// Everything is said, so that nothing is taken from the environment or the
	// home of the worker.
	settings := []string{"host", w.host, "port", w.port, "user", w.user, "password", w.password, "database", w.database, "sslmode", mode,
		"connect_timeout", w.take("connect_timeout", "30"), "passfile", "", "sslrootcert", "", "sslcert", "", "sslkey", "", "sslpassword", "",
		"sslsni", "1", "sslnegotiation", w.take("sslnegotiation", "postgres"), "target_session_attrs", "any"}
	var words []string
	for i := 0; i < len(settings); i += 2 {
		words = append(words, settings[i]+"='"+strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(settings[i+1])+"'")
	}
	config, err := pgx.ParseConfig(strings.Join(words, " "))
	if err != nil {
		return nil, fmt.Errorf("the URL of the database: %w", cause(err))
	}
	config.RuntimeParams = map[string]string{"application_name": w.take("application_name", "hatchet-js")}
	for _, name := range slices.Sorted(maps.Keys(w.params)) {
		if !slices.Contains(postgresParams, name) {
			return nil, fmt.Errorf("the URL of the database has the unknown parameter %q; there are %s, sslmode, sslrootcert, sslcert, sslkey, sslnegotiation and connect_timeout",
				name, strings.Join(postgresParams, ", "))
		}
		config.RuntimeParams[name] = w.params.Get(name)
	}
	return &postgres{key: "postgres " + text, config: config, certs: certs}, nil
}

// cause is the innermost error: those around it quote the URL.
func cause(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}

// cancelTime is how long a statement that was stopped may take to end before
// its connection is closed.
const cancelTime = 3 * time.Second

func (s *postgres) pool(ctx context.Context, pools *Pools) (*pool, error) {
	return pools.get(ctx, s.key, func() *pool {
		var made *pool
		connector := stdlib.GetConnector(*s.config, stdlib.OptionBeforeConnect(func(ctx context.Context, config *pgx.ConnConfig) error {
			return s.prepare(ctx, made, config)
		}))
		made = newPool(postgresFlavour, connector, maxConnections)
		return made
	}), nil
}

// prepare makes one connection the run's: its door is asked, also by the
// request that stops a statement.
func (s *postgres) prepare(ctx context.Context, p *pool, config *pgx.ConnConfig) error {
	run := permit.From(ctx)
	config.LookupFunc = func(_ context.Context, host string) ([]string, error) { return []string{host}, nil }
	config.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		return p.dial(ctx, run, network, address)
	}
	config.BuildContextWatcherHandler = func(conn *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.CancelRequestContextWatcherHandler{Conn: conn, DeadlineDelay: cancelTime}
	}
	if s.certs == (certificates{}) {
		return nil
	}
	tlsConfigs := []*tls.Config{config.TLSConfig}
	for _, fallback := range config.Fallbacks {
		tlsConfigs = append(tlsConfigs, fallback.TLSConfig)
	}
	return s.certs.apply(ctx, tlsConfigs...)
}

var postgresFlavour = flavour{
	name: "postgres", value: postgresValue, argument: postgresArgument, failure: postgresFailure,
}

func postgresValue(column string, v any) any {
	switch v := v.(type) {
	case time.Time:
		if column == "DATE" {
			return v.Format(time.DateOnly)
		}
		return v
	case []byte:
		if column == "JSON" || column == "JSONB" {
			return JSON(v)
		}
		if column == "BYTEA" {
			return v
		}
		return string(v)
	case string:
		if column == "JSON" || column == "JSONB" {
			return JSON(v)
		}
		return v
	case float64:
		if column == "NUMERIC" {
			return strconv.FormatFloat(v, 'f', -1, 64)
		}
		return v
	}
	return v
}

func postgresArgument(v any) any {
	switch v := v.(type) {
	case *big.Int:
		return v.String()
	case JSON:
		return string(v)
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			if text, ok := item.(JSON); ok {
				list[i] = json.RawMessage(text)
			} else {
				list[i] = postgresArgument(item)
			}
		}
		return list
	}
	return v
}

func postgresFailure(err error) (string, map[string]any) {
	var said *pgconn.PgError
	if !errors.As(err, &said) {
		return "", nil
	}
	details := map[string]any{"severity": said.Severity}
	for name, text := range map[string]string{"detail": said.Detail, "hint": said.Hint, "schema": said.SchemaName, "table": said.TableName,
		"column": said.ColumnName, "constraint": said.ConstraintName} {
		if text != "" {
			details[name] = text
		}
	}
	if said.Position > 0 {
		details["position"] = said.Position
	}
	return said.Code, details
}

// levels are the levels of isolation by the names that scripts give.
var levels = map[string]sql.IsolationLevel{
	"read uncommitted": sql.LevelReadUncommitted, "read committed": sql.LevelReadCommitted,
	"repeatable read": sql.LevelRepeatableRead, "serializable": sql.LevelSerializable,
}

// Isolation finds a level of isolation by its name in SQL.
func Isolation(name string) (level sql.IsolationLevel, ok bool) {
	level, ok = levels[strings.ToLower(name)]
	return level, ok
}
