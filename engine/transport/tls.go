package transport

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"

	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
)

// TLSStrategy says how a connection is secured.
type TLSStrategy string

const (
	TLSServer TLSStrategy = "tls"  // the server shows a certificate
	TLSMutual TLSStrategy = "mtls" // the client shows one as well
	TLSNone   TLSStrategy = "none" // plaintext
)

var strategies = map[TLSStrategy]bool{TLSServer: true, TLSMutual: true, TLSNone: true}

// TLSConfig secures the connection (hatchet-protocol.md sections 1.1 and 1.3).
// Certificates are given as files or as PEM text, not both.
type TLSConfig struct {
	Strategy   TLSStrategy // "" = tls
	CertFile   string
	KeyFile    string
	RootCAFile string
	Cert       string // PEM
	Key        string // PEM
	RootCA     string // PEM; "" and no file = the system's authorities
	ServerName string // "" = the host of the address
	MinVersion string // "1.2" or "1.3"; "" = 1.3
}

// check finds contradictions without reading any file.
func (t TLSConfig) check() error {
	if _, known := strategies[t.Strategy]; !known {
		return fmt.Errorf("TLS strategy %q: must be tls, mtls or none", t.Strategy)
	}
	if t.MinVersion != "" && t.MinVersion != "1.2" && t.MinVersion != "1.3" {
		return fmt.Errorf("HATCHET_CLIENT_TLS_MIN_VERSION %q: must be 1.2 or 1.3", t.MinVersion)
	}
	for _, pair := range [][3]string{
		{"HATCHET_CLIENT_TLS_CERT", t.Cert, t.CertFile}, {"HATCHET_CLIENT_TLS_KEY", t.Key, t.KeyFile},
		{"HATCHET_CLIENT_TLS_ROOT_CA", t.RootCA, t.RootCAFile},
	} {
		if pair[1] != "" && pair[2] != "" {
			return fmt.Errorf("%s and %s_FILE are both set; set only one of them", pair[0], pair[0])
		}
	}
	if t.Strategy == TLSMutual && (t.Cert+t.CertFile == "" || t.Key+t.KeyFile == "") {
		return errors.New("HATCHET_CLIENT_TLS_STRATEGY=mtls needs a client certificate: " +
			"set HATCHET_CLIENT_TLS_CERT_FILE and HATCHET_CLIENT_TLS_KEY_FILE")
	}
	return nil
}

// credentials are the channel's credentials for a server at hostPort.
func (t TLSConfig) credentials(hostPort string) (credentials.TransportCredentials, error) {
	if t.Strategy == TLSNone {
		return insecure.NewCredentials(), nil
	}
	config, err := t.config()
	if err != nil {
		return nil, err
	}
	// With mtls a configured name is taken as it is and a missing one is the
	// channel's authority, which also is the host.
	if host, _, err := net.SplitHostPort(hostPort); err == nil && config.ServerName == "" && t.Strategy == TLSServer {
		config.ServerName = host
	}
	return credentials.NewTLS(config), nil
}

// config is the TLS configuration without the default of the server name.
func (t TLSConfig) config() (*tls.Config, error) {
	config := &tls.Config{ServerName: t.ServerName, MinVersion: tls.VersionTLS13}
	if t.MinVersion == "1.2" {
		config.MinVersion = tls.VersionTLS12
	}
	if t.RootCA+t.RootCAFile != "" {
		pem, err := pemOf("root CA", t.RootCA, t.RootCAFile)
		if err != nil {
			return nil, err
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, errors.New("TLS root CA (HATCHET_CLIENT_TLS_ROOT_CA, _ROOT_CA_FILE) holds no PEM certificate")
		}
	}
	if t.Strategy == TLSMutual {
		certificate, err := t.clientCertificate()
		if err != nil {
			return nil, err
		}
		config.Certificates = []tls.Certificate{certificate}
	}
	return config, nil
}

func (t TLSConfig) clientCertificate() (tls.Certificate, error) {
	cert, err := pemOf("client certificate", t.Cert, t.CertFile)
	if err != nil {
		return tls.Certificate{}, err
	}
	key, err := pemOf("client key", t.Key, t.KeyFile)
	if err != nil {
		return tls.Certificate{}, err
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("TLS client certificate and key (HATCHET_CLIENT_TLS_CERT…, _KEY…): %w", err)
	}
	return pair, nil
}

// pemOf is the PEM text given directly or in a file.
func pemOf(what, inline, file string) ([]byte, error) {
	if file == "" {
		return []byte(inline), nil
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the TLS %s: %w", what, err)
	}
	return pem, nil
}
