package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"net"
	"net/netip"
	"sync"

	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
)

// link is where a connection leads.
type link struct {
	address, host string // as it was asked for
	remote        netip.AddrPort
	id            int64 // of the server's side, to end it by; 0 is unknown
}

// links are those of a pool's connections.
type links struct {
	mu     sync.Mutex
	byConn map[driver.Conn]*link
}

func (l *links) of(conn *sql.Conn) (found *link) {
	_ = conn.Raw(func(c any) error { // what a closed one leads to does not matter
		l.mu.Lock()
		defer l.mu.Unlock()
		if key, ok := c.(driver.Conn); ok {
			found = l.byConn[key]
		}
		return nil
	})
	return found
}

func (l *links) set(conn driver.Conn, to *link) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.byConn == nil {
		l.byConn = map[driver.Conn]*link{}
	}
	l.byConn[conn] = to
}

func (l *links) drop(to *link) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for conn, link := range l.byConn {
		if link == to {
			delete(l.byConn, conn)
		}
	}
}

// making tells whether a connection was made for whoever asked for one.
type making struct{ done bool }

type (
	makingKey struct{}
	linkKey   struct{}
)

// linking notes where the connections lead that a connector makes.
type linking struct {
	driver.Connector
	pool *pool
}

// Connect makes a connection.
func (l *linking) Connect(ctx context.Context) (driver.Conn, error) {
	to := &link{}
	conn, err := l.Connector.Connect(context.WithValue(ctx, linkKey{}, to))
	if err != nil {
		return nil, err
	}
	if to.host != "" {
		if named, ok := conn.(driver.QueryerContext); ok && l.pool.flavour.kill != nil {
			if to.id, err = connectionID(ctx, named); err != nil {
				return nil, err
			}
		}
		l.pool.links.set(conn, to)
	}
	if made, ok := ctx.Value(makingKey{}).(*making); ok {
		made.done = true
	}
	return conn, nil
}

// dial connects through the door of run for the connector's context ctx.
func (p *pool) dial(ctx context.Context, run *permit.Run, network, address string) (net.Conn, error) {
	conn, err := run.DialShared(ctx, network, address)
	if err != nil {
		return nil, err
	}
	to, ok := ctx.Value(linkKey{}).(*link)
	if !ok {
		return conn, nil
	}
	to.address = address
	if to.host, _, err = net.SplitHostPort(address); err == nil {
		to.remote, err = netip.ParseAddrPort(conn.RemoteAddr().String())
	}
	if err != nil { // then nobody else can be asked about it
		return nil, err
	}
	return &linkedConn{Conn: conn, to: to, links: &p.links}, nil
}

// linkedConn is forgotten when it is closed.
type linkedConn struct {
	net.Conn
	to    *link
	links *links
}

// Close closes the connection.
func (c *linkedConn) Close() error {
	c.links.drop(c.to)
	return c.Conn.Close()
}
