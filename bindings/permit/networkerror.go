package permit

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
)

// NetworkCode names what the system, a resolver or TLS said of a connection, as
// scripts know it; "" if err is nothing of theirs.
func NetworkCode(err error) string {
	var (
		dns     *net.DNSError
		timeout net.Error
	)
	if code := CodeOf(err); code != "" {
		return code
	}
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return "ENOTFOUND"
	case errors.As(err, &dns):
		return "EAI_AGAIN"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "ETIMEDOUT"
	}
	return certificateCode(err)
}

// Said is what the door has said, beneath an error that others have wrapped: a
// refusal, a limit or a failure of a file. nil is nothing.
func Said(err error) error {
	var (
		refused *NotCapableError
		limit   *LimitError
		file    *FileError
	)
	switch {
	case errors.As(err, &refused):
		return refused
	case errors.As(err, &limit):
		return limit
	case errors.As(err, &file):
		return file
	}
	return nil
}

// certificateCode is OpenSSL's word for what is wrong with a certificate, as
// Node has it; "" is nothing.
func certificateCode(err error) string {
	var (
		unknown  x509.UnknownAuthorityError
		host     x509.HostnameError
		invalid  x509.CertificateInvalidError
		record   tls.RecordHeaderError
		verify   *tls.CertificateVerificationError
		alert    tls.AlertError
		selfMade = "DEPTH_ZERO_SELF_SIGNED_CERT"
	)
	switch {
	case errors.As(err, &unknown):
		if c := unknown.Cert; c != nil && c.Issuer.String() == c.Subject.String() {
			return selfMade
		}
		return "UNABLE_TO_VERIFY_LEAF_SIGNATURE"
	case errors.As(err, &host):
		return "ERR_TLS_CERT_ALTNAME_INVALID"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "CERT_HAS_EXPIRED"
	case errors.As(err, &invalid), errors.As(err, &verify):
		return "CERT_UNTRUSTED"
	case errors.As(err, &record):
		return "ERR_SSL_WRONG_VERSION_NUMBER"
	case errors.As(err, &alert):
		return "ERR_SSL_ALERT"
	}
	return ""
}
