package subtle

import (
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"math/big"
)

var curves = map[string]elliptic.Curve{"P-256": elliptic.P256(), "P-384": elliptic.P384(), "P-521": elliptic.P521()}

// Curve finds a curve by its name: "P-256".
func Curve(name string) (elliptic.Curve, error) {
	if c, known := curves[name]; known {
		return c, nil
	}
	return nil, unsupported("the curve %q is not supported; P-256, P-384 and P-521 are", name)
}

// GenerateEC makes a key for ECDSA or ECDH.
func GenerateEC(curve string) (*ecdsa.PrivateKey, error) {
	c, err := Curve(curve)
	if err != nil {
		return nil, err
	}
	return ecdsa.GenerateKey(c, rand.Reader)
}

// GenerateEd25519 makes a key to sign with.
func GenerateEd25519() (ed25519.PrivateKey, error) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	return key, err
}

// GenerateX25519 makes a key to agree on secrets with.
func GenerateX25519() (*ecdh.PrivateKey, error) { return ecdh.X25519().GenerateKey(rand.Reader) }

func coordinateSize(c elliptic.Curve) int { return (c.Params().BitSize + 7) / 8 }

// SignECDSA signs; the signature is two numbers of the curve's size.
func SignECDSA(key *ecdsa.PrivateKey, hash string, message []byte) ([]byte, error) {
	_, sum, err := hashed(hash, message)
	if err != nil {
		return nil, err
	}
	r, s, err := ecdsa.Sign(rand.Reader, key, sum)
	if err != nil {
		return nil, failed("ECDSA", err)
	}
	size := coordinateSize(key.Curve)
	out := make([]byte, 2*size)
	r.FillBytes(out[:size])
	s.FillBytes(out[size:])
	return out, nil
}

// VerifyECDSA reports whether a signature of [SignECDSA] is right.
func VerifyECDSA(key *ecdsa.PublicKey, hash string, signature, message []byte) (bool, error) {
	_, sum, err := hashed(hash, message)
	if err != nil {
		return false, err
	}
	size := coordinateSize(key.Curve)
	if len(signature) != 2*size {
		return false, nil
	}
	r, s := new(big.Int).SetBytes(signature[:size]), new(big.Int).SetBytes(signature[size:])
	return ecdsa.Verify(key, sum, r, s), nil
}

// Agree gives the secret of a private and a public key of one curve.
func Agree(private, public any) ([]byte, error) {
	mine, err := agreeing(private)
	if err != nil {
		return nil, err
	}
	theirs, ok := public.(*ecdh.PublicKey)
	if key, isEC := public.(*ecdsa.PublicKey); isEC {
		theirs, err = key.ECDH()
		ok = err == nil
	}
	if !ok || theirs.Curve() != mine.Curve() {
		return nil, &Error{"InvalidAccessError", "the public key is not of the private key's curve"}
	}
	secret, err := mine.ECDH(theirs)
	if err != nil {
		return nil, operation("%v", err)
	}
	return secret, nil
}

func agreeing(private any) (*ecdh.PrivateKey, error) {
	switch key := private.(type) {
	case *ecdh.PrivateKey:
		return key, nil
	case *ecdsa.PrivateKey:
		return key.ECDH()
	}
	return nil, operation("the key cannot be used to agree on a secret")
}
