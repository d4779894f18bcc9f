package permit

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
)

// Dial connects to "host:port" for the run: the host is checked by its name,
// each of its addresses before it is tried, and the connection goes to the
// address that was checked. The connection is the run's, and closed with it.
// The network is tcp, tcp4, tcp6, or udp and its like.
func (r *Run) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := r.DialShared(ctx, network, address)
	if err != nil {
		return nil, err
	}
	owned, err := r.Own(conn)
	if err != nil {
		return nil, err
	}
	return &ownedConn{Conn: conn, owned: owned}, nil
}

type ownedConn struct {
	net.Conn
	owned *Owned
}

func (c *ownedConn) Close() error { return c.owned.Close() }

// DialShared is [Run.Dial] for a connection that outlives the run, as those of
// a pool do. Whoever takes one from a pool for a run asks [Run.Reach] first.
func (r *Run) DialShared(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := r.reach(ctx, address)
	if err != nil {
		return nil, err
	}
	addrs, err := r.addresses(ctx, network, host)
	if err != nil {
		return nil, err
	}
	var failures []error
	for _, addr := range addrs {
		if err := r.allowAddress(ctx, addr, port, host); err != nil {
			failures = append(failures, err)
			continue
		}
		conn, err := r.door.opts.Dial(ctx, network, netip.AddrPortFrom(addr, uint16(port)).String())
		if err == nil {
			return conn, nil
		}
		failures = append(failures, err)
	}
	return nil, worst(failures)
}

// worst prefers a refusal among several failures: it is what can be mended.
func worst(failures []error) error {
	for _, err := range failures {
		var refused *NotCapableError
		if errors.As(err, &refused) {
			return err
		}
	}
	return failures[0]
}

// Reach checks "host:port" by name without connecting. A connection that is
// already there may be used after it, provided that its address is still
// allowed: see [Run.ReachAddr].
func (r *Run) Reach(ctx context.Context, address string) error {
	_, _, err := r.reach(ctx, address)
	return err
}

// ReachAddr checks the address of a connection that is already there; host is
// the name under which it was asked for.
func (r *Run) ReachAddr(ctx context.Context, addr netip.AddrPort, host string) error {
	return r.allowAddress(ctx, addr.Addr(), int(addr.Port()), host)
}

func (r *Run) reach(ctx context.Context, address string) (host string, port int, err error) {
	host, digits, err := net.SplitHostPort(address)
	if err != nil {
		return "", 0, fmt.Errorf("connect to %q: %w", address, err)
	}
	if port, err = strconv.Atoi(digits); err != nil || port < 1 || port > 65535 {
		return "", 0, fmt.Errorf("connect to %q: the port must be a number between 1 and 65535", address)
	}
	return host, port, r.allow(ctx, Net, address, func(p *Policy) *NotCapableError { return p.host(host, port) })
}

// allowAddress checks one address. An address that the script gave itself was
// checked as a host.
func (r *Run) allowAddress(ctx context.Context, addr netip.Addr, port int, host string) error {
	if _, err := netip.ParseAddr(host); err == nil {
		return nil
	}
	target := netip.AddrPortFrom(addr.Unmap(), uint16(port)).String()
	return r.allow(ctx, Net, target, func(p *Policy) *NotCapableError { return p.address(addr, port, host) })
}

// addresses resolves a host.
func (r *Run) addresses(ctx context.Context, network, host string) ([]netip.Addr, error) {
	if addr, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{addr}, nil
	}
	family := "ip"
	if last := network[len(network)-1]; last == '4' || last == '6' {
		family += string(last)
	}
	addrs, err := r.door.opts.Resolver.LookupNetIP(ctx, family, host)
	if err != nil {
		return nil, err
	}
	if len(addrs) == 0 {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	return addrs, nil
}
