package subtle

import (
	"bytes"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/base64"
	"math"
	"math/big"
)

// JWK are the members of a JSON Web Key that are the key itself, by their names:
// kty and crv as text, the others in base64url.
type JWK map[string]string

// Bytes decodes a member.
func (k JWK) Bytes(name string) ([]byte, error) {
	text, given := k[name]
	if !given {
		return nil, data("jwk: %s is missing", name)
	}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return nil, data("jwk: %s is not base64url", name)
	}
	return raw, nil
}

func (k JWK) number(name string, into **big.Int) error {
	raw, err := k.Bytes(name)
	if err == nil {
		*into = new(big.Int).SetBytes(raw)
	}
	return err
}

func (k JWK) put(name string, raw []byte) { k[name] = base64.RawURLEncoding.EncodeToString(raw) }

// Parse reads a key that consists of two, private if d is there.
func (k JWK) Parse() (any, error) {
	switch k["kty"] {
	case "RSA":
		return k.parseRSA()
	case "EC":
		return k.parseEC()
	case "OKP":
		return k.parseOKP()
	}
	return nil, data("jwk: the kty %q is not known", k["kty"])
}

func (k JWK) parseRSA() (any, error) {
	var n, e, d *big.Int
	if err := k.number("n", &n); err != nil {
		return nil, err
	}
	if err := k.number("e", &e); err != nil {
		return nil, err
	}
	if !e.IsInt64() || e.Int64() > math.MaxInt32 || e.Int64() < 3 || n.BitLen() < 256 {
		return nil, data("jwk: n or e is out of bounds")
	}
	public := rsa.PublicKey{N: n, E: int(e.Int64())}
	if _, private := k["d"]; !private {
		return &public, nil
	}
	key := &rsa.PrivateKey{PublicKey: public, Primes: make([]*big.Int, 2)}
	if err := k.number("d", &d); err != nil {
		return nil, err
	}
	key.D = d
	for i, name := range []string{"p", "q"} {
		if err := k.number(name, &key.Primes[i]); err != nil {
			return nil, err
		}
	}
	for _, name := range []string{"dp", "dq", "qi"} {
		if _, err := k.Bytes(name); err != nil {
			return nil, err
		}
	}
	if err := key.Validate(); err != nil {
		return nil, data("jwk: %v", err)
	}
	key.Precompute()
	return key, nil
}

func (k JWK) parseEC() (any, error) {
	c, known := curves[k["crv"]]
	if !known {
		return nil, data("jwk: the curve %q is not known", k["crv"])
	}
	x, err := k.Bytes("x")
	if err != nil {
		return nil, err
	}
	y, err := k.Bytes("y")
	if err != nil {
		return nil, err
	}
	size := coordinateSize(c)
	if len(x) != size || len(y) != size {
		return nil, data("jwk: x and y must have %d bytes", size)
	}
	public, err := ecdsa.ParseUncompressedPublicKey(c, append(append([]byte{4}, x...), y...))
	if err != nil {
		return nil, data("jwk: this is no point of %s", k["crv"])
	}
	if _, private := k["d"]; !private {
		return public, nil
	}
	d, err := k.Bytes("d")
	if err != nil {
		return nil, err
	}
	key, err := ecdsa.ParseRawPrivateKey(c, d)
	if err != nil || !key.PublicKey.Equal(public) {
		return nil, data("jwk: d does not belong to x and y")
	}
	return key, nil
}

func (k JWK) parseOKP() (any, error) {
	x, err := k.Bytes("x")
	if err != nil {
		return nil, err
	}
	public, err := ParseRaw(k["crv"], "", x)
	if err != nil {
		return nil, data("jwk: x is no key of %q", k["crv"])
	}
	if _, private := k["d"]; !private {
		return public, nil
	}
	d, err := k.Bytes("d")
	if err != nil {
		return nil, err
	}
	if k["crv"] == KindEd25519 {
		if len(d) != ed25519.SeedSize {
			return nil, data("jwk: d must have 32 bytes")
		}
		key := ed25519.NewKeyFromSeed(d)
		if !bytes.Equal(key.Public().(ed25519.PublicKey), x) {
			return nil, data("jwk: d does not belong to x")
		}
		return key, nil
	}
	key, err := ecdh.X25519().NewPrivateKey(d)
	if err != nil || !bytes.Equal(key.PublicKey().Bytes(), x) {
		return nil, data("jwk: d does not belong to x")
	}
	return key, nil
}

// FormatJWK writes a key that consists of two.
func FormatJWK(key any) (JWK, error) {
	k := JWK{}
	switch key := key.(type) {
	case *rsa.PrivateKey:
		key.Precompute()
		k.putRSA(&key.PublicKey)
		for name, n := range map[string]*big.Int{
			"d": key.D, "p": key.Primes[0], "q": key.Primes[1], "dp": key.Precomputed.Dp, "dq": key.Precomputed.Dq, "qi": key.Precomputed.Qinv,
		} {
			k.put(name, n.Bytes())
		}
	case *rsa.PublicKey:
		k.putRSA(key)
	case *ecdsa.PrivateKey:
		d, err := key.Bytes()
		if err != nil {
			return nil, failed("jwk", err)
		}
		k.put("d", d)
		return k, k.putEC(&key.PublicKey)
	case *ecdsa.PublicKey:
		return k, k.putEC(key)
	case ed25519.PrivateKey:
		k.putOKP(KindEd25519, key.Public().(ed25519.PublicKey))
		k.put("d", key.Seed())
	case ed25519.PublicKey:
		k.putOKP(KindEd25519, key)
	case *ecdh.PrivateKey:
		k.putOKP(KindX25519, key.PublicKey().Bytes())
		k.put("d", key.Bytes())
	case *ecdh.PublicKey:
		k.putOKP(KindX25519, key.Bytes())
	}
	return k, nil
}

func (k JWK) putRSA(key *rsa.PublicKey) {
	k["kty"] = "RSA"
	k.put("n", key.N.Bytes())
	k.put("e", big.NewInt(int64(key.E)).Bytes())
}

func (k JWK) putEC(key *ecdsa.PublicKey) error {
	raw, err := key.Bytes()
	if err != nil {
		return failed("jwk", err)
	}
	size := coordinateSize(key.Curve)
	k["kty"], k["crv"] = "EC", key.Curve.Params().Name
	k.put("x", raw[1:1+size])
	k.put("y", raw[1+size:])
	return nil
}

func (k JWK) putOKP(curve string, raw []byte) {
	k["kty"], k["crv"] = "OKP", curve
	k.put("x", raw)
}
