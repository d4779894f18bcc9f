package permit

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"os"
)

// Authorities are certificates that connections trust beside the system's. A
// nil one is the system's alone.
type Authorities struct {
	pool *x509.CertPool
	id   string
}

// NewAuthorities reads certificates in PEM; none at all is nil.
func NewAuthorities(pem []byte) (*Authorities, error) {
	if len(pem) == 0 {
		return nil, nil
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool() // there is none
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("the authorities are no certificates in PEM")
	}
	sum := sha256.Sum256(pem)
	return &Authorities{pool, hex.EncodeToString(sum[:])}, nil
}

// Pool is for a TLS configuration; nil stands for the system's.
func (a *Authorities) Pool() *x509.CertPool {
	if a == nil {
		return nil
	}
	return a.pool
}

// ID tells these authorities from others; "" is the system's.
func (a *Authorities) ID() string {
	if a == nil {
		return ""
	}
	return a.id
}

// LoadAuthorities reads the files that the configuration names, and others.
func (c *Config) LoadAuthorities(others ...string) ([]byte, error) {
	var all []byte
	for _, path := range append(append([]string(nil), c.Authorities...), others...) {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("read the certificates of authorities: %w", err)
		}
		if !x509.NewCertPool().AppendCertsFromPEM(text) {
			return nil, fmt.Errorf("read the certificates of authorities: %s holds no certificate in PEM", path)
		}
		all = append(append(all, text...), '\n')
	}
	return all, nil
}

// Authorities are those that connections of the run trust.
func (r *Run) Authorities() *Authorities { return r.door.authorities }
