package glue

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // what files of known hosts are hashed with
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"path"
	"strings"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

// knownHost is one line of a file of known hosts.
type knownHost struct {
	revoked  bool
	patterns []string
	key      ssh.PublicKey
}

// parseKnownHosts reads a text in the form of OpenSSH's known_hosts.
func parseKnownHosts(text []byte) ([]knownHost, error) {
	var hosts []knownHost
	for len(text) > 0 {
		marker, patterns, key, _, rest, err := ssh.ParseKnownHosts(text)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("the known hosts: %w", err)
		}
		text = rest
		if marker == "cert-authority" {
			return nil, errors.New("the known hosts have a line with @cert-authority: certificates of hosts are not supported; give the host's own key")
		}
		hosts = append(hosts, knownHost{marker == "revoked", patterns, key})
	}
	if len(hosts) == 0 {
		return nil, errors.New("the known hosts name no host")
	}
	return hosts, nil
}

// matches reports whether the line is about an address, as OpenSSH writes it.
func (k knownHost) matches(address string) bool {
	found := false
	for _, pattern := range k.patterns {
		negated := strings.HasPrefix(pattern, "!")
		if !matchesHost(strings.TrimPrefix(pattern, "!"), address) {
			continue
		}
		if negated {
			return false
		}
		found = true
	}
	return found
}

func matchesHost(pattern, address string) bool {
	if hashed, ok := strings.CutPrefix(pattern, "|1|"); ok {
		salt, sum, _ := strings.Cut(hashed, "|")
		key, err := base64.StdEncoding.DecodeString(salt)
		if err != nil {
			return false
		}
		mac := hmac.New(sha1.New, key)
		mac.Write([]byte(address))
		return base64.StdEncoding.EncodeToString(mac.Sum(nil)) == sum
	}
	pattern = knownhosts.Normalize(pattern)
	escaped := strings.NewReplacer("[", `\[`, "]", `\]`).Replace(pattern)
	found, err := path.Match(escaped, address)
	return err == nil && found
}

// errUnknownHost is why a host's key is not accepted.
type errUnknownHost struct{ code, text string }

func (e *errUnknownHost) Error() string { return e.text }

// hostKeyCheck accepts the keys of known hosts.
func hostKeyCheck(hosts []knownHost) ssh.HostKeyCallback {
	return func(address string, _ net.Addr, key ssh.PublicKey) error {
		name, others := knownhosts.Normalize(address), 0
		for _, host := range hosts {
			if !host.matches(name) {
				continue
			}
			same := bytes.Equal(host.key.Marshal(), key.Marshal())
			if same && host.revoked {
				return &errUnknownHost{"SSH_HOST_REVOKED", fmt.Sprintf("the key of %s is revoked", name)}
			}
			if same {
				return nil
			}
			others++
		}
		if others > 0 {
			return &errUnknownHost{"SSH_HOST_CHANGED", fmt.Sprintf("%s has the key %s, and the known hosts have another: it is not the host it was", name, ssh.FingerprintSHA256(key))}
		}
		return &errUnknownHost{"SSH_HOST_UNKNOWN", fmt.Sprintf("%s with the key %s is not among the known hosts; if it is right, add the line: %s", name,
			ssh.FingerprintSHA256(key), knownhosts.Line([]string{name}, key))}
	}
}

// keyTypes are the algorithms for the keys that are known of a host, so that the
// host shows one of them.
func keyTypes(hosts []knownHost, address string) []string {
	var types []string
	for _, host := range hosts {
		if !host.matches(knownhosts.Normalize(address)) || host.revoked {
			continue
		}
		if host.key.Type() == ssh.KeyAlgoRSA {
			types = append(types, ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256)
		} else {
			types = append(types, host.key.Type())
		}
	}
	return types
}
