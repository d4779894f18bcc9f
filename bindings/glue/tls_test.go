package glue_test

import (
	"crypto/tls"
	"encoding/pem"
	"net/http/httptest"
	"testing"
)

// selfSigned is a certificate for 127.0.0.1, and its PEM text.
func selfSigned(t testing.TB) (*tls.Config, string) {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	server.StartTLS()
	server.Close()
	certificate := server.TLS.Certificates[0]
	return &tls.Config{Certificates: []tls.Certificate{certificate}},
		string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Certificate[0]}))
}
