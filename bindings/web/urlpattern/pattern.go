package urlpattern

import (
	"errors"
	"fmt"
	"strings"

	"github.com/nlnwa/whatwg-url/url"
)

// Name is the name of a component of a URL, as the web has it.
type Name string

// The components, and the URL that others are relative to.
const (
	Protocol Name = "protocol"
	Username Name = "username"
	Password Name = "password"
	Hostname Name = "hostname"
	Port     Name = "port"
	Pathname Name = "pathname"
	Search   Name = "search"
	Hash     Name = "hash"
	BaseURL  Name = "baseURL"
)

// Names are those of all components, in order.
var Names = []Name{Protocol, Username, Password, Hostname, Port, Pathname, Search, Hash}

// Parts are some of the components: patterns, or parts of a URL.
type Parts map[Name]string

func (p Parts) has(names ...Name) bool {
	for _, name := range names {
		if _, ok := p[name]; ok {
			return true
		}
	}
	return false
}

// missing gives a component that is not there a value.
func (p Parts) missing(name Name, value string) {
	if !p.has(name) {
		p[name] = value
	}
}

// Compile compiles patterns, those that are not given as *. The components are
// in the order of [Names].
func Compile(patterns Parts, matches Special) ([]Component, error) {
	p, err := patterns.complete(true)
	if err != nil {
		return nil, err
	}
	for _, name := range Names {
		p.missing(name, "*")
	}
	if port, ok := defaultPorts[p[Protocol]]; ok && p[Port] == port {
		p[Port] = ""
	}
	protocol, err := compile(p[Protocol], options{}, canonicalProtocol)
	if err != nil {
		return nil, fmt.Errorf("protocol: %w", err)
	}
	isSpecial, err := matches(protocol.Expression)
	if err != nil {
		return nil, fmt.Errorf("protocol: %w", err)
	}
	components := []Component{protocol}
	for _, name := range Names[1:] {
		o, encode := p.manner(name, isSpecial)
		c, err := compile(p[name], o, encode)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		components = append(components, c)
	}
	return components, nil
}

// manner is how the pattern of a component is read.
func (p Parts) manner(name Name, isSpecial bool) (options, func(string) (string, error)) {
	switch name {
	case Hostname:
		o := options{delimiter: "."}
		switch {
		case ipv6(p[Hostname]):
			return o, canonicalIPv6
		case isSpecial || p[Protocol] == "*":
			return o, canonicalDomain
		}
		return o, canonicalOpaqueHost
	case Port:
		return options{}, func(value string) (string, error) { return canonicalPort("", value) }
	case Pathname:
		if isSpecial {
			return options{delimiter: "/", prefix: "/"}, canonicalPath
		}
		return options{}, canonicalOpaquePath
	case Search:
		return options{}, canonicalSearch
	case Hash:
		return options{}, canonicalHash
	}
	return options{}, canonicalUser
}

func ipv6(pattern string) bool {
	return len(pattern) > 1 && (strings.HasPrefix(pattern, "[") || strings.HasPrefix(pattern, "{[") || strings.HasPrefix(pattern, `\[`))
}

// Match gives the components of a URL of which some are given, the others empty.
func (p Parts) Match() (Parts, error) {
	complete, err := p.complete(false)
	if err != nil {
		return nil, err
	}
	for _, name := range Names {
		complete.missing(name, "")
	}
	return complete, nil
}

// complete takes from the base URL what is before the first component given, and
// brings the others to their normal form: as patterns, or as parts of a URL.
func (p Parts) complete(patterns bool) (Parts, error) {
	result := Parts{}
	var base *url.Url
	if p.has(BaseURL) {
		var err error
		if base, err = parser.Parse(p[BaseURL]); err != nil {
			return nil, fmt.Errorf("the base URL %q is not valid", p[BaseURL])
		}
		p.inherit(result, base, patterns)
	}
	for _, name := range Names {
		value, given := p[name]
		if !given {
			continue
		}
		value = trimmed(name, value)
		if name == Pathname {
			value = p.absolute(value, base, patterns)
		}
		if !patterns {
			var err error
			if value, err = normal(name, value, result[Protocol]); err != nil {
				return nil, err
			}
		}
		result[name] = value
	}
	return result, nil
}

// inherit takes what a base URL gives. A pattern for its user is never meant.
func (p Parts) inherit(result Parts, base *url.Url, patterns bool) {
	take := func(name Name, value string, before ...Name) {
		if p.has(before...) {
			return
		}
		if patterns {
			value = escapePattern(value)
		}
		result[name] = value
	}
	take(Protocol, base.Scheme(), Protocol)
	if !patterns {
		take(Username, base.Username(), Protocol, Hostname, Port, Username)
		take(Password, base.Password(), Protocol, Hostname, Port, Username, Password)
	}
	take(Hostname, base.Hostname(), Protocol, Hostname)
	take(Port, base.Port(), Protocol, Hostname, Port)
	take(Pathname, base.Pathname(), Protocol, Hostname, Port, Pathname)
	take(Search, base.Query(), Protocol, Hostname, Port, Pathname, Search)
	take(Hash, base.Fragment(), Protocol, Hostname, Port, Pathname, Search, Hash)
}

// trimmed takes the sign off that sets a component apart in a URL.
func trimmed(name Name, value string) string {
	switch name {
	case Protocol:
		return strings.TrimSuffix(value, ":")
	case Search:
		return strings.TrimPrefix(value, "?")
	case Hash:
		return strings.TrimPrefix(value, "#")
	}
	return value
}

// absolute resolves a path against the base URL.
func (p Parts) absolute(path string, base *url.Url, patterns bool) string {
	if base == nil || base.OpaquePath() || strings.HasPrefix(path, "/") || patterns && (strings.HasPrefix(path, `\/`) || strings.HasPrefix(path, "{/")) {
		return path
	}
	folder := base.Pathname()
	if patterns {
		folder = escapePattern(folder)
	}
	return folder[:strings.LastIndexByte(folder, '/')+1] + path
}

var errUnknown = errors.New("no component of a URL")

// normal is a part as it is in a URL of a protocol.
func normal(name Name, value, protocol string) (string, error) {
	ordinary := protocol == "" || special(protocol)
	switch name {
	case Protocol:
		return canonicalProtocol(value)
	case Username, Password:
		return canonicalUser(value)
	case Hostname:
		if ordinary {
			return canonicalDomain(value)
		}
		return canonicalOpaqueHost(value)
	case Port:
		return canonicalPort(protocol, value)
	case Pathname:
		if ordinary {
			return canonicalPath(value)
		}
		return canonicalOpaquePath(value)
	case Search:
		return canonicalSearch(value)
	case Hash:
		return canonicalHash(value)
	}
	return "", errUnknown
}
