package permit

import (
	"errors"
	"net"
)

// NetworkCode names what the system or a resolver said of a connection, as
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
	return ""
}
