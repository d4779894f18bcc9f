package subtle

import (
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"math/big"
)

// PublicOf gives the public half of a private key.
func PublicOf(private any) any {
	if key, ok := private.(interface{ Public() crypto.PublicKey }); ok {
		return key.Public()
	}
	return nil
}

// ParseSPKI reads a public key.
func ParseSPKI(der []byte) (any, error) {
	key, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return nil, data("spki: %v", err)
	}
	return key, nil
}

// ParsePKCS8 reads a private key.
func ParsePKCS8(der []byte) (any, error) {
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, data("pkcs8: %v", err)
	}
	return key, nil
}

// FormatSPKI writes a public key.
func FormatSPKI(key any) ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(key)
	return der, failed("spki", err)
}

// FormatPKCS8 writes a private key.
func FormatPKCS8(key any) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	return der, failed("pkcs8", err)
}

// Kinds of keys that consist of two.
const (
	KindRSA     = "RSA"
	KindEC      = "EC"
	KindEd25519 = "Ed25519"
	KindX25519  = "X25519"
)

// KindOf names the kind of a key; "" is none that is known.
func KindOf(key any) string {
	switch key := key.(type) {
	case *rsa.PrivateKey, *rsa.PublicKey:
		return KindRSA
	case *ecdsa.PrivateKey, *ecdsa.PublicKey:
		return KindEC
	case ed25519.PrivateKey, ed25519.PublicKey:
		return KindEd25519
	case *ecdh.PrivateKey:
		if key.Curve() == ecdh.X25519() {
			return KindX25519
		}
	case *ecdh.PublicKey:
		if key.Curve() == ecdh.X25519() {
			return KindX25519
		}
	}
	return ""
}

// CurveOf names the curve of a key of the kind EC; "" is none.
func CurveOf(key any) string {
	switch key := key.(type) {
	case *ecdsa.PrivateKey:
		return key.Curve.Params().Name
	case *ecdsa.PublicKey:
		return key.Curve.Params().Name
	}
	return ""
}

// ParseRaw reads a public key of a kind other than RSA: a point, or the bytes
// of the key. curve is that of the kind EC.
func ParseRaw(kind, curve string, raw []byte) (any, error) {
	switch kind {
	case KindEd25519:
		if len(raw) != ed25519.PublicKeySize {
			return nil, data("raw: a key of Ed25519 has 32 bytes, not %d", len(raw))
		}
		return ed25519.PublicKey(raw), nil
	case KindX25519:
		key, err := ecdh.X25519().NewPublicKey(raw)
		if err != nil {
			return nil, data("raw: %v", err)
		}
		return key, nil
	}
	c, err := Curve(curve)
	if err != nil {
		return nil, err
	}
	return parsePoint(c, raw)
}

func parsePoint(c elliptic.Curve, raw []byte) (any, error) {
	size := coordinateSize(c)
	if len(raw) == size+1 && (raw[0] == 2 || raw[0] == 3) {
		x, y := elliptic.UnmarshalCompressed(c, raw)
		if x == nil {
			return nil, data("raw: this is no point of %s", c.Params().Name)
		}
		raw = point(size, x, y)
	}
	key, err := ecdsa.ParseUncompressedPublicKey(c, raw)
	if err != nil {
		return nil, data("raw: this is no point of %s", c.Params().Name)
	}
	return key, nil
}

func point(size int, x, y *big.Int) []byte {
	raw := make([]byte, 1+2*size)
	raw[0] = 4
	x.FillBytes(raw[1 : 1+size])
	y.FillBytes(raw[1+size:])
	return raw
}

// FormatRaw writes a public key as [ParseRaw] reads it.
func FormatRaw(key any) ([]byte, error) {
	switch key := key.(type) {
	case ed25519.PublicKey:
		return key, nil
	case *ecdh.PublicKey:
		return key.Bytes(), nil
	case *ecdsa.PublicKey:
		raw, err := key.Bytes()
		return raw, failed("raw", err)
	}
	return nil, unsupported("raw: a key of this kind has no raw form")
}
