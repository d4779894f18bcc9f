package node

import (
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"strings"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
)

// key is an asymmetric key; private is nil of a public one.
type key struct {
	private any // *rsa.PrivateKey, *ecdsa.PrivateKey, ed25519.PrivateKey or *ecdh.PrivateKey
	public  any // *rsa.PublicKey, *ecdsa.PublicKey, ed25519.PublicKey or *ecdh.PublicKey
}

// keyOf makes a key of what the standard library parses.
func keyOf(parsed any) (*key, error) {
	switch k := parsed.(type) {
	case *rsa.PublicKey, *ecdsa.PublicKey, ed25519.PublicKey, *ecdh.PublicKey:
		return &key{public: k}, nil
	case *ecdh.PrivateKey:
		return &key{k, k.PublicKey()}, nil
	case interface{ Public() crypto.PublicKey }:
		return &key{k, k.Public()}, nil
	}
	return nil, fmt.Errorf("keys of the kind %T are not supported", parsed)
}

const badKey = "ERR_OSSL_UNSUPPORTED"

// parsePEM reads the first key or certificate of a PEM text.
func parsePEM(text []byte, private bool) (*key, error) {
	for {
		block, rest := pem.Decode(text)
		if block == nil {
			return nil, &cryptoError{"there is no key in the text: it must be PEM, which begins with -----BEGIN", badKey}
		}
		text = rest
		if block.Type == "EC PARAMETERS" {
			continue
		}
		if strings.Contains(block.Type, "ENCRYPTED") || block.Headers["DEK-Info"] != "" {
			return nil, &cryptoError{"keys with a passphrase are not supported: decrypt the key with openssl pkey, and keep it as a secret", "ERR_MISSING_PASSPHRASE"}
		}
		k, err := parseBlock(block)
		if err == nil && private && k.private == nil {
			return nil, &cryptoError{"the key is a public one", badKey}
		}
		return k, err
	}
}

func parseBlock(block *pem.Block) (*key, error) {
	kind := map[string]string{
		"PRIVATE KEY": "pkcs8", "RSA PRIVATE KEY": "pkcs1", "EC PRIVATE KEY": "sec1", "PUBLIC KEY": "spki", "RSA PUBLIC KEY": "pkcs1-public", "CERTIFICATE": "certificate",
	}[block.Type]
	if kind == "" {
		return nil, &cryptoError{"a key is wanted, not " + block.Type, badKey}
	}
	return parseDER(block.Bytes, kind)
}

// parseDER reads a key in one of the forms that parseBlock names.
func parseDER(data []byte, kind string) (*key, error) {
	var parsed any
	var err error
	switch kind {
	case "pkcs8":
		parsed, err = x509.ParsePKCS8PrivateKey(data)
	case "pkcs1":
		parsed, err = x509.ParsePKCS1PrivateKey(data)
	case "sec1":
		parsed, err = x509.ParseECPrivateKey(data)
	case "spki":
		parsed, err = x509.ParsePKIXPublicKey(data)
	case "pkcs1-public":
		parsed, err = x509.ParsePKCS1PublicKey(data)
	case "certificate":
		var certificate *x509.Certificate
		if certificate, err = x509.ParseCertificate(data); err == nil {
			parsed = certificate.PublicKey
		}
	default:
		err = fmt.Errorf("unknown form of a key %q; use pkcs8, pkcs1, sec1 or spki", kind)
	}
	if err != nil {
		return nil, &cryptoError{"the key cannot be read: " + err.Error(), badKey}
	}
	return keyOf(parsed)
}

// describe gives type and details of a key.
func (k *key) describe() (kind string, details native.Record) {
	switch p := k.public.(type) {
	case *rsa.PublicKey:
		return "rsa", native.Record{{Name: "modulusLength", Value: p.N.BitLen()}, {Name: "publicExponent", Value: p.E}}
	case *ecdsa.PublicKey:
		return "ec", native.Record{{Name: "namedCurve", Value: curveNames[p.Curve]}}
	case *ecdh.PublicKey:
		return "x25519", nil
	}
	return "ed25519", nil
}

var curveNames = map[elliptic.Curve]string{elliptic.P256(): "prime256v1", elliptic.P384(): "secp384r1", elliptic.P521(): "secp521r1", elliptic.P224(): "secp224r1"}

var curvesByName = map[string]elliptic.Curve{
	"prime256v1": elliptic.P256(), "p-256": elliptic.P256(), "secp256r1": elliptic.P256(), "secp384r1": elliptic.P384(), "p-384": elliptic.P384(),
	"secp521r1": elliptic.P521(), "p-521": elliptic.P521(), "secp224r1": elliptic.P224(), "p-224": elliptic.P224(),
}

// export gives the DER form of a key and the type of its PEM block.
func (k *key) export(form string) (data []byte, block string, err error) {
	switch form {
	case "pkcs8":
		data, err = x509.MarshalPKCS8PrivateKey(k.private)
		return data, "PRIVATE KEY", err
	case "spki":
		data, err = x509.MarshalPKIXPublicKey(k.public)
		return data, "PUBLIC KEY", err
	case "sec1":
		if private, ok := k.private.(*ecdsa.PrivateKey); ok {
			data, err = x509.MarshalECPrivateKey(private)
			return data, "EC PRIVATE KEY", err
		}
	case "pkcs1":
		if private, ok := k.private.(*rsa.PrivateKey); ok {
			return x509.MarshalPKCS1PrivateKey(private), "RSA PRIVATE KEY", nil
		}
		if public, ok := k.public.(*rsa.PublicKey); ok && k.private == nil {
			return x509.MarshalPKCS1PublicKey(public), "RSA PUBLIC KEY", nil
		}
	}
	return nil, "", &cryptoError{fmt.Sprintf("this key cannot be exported as %q", form), "ERR_CRYPTO_INCOMPATIBLE_KEY_OPTIONS"}
}

// generate makes a key: rsa with a size in bits, ec with a curve, ed25519 or
// x25519.
func generate(kind string, bits int, curve string) (*key, error) {
	var made any
	var err error
	switch kind {
	case "rsa":
		made, err = rsa.GenerateKey(rand.Reader, bits)
	case "ec":
		named := curvesByName[strings.ToLower(curve)]
		if named == nil {
			return nil, &cryptoError{fmt.Sprintf("the curve %q is not supported; use prime256v1, secp384r1 or secp521r1", curve), "ERR_CRYPTO_INVALID_CURVE"}
		}
		made, err = ecdsa.GenerateKey(named, rand.Reader)
	case "ed25519":
		_, made, err = ed25519.GenerateKey(rand.Reader)
	default:
		made, err = ecdh.X25519().GenerateKey(rand.Reader)
	}
	if err != nil {
		return nil, err
	}
	return keyOf(made)
}

// keyObject is the handle that crypto.js keeps of a key.
func keyObject(h *native.Host, k *key) goja.Value {
	kind, details := k.describe()
	return h.Value(native.Record{
		{Name: "key", Value: h.Runtime.ToValue(&held{k})}, {Name: "type", Value: kind}, {Name: "details", Value: details}, {Name: "private", Value: k.private != nil},
	})
}

// held keeps a key from being taken apart by scripts.
type held struct{ key *key }

func heldKey(h *native.Host, v goja.Value) *key {
	if k, ok := v.Export().(*held); ok {
		return k.key
	}
	native.Throw(h.Runtime, "a key is wanted, got %s", native.Describe(v))
	return nil
}
