// Package subtle has the cryptography of scripts: what crypto.subtle and
// node:crypto do beneath their objects. It is Go's own, by the names of the Web
// Cryptography standard, and knows nothing of JavaScript. Its functions keep
// nothing and are safe for concurrent use.
package subtle

import (
	"crypto"
	"fmt"
	"hash"

	// Hashes that names lead to.
	_ "crypto/sha1"
	_ "crypto/sha256"
	_ "crypto/sha512"
)

// Error is a failure with the name that scripts know it by.
type Error struct {
	Name string // of a DOMException: "OperationError", "DataError", "NotSupportedError"
	Text string
}

func (e *Error) Error() string { return e.Text }

// ErrorName is the property name of the Error that scripts see.
func (e *Error) ErrorName() string { return e.Name }

func operation(format string, args ...any) error {
	return &Error{"OperationError", fmt.Sprintf(format, args...)}
}

func data(format string, args ...any) error {
	return &Error{"DataError", fmt.Sprintf(format, args...)}
}

func unsupported(format string, args ...any) error {
	return &Error{"NotSupportedError", fmt.Sprintf(format, args...)}
}

var hashes = map[string]crypto.Hash{
	"SHA-1": crypto.SHA1, "SHA-256": crypto.SHA256, "SHA-384": crypto.SHA384, "SHA-512": crypto.SHA512,
}

// Hash finds a hash by its name: "SHA-256".
func Hash(name string) (crypto.Hash, error) {
	if h, known := hashes[name]; known {
		return h, nil
	}
	return 0, unsupported("the hash %q is not supported; SHA-1, SHA-256, SHA-384 and SHA-512 are", name)
}

func newHash(name string) (func() hash.Hash, error) {
	h, err := Hash(name)
	if err != nil {
		return nil, err
	}
	return h.New, nil
}

// Digest gives the hash of a message.
func Digest(name string, message []byte) ([]byte, error) {
	h, err := Hash(name)
	if err != nil {
		return nil, err
	}
	sum := h.New()
	sum.Write(message)
	return sum.Sum(nil), nil
}
