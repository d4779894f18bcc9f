package web

import (
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"net"
	"strings"
	"time"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
)

// certificate gives what Node tells of the server's certificate; an empty object
// if there is none, as without TLS.
func (x *exchange) certificate(goja.FunctionCall) goja.Value {
	c := x.peer.Load()
	if c == nil {
		return x.g.host.Value(native.Record{})
	}
	const validity = "Jan _2 15:04:05 2006 GMT"
	first, second := sha1.Sum(c.Raw), sha256.Sum256(c.Raw)
	return x.g.host.Value(native.Record{
		{Name: "subject", Value: nameOf(c.Subject)}, {Name: "issuer", Value: nameOf(c.Issuer)},
		{Name: "subjectaltname", Value: alternatives(c)}, {Name: "ca", Value: c.IsCA},
		{Name: "valid_from", Value: c.NotBefore.In(time.UTC).Format(validity)}, {Name: "valid_to", Value: c.NotAfter.In(time.UTC).Format(validity)},
		{Name: "fingerprint", Value: inPairs(first[:])}, {Name: "fingerprint256", Value: inPairs(second[:])},
		{Name: "serialNumber", Value: strings.ToUpper(hex.EncodeToString(c.SerialNumber.Bytes()))}, {Name: "raw", Value: append([]byte{}, c.Raw...)},
	})
}

// nameOf is a name by OpenSSL's short words; several values of one word are an
// array.
func nameOf(name pkix.Name) native.Record {
	words := map[string]string{
		"2.5.4.3": "CN", "2.5.4.6": "C", "2.5.4.7": "L", "2.5.4.8": "ST", "2.5.4.9": "street", "2.5.4.10": "O", "2.5.4.11": "OU", "2.5.4.5": "serialNumber", "1.2.840.113549.1.9.1": "emailAddress",
	}
	var record native.Record
	at := map[string]int{}
	for _, part := range name.Names {
		word, known := words[part.Type.String()]
		text, isText := part.Value.(string)
		if !known || !isText {
			continue
		}
		i, again := at[word]
		if !again {
			at[word] = len(record)
			record = append(record, native.Field{Name: word, Value: text})
		} else if list, ok := record[i].Value.([]string); ok {
			record[i].Value = append(list, text)
		} else {
			record[i].Value = []string{record[i].Value.(string), text}
		}
	}
	return record
}

// alternatives are the names that a certificate is for: "DNS:a, IP Address:b".
func alternatives(c *x509.Certificate) string {
	var names []string
	for _, name := range c.DNSNames {
		names = append(names, "DNS:"+name)
	}
	for _, address := range c.IPAddresses {
		names = append(names, "IP Address:"+net.IP.String(address))
	}
	return strings.Join(names, ", ")
}

// inPairs writes bytes as AB:CD.
func inPairs(data []byte) string {
	pairs := make([]string, len(data))
	for i, b := range data {
		pairs[i] = strings.ToUpper(hex.EncodeToString([]byte{b}))
	}
	return strings.Join(pairs, ":")
}
