package database

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
)

// where is a database on a server, as its URL says.
type where struct {
	user, password string
	host, port     string
	database       string
	params         url.Values
}

// parseWhere reads a URL of one of the schemes.
func parseWhere(text, standardPort string, schemes ...string) (where, error) {
	example := schemes[0] + "://user:password@host:" + standardPort + "/database"
	u, err := url.Parse(text)
	if err != nil || !slices.Contains(schemes, u.Scheme) || u.Opaque != "" {
		return where{}, fmt.Errorf("the database must be a URL such as %s", example) // the text may hold a password
	}
	w := where{host: u.Hostname(), port: u.Port(), database: strings.TrimPrefix(u.Path, "/"), user: u.User.Username(), params: u.Query()}
	w.password, _ = u.User.Password()
	switch {
	case w.host == "":
		return where{}, fmt.Errorf("the URL of the database names no host, as in %s; sockets of files cannot be used", example)
	case strings.Contains(u.Host, ","):
		return where{}, errors.New("the URL of the database names several hosts; give one")
	case w.user == "":
		return where{}, fmt.Errorf("the URL of the database names no user, as in %s", example)
	case strings.Contains(w.database, "/"):
		return where{}, fmt.Errorf("the URL of the database has more than a database's name in its path, as in %s", example)
	}
	if w.port == "" {
		w.port = standardPort
	}
	return w, nil
}

func (w where) address() string { return net.JoinHostPort(w.host, w.port) }

// take returns a parameter and takes it out.
func (w where) take(name, standard string) string {
	value := standard
	if w.params.Has(name) {
		value = w.params.Get(name)
	}
	w.params.Del(name)
	return value
}

// certificates are the files of a TLS connection. They are read through the
// door.
type certificates struct{ root, cert, key string }

// apply gives a TLS configuration what the files hold.
func (c certificates) apply(ctx context.Context, configs ...*tls.Config) error {
	run := permit.From(ctx)
	for _, config := range configs {
		if config == nil {
			continue
		}
		if c.root != "" {
			text, err := run.ReadFile(ctx, c.root)
			if err != nil {
				return err
			}
			config.RootCAs = x509.NewCertPool()
			if !config.RootCAs.AppendCertsFromPEM(text) {
				return fmt.Errorf("%s holds no certificate", c.root)
			}
		}
		if c.cert != "" {
			cert, err := run.ReadFile(ctx, c.cert)
			if err != nil {
				return err
			}
			key, err := run.ReadFile(ctx, c.key)
			if err != nil {
				return err
			}
			pair, err := tls.X509KeyPair(cert, key)
			if err != nil {
				return fmt.Errorf("%s and %s: %w", c.cert, c.key, err)
			}
			config.Certificates = []tls.Certificate{pair}
		}
	}
	return nil
}
