package urlpattern

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/nlnwa/whatwg-url/url"
)

// parser keeps nothing.
var parser = url.NewParser()

// defaultPorts are those of the special schemes; file has none.
var defaultPorts = map[string]string{"http": "80", "https": "443", "ws": "80", "wss": "443", "ftp": "21"}

// SpecialSchemes are those that the URL standard treats specially.
var SpecialSchemes = []string{"http", "https", "ws", "wss", "ftp", "file"}

func special(scheme string) bool {
	_, hasPort := defaultPorts[scheme]
	return hasPort || scheme == "file"
}

// changed is the URL that at is with input read from a state on.
func changed(at, input string, state url.State) (*url.Url, error) {
	dummy, err := parser.Parse(at)
	if err != nil {
		return nil, err
	}
	return parser.BasicParser(input, nil, dummy, state)
}

func canonicalProtocol(value string) (string, error) {
	if value == "" {
		return "", nil
	}
	u, err := parser.Parse(value + "://dummy.invalid")
	if err != nil {
		return "", fmt.Errorf("%q is no protocol", value)
	}
	return u.Scheme(), nil
}

func canonicalUser(value string) (string, error) {
	return parser.PercentEncodeString(value, url.UserInfoPercentEncodeSet), nil
}

func canonicalDomain(value string) (string, error) { return canonicalHost("https", value) }

func canonicalOpaqueHost(value string) (string, error) { return canonicalHost("x", value) }

func canonicalHost(scheme, value string) (string, error) {
	if value == "" {
		return "", nil
	}
	wrong := fmt.Errorf("%q is no host", value)
	if value[0] != '[' && strings.Contains(value, ":") {
		return "", wrong
	}
	u, err := changed(scheme+"://dummy.invalid", value, url.StateHostname)
	if err != nil || u.Hostname() == "" {
		return "", wrong
	}
	return u.Hostname(), nil
}

func canonicalIPv6(value string) (string, error) {
	for _, r := range value {
		if !strings.ContainsRune("[]:", r) && !unicode.Is(unicode.ASCII_Hex_Digit, r) {
			return "", fmt.Errorf("%q is no IPv6 address", value)
		}
	}
	return strings.ToLower(value), nil
}

func canonicalPort(protocol, value string) (string, error) {
	if value == "" {
		return "", nil
	}
	if protocol == "" {
		protocol = "x" // has no port by default
	}
	u, err := changed(protocol+"://dummy.invalid", value, url.StatePort)
	if digits := strings.TrimLeft(value, "\t\n\r"); err != nil || digits == "" || !digit(digits) {
		return "", fmt.Errorf("%q is no port", value)
	}
	return u.Port(), nil
}

func canonicalPath(value string) (string, error) {
	switch {
	case value == "":
		return "", nil
	case value[0] == '/':
		u, err := changed("x://dummy.invalid", value, url.StatePathStart)
		if err != nil {
			return "", err
		}
		return u.Pathname(), nil
	}
	// Without a slash "." and ".." would mean something.
	path, err := canonicalPath("/-" + value)
	return strings.TrimPrefix(path, "/-"), err
}

func canonicalOpaquePath(value string) (string, error) {
	if value == "" {
		return "", nil
	}
	u, err := parser.BasicParser(value, nil, parser.NewUrl(), url.StateOpaquePath)
	if err != nil {
		return "", err
	}
	return u.Pathname(), nil
}

func canonicalSearch(value string) (string, error) {
	if value == "" {
		return "", nil
	}
	u, err := changed("x://dummy.invalid", value, url.StateQuery)
	if err != nil {
		return "", err
	}
	return u.Query(), nil
}

func canonicalHash(value string) (string, error) {
	if value == "" {
		return "", nil
	}
	u, err := changed("x://dummy.invalid", value, url.StateFragment)
	if err != nil {
		return "", err
	}
	return u.Fragment(), nil
}
