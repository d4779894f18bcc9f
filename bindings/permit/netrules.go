package permit

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// netEntry is one entry of a net grant: a name, names below a domain, or
// addresses; of all ports or of one.
type netEntry struct {
	host     string       // lower case; "" for addresses
	wildcard bool         // host is a domain, the entry its names
	prefix   netip.Prefix // of addresses
	port     int          // 0 = all
}

func parseNetEntry(text string) (netEntry, error) {
	if prefix, err := netip.ParsePrefix(text); err == nil {
		return netEntry{prefix: unmapPrefix(prefix)}, nil
	}
	if addr, err := netip.ParseAddr(text); err == nil {
		return addressEntry(addr, 0), nil
	}
	host, port, err := splitEntry(text)
	if err != nil {
		return netEntry{}, err
	}
	if addr, err := netip.ParseAddr(host); err == nil {
		return addressEntry(addr, port), nil
	}
	entry := netEntry{host: foldHost(host), port: port}
	if domain, cut := strings.CutPrefix(entry.host, "*."); cut {
		entry.host, entry.wildcard = domain, true
	}
	if entry.host == "" || strings.ContainsAny(entry.host, "*/:@?# []") {
		return netEntry{}, fmt.Errorf("%q is neither a host, nor host:port, *.domain, an address or a range of addresses", text)
	}
	return entry, nil
}

func addressEntry(addr netip.Addr, port int) netEntry {
	addr = addr.Unmap().WithZone("")
	return netEntry{prefix: netip.PrefixFrom(addr, addr.BitLen()), port: port}
}

// unmapPrefix turns a range of IPv4 addresses mapped into IPv6 into its own.
func unmapPrefix(p netip.Prefix) netip.Prefix {
	if p.Addr().Is4In6() && p.Bits() >= 96 {
		return netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
	}
	return p.Masked()
}

// splitEntry cuts a port off a host; brackets around an IPv6 address may be
// there with and without one.
func splitEntry(text string) (host string, port int, err error) {
	host, digits := text, ""
	if at := strings.LastIndexByte(text, ':'); at >= 0 && !strings.HasSuffix(text, "]") {
		host, digits = text[:at], text[at+1:]
		if port, err = strconv.Atoi(digits); err != nil || port < 1 || port > 65535 {
			return "", 0, fmt.Errorf("%q: the port must be a number between 1 and 65535", text)
		}
	}
	if inner, cut := strings.CutPrefix(host, "["); cut {
		if host, cut = strings.CutSuffix(inner, "]"); !cut {
			return "", 0, fmt.Errorf("%q: a bracket is not closed", text)
		}
	}
	return host, port, nil
}

func foldHost(host string) string { return strings.ToLower(strings.TrimSuffix(host, ".")) }

// matchesName reports whether the entry is about a host's name.
func (e netEntry) matchesName(host string, port int) bool {
	if e.port != 0 && e.port != port || e.host == "" {
		return false
	}
	if e.wildcard {
		return strings.HasSuffix(host, "."+e.host)
	}
	return host == e.host
}

// matchesAddr reports whether the entry is about an address. localhost is a
// name for those of this machine, as everywhere.
func (e netEntry) matchesAddr(addr netip.Addr, port int) bool {
	if e.port != 0 && e.port != port {
		return false
	}
	if e.host == "localhost" && !e.wildcard {
		return addr.IsLoopback()
	}
	return e.host == "" && e.prefix.Contains(addr)
}

// special names ranges of addresses that no public host has; the first match
// counts.
var special = []struct {
	prefix netip.Prefix
	name   string
}{
	{netip.MustParsePrefix("0.0.0.0/8"), "this machine's addresses"},
	{netip.MustParsePrefix("127.0.0.0/8"), "loopback addresses"},
	{netip.MustParsePrefix("10.0.0.0/8"), "private addresses"},
	{netip.MustParsePrefix("172.16.0.0/12"), "private addresses"},
	{netip.MustParsePrefix("192.168.0.0/16"), "private addresses"},
	{netip.MustParsePrefix("100.64.0.0/10"), "addresses of carriers' networks"},
	{netip.MustParsePrefix("169.254.0.0/16"), "link-local and metadata addresses"},
	{netip.MustParsePrefix("192.0.0.0/24"), "addresses set aside for protocols"},
	{netip.MustParsePrefix("192.0.2.0/24"), "addresses for documentation"},
	{netip.MustParsePrefix("198.18.0.0/15"), "addresses for benchmarks"},
	{netip.MustParsePrefix("198.51.100.0/24"), "addresses for documentation"},
	{netip.MustParsePrefix("203.0.113.0/24"), "addresses for documentation"},
	{netip.MustParsePrefix("224.0.0.0/3"), "multicast, reserved and broadcast addresses"},
	{netip.MustParsePrefix("::/128"), "this machine's addresses"},
	{netip.MustParsePrefix("::1/128"), "loopback addresses"},
	{netip.MustParsePrefix("fc00::/7"), "private addresses"},
	{netip.MustParsePrefix("fe80::/10"), "link-local addresses"},
	{netip.MustParsePrefix("fec0::/10"), "private addresses"},
	{netip.MustParsePrefix("ff00::/8"), "multicast addresses"},
	{netip.MustParsePrefix("2001:db8::/32"), "addresses for documentation"},
}

// carriers are ranges of IPv6 addresses within which an IPv4 address travels,
// by the byte at which it begins.
var carriers = []struct {
	prefix netip.Prefix
	at     int
}{
	{netip.MustParsePrefix("::/96"), 12},
	{netip.MustParsePrefix("::ffff:0:0:0/96"), 12},
	{netip.MustParsePrefix("64:ff9b::/96"), 12},
	{netip.MustParsePrefix("64:ff9b:1::/48"), 12},
	{netip.MustParsePrefix("2002::/16"), 2},
}

// embedded returns the IPv4 address that an IPv6 address stands for.
func embedded(addr netip.Addr) (netip.Addr, bool) {
	for _, c := range carriers {
		if c.prefix.Contains(addr) {
			b := addr.As16()
			return netip.AddrFrom4([4]byte(b[c.at : c.at+4])), true
		}
	}
	return netip.Addr{}, false
}

// specialName names the range that keeps an address from being covered by a
// grant that does not name it; "" is none.
func specialName(addr netip.Addr) string {
	for _, s := range special {
		if s.prefix.Contains(addr) {
			return s.name
		}
	}
	if inner, ok := embedded(addr); ok {
		return specialName(inner)
	}
	return ""
}
