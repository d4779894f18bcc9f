package database

import (
	"context"
	"crypto/tls"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"slices"
	"strings"
	"time"

	driverMySQL "github.com/go-sql-driver/mysql"

	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
)

// mySQL is a database of MySQL or MariaDB.
type mySQL struct {
	key    string
	config *driverMySQL.Config
	certs  certificates
}

func newMySQL(text string) (source, error) {
	w, err := parseWhere(text, "3306", "mysql", "mariadb")
	if err != nil {
		return nil, err
	}
	config := driverMySQL.NewConfig()
	config.User, config.Passwd, config.Net, config.Addr, config.DBName = w.user, w.password, "tcp", w.address(), w.database
	config.ParseTime, config.Loc, config.Logger = true, time.UTC, &driverMySQL.NopLogger{}
	config.Timeout = 30 * time.Second
	config.Params = map[string]string{"time_zone": "'+00:00'"} // what the driver takes times for
	certs := certificates{root: w.take("ssl-ca", ""), cert: w.take("ssl-cert", ""), key: w.take("ssl-key", "")}
	if (certs.cert == "") != (certs.key == "") {
		return nil, errors.New("ssl-cert and ssl-key go together")
	}
	switch mode := strings.ToLower(w.take("ssl-mode", "preferred")); mode {
	case "disabled":
	case "preferred":
		config.TLS, config.AllowFallbackToPlaintext = &tls.Config{InsecureSkipVerify: true}, true //nolint:gosec // as the mode says
	case "required":
		config.TLS = &tls.Config{InsecureSkipVerify: true} //nolint:gosec // as the mode says
	case "verify_identity":
		config.TLS = &tls.Config{ServerName: w.host}
	default:
		return nil, fmt.Errorf("the URL of the database: ssl-mode is one of disabled, preferred, required, verify_identity, and not %q", mode)
	}
	if certs != (certificates{}) && config.TLS == nil {
		return nil, errors.New("the URL of the database names certificates, and ssl-mode=disabled has no use for them")
	}
	if certs.root != "" && config.TLS.InsecureSkipVerify {
		config.TLS, config.AllowFallbackToPlaintext = &tls.Config{ServerName: w.host}, false
	}
	for name := range w.params {
		return nil, fmt.Errorf("the URL of the database has the unknown parameter %q; there are ssl-mode, ssl-ca, ssl-cert and ssl-key", name)
	}
	return &mySQL{key: "mysql " + text, config: config, certs: certs}, nil
}

func (s *mySQL) pool(ctx context.Context, pools *Pools) (*pool, error) {
	config := s.config.Clone()
	if s.certs != (certificates{}) {
		if err := s.certs.apply(ctx, config.TLS); err != nil {
			return nil, err
		}
	}
	var made *pool
	config.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		return made.dial(ctx, permit.From(ctx), network, address)
	}
	connector, err := driverMySQL.NewConnector(config)
	if err != nil {
		return nil, fmt.Errorf("the URL of the database: %w", err)
	}
	made = newPool(mySQLFlavour, connector, maxConnections)
	found := pools.get(ctx, s.key, func() *pool { return made })
	if found != made {
		made.close()
	}
	return found, nil
}

var mySQLFlavour = flavour{
	name: "mysql", kill: killMySQL, value: mySQLValue, argument: mySQLArgument, failure: mySQLFailure,
}

// connectionID asks for the number under which the server knows a connection.
func connectionID(ctx context.Context, conn driver.QueryerContext) (int64, error) {
	rows, err := conn.QueryContext(ctx, "SELECT CONNECTION_ID()", nil)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	row := make([]driver.Value, 1)
	if err := rows.Next(row); err != nil && !errors.Is(err, io.EOF) {
		return 0, err
	}
	switch id := row[0].(type) {
	case int64:
		return id, nil
	case uint64:
		return int64(id), nil
	}
	return 0, fmt.Errorf("the server gives %T as a connection's number", row[0])
}

// killMySQL ends a connection on the server: closing it here would let its
// statement go on there.
func killMySQL(ctx context.Context, p *pool, id int64) {
	conn, err := p.connector.Connect(ctx)
	if err != nil {
		return // the server ends it when it finds the connection closed
	}
	defer conn.Close()
	if execer, ok := conn.(driver.ExecerContext); ok {
		_, _ = execer.ExecContext(ctx, fmt.Sprintf("KILL %d", id), nil) // it may have ended by itself
	}
}

// binaries are the types whose values are bytes.
var binaries = []string{"BLOB", "TINYBLOB", "MEDIUMBLOB", "LONGBLOB", "BINARY", "VARBINARY", "BIT", "GEOMETRY"}

func mySQLValue(column string, v any) any {
	switch v := v.(type) {
	case time.Time:
		switch {
		case v.IsZero():
			return nil // 0000-00-00
		case column == "DATE":
			return v.Format(time.DateOnly)
		}
		return v
	case []byte:
		if slices.Contains(binaries, column) {
			return v
		}
		if column == "JSON" {
			return JSON(v)
		}
		return string(v)
	case float32:
		return float64(v)
	}
	return v
}

func mySQLArgument(v any) any {
	switch v := v.(type) {
	case *big.Int:
		return v.String()
	case JSON:
		return string(v)
	case []any:
		return listJSON(v)
	}
	return v
}

func mySQLFailure(err error) (string, map[string]any) {
	var said *driverMySQL.MySQLError
	if !errors.As(err, &said) {
		return "", nil
	}
	return string(said.SQLState[:]), map[string]any{"errno": int64(said.Number)}
}
