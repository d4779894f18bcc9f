package node

import (
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/base64"
	"fmt"
	"math/big"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
)

func number64(n *big.Int, size int) string {
	return base64.RawURLEncoding.EncodeToString(n.FillBytes(make([]byte, max(size, (n.BitLen()+7)/8))))
}

func bytes64(data []byte) string { return base64.RawURLEncoding.EncodeToString(data) }

// jwk is a key as RFC 7517 has it.
func (k *key) jwk() (native.Record, error) {
	switch public := k.public.(type) {
	case *rsa.PublicKey:
		record := native.Record{{Name: "kty", Value: "RSA"}, {Name: "n", Value: number64(public.N, 0)}, {Name: "e", Value: number64(big.NewInt(int64(public.E)), 0)}}
		if private, ok := k.private.(*rsa.PrivateKey); ok {
			record = append(record,
				native.Field{Name: "d", Value: number64(private.D, 0)}, native.Field{Name: "p", Value: number64(private.Primes[0], 0)}, native.Field{Name: "q", Value: number64(private.Primes[1], 0)},
				native.Field{Name: "dp", Value: number64(private.Precomputed.Dp, 0)}, native.Field{Name: "dq", Value: number64(private.Precomputed.Dq, 0)}, native.Field{Name: "qi", Value: number64(private.Precomputed.Qinv, 0)})
		}
		return record, nil
	case *ecdsa.PublicKey:
		return k.ecJWK(public)
	case ed25519.PublicKey:
		record := native.Record{{Name: "crv", Value: "Ed25519"}}
		if private, ok := k.private.(ed25519.PrivateKey); ok {
			record = append(record, native.Field{Name: "d", Value: bytes64(private.Seed())})
		}
		return append(record, native.Field{Name: "x", Value: bytes64(public)}, native.Field{Name: "kty", Value: "OKP"}), nil
	case *ecdh.PublicKey:
		record := native.Record{{Name: "crv", Value: "X25519"}}
		if private, ok := k.private.(*ecdh.PrivateKey); ok {
			record = append(record, native.Field{Name: "d", Value: bytes64(private.Bytes())})
		}
		return append(record, native.Field{Name: "x", Value: bytes64(public.Bytes())}, native.Field{Name: "kty", Value: "OKP"}), nil
	}
	return nil, fmt.Errorf("keys of the kind %T have no form as JWK", k.public)
}

func (k *key) ecJWK(public *ecdsa.PublicKey) (native.Record, error) {
	point, err := public.Bytes()
	if err != nil {
		return nil, err
	}
	half := (len(point) - 1) / 2
	record := native.Record{
		{Name: "kty", Value: "EC"}, {Name: "x", Value: bytes64(point[1 : 1+half])}, {Name: "y", Value: bytes64(point[1+half:])}, {Name: "crv", Value: public.Curve.Params().Name},
	}
	if private, ok := k.private.(*ecdsa.PrivateKey); ok {
		secret, err := private.Bytes()
		if err != nil {
			return nil, err
		}
		record = append(record, native.Field{Name: "d", Value: bytes64(secret)})
	}
	return record, nil
}

// parseJWK reads the members of a JWK.
func parseJWK(get func(string) string) (*key, error) {
	field := func(name string) []byte {
		data, _ := base64.RawURLEncoding.DecodeString(get(name))
		return data
	}
	switch get("kty") + " " + get("crv") {
	case "OKP Ed25519":
		if seed := field("d"); len(seed) == ed25519.SeedSize {
			return keyOf(ed25519.NewKeyFromSeed(seed))
		}
		if public := field("x"); len(public) == ed25519.PublicKeySize {
			return keyOf(ed25519.PublicKey(public))
		}
	case "OKP X25519":
		if secret := field("d"); len(secret) > 0 {
			return parsed(ecdh.X25519().NewPrivateKey(secret))
		}
		return parsed(ecdh.X25519().NewPublicKey(field("x")))
	case "EC P-256", "EC P-384", "EC P-521":
		return parseECJWK(get("crv"), field)
	default:
		if get("kty") == "RSA" {
			return parseRSAJWK(field)
		}
	}
	return nil, errBadJWK
}

var errBadJWK = &cryptoError{"the JWK cannot be read", "ERR_CRYPTO_INVALID_JWK"}

func parsed[T any](k T, err error) (*key, error) {
	if err != nil {
		return nil, &cryptoError{"the JWK cannot be read: " + err.Error(), "ERR_CRYPTO_INVALID_JWK"}
	}
	return keyOf(k)
}

func parseECJWK(crv string, field func(string) []byte) (*key, error) {
	curve := map[string]string{"P-256": "p-256", "P-384": "p-384", "P-521": "p-521"}[crv]
	if secret := field("d"); len(secret) > 0 {
		return parsed(ecdsa.ParseRawPrivateKey(curvesByName[curve], secret))
	}
	return parsed(ecdsa.ParseUncompressedPublicKey(curvesByName[curve], append(append([]byte{4}, field("x")...), field("y")...)))
}

func parseRSAJWK(field func(string) []byte) (*key, error) {
	number := func(name string) *big.Int { return new(big.Int).SetBytes(field(name)) }
	public := rsa.PublicKey{N: number("n"), E: int(number("e").Int64())}
	if public.N.BitLen() < 512 || public.E < 3 {
		return nil, errBadJWK
	}
	if len(field("d")) == 0 {
		return keyOf(&public)
	}
	private := &rsa.PrivateKey{PublicKey: public, D: number("d"), Primes: []*big.Int{number("p"), number("q")}}
	if err := private.Validate(); err != nil {
		return nil, &cryptoError{"the JWK cannot be read: " + err.Error(), "ERR_CRYPTO_INVALID_JWK"}
	}
	private.Precompute()
	return keyOf(private)
}

// jwkNatives read and write keys as JWK.
var jwkNatives = []member{
	{Name: "parseJWK", Call: func(h *native.Host, call goja.FunctionCall) goja.Value {
		object := call.Argument(0).ToObject(h.Runtime)
		k, err := parseJWK(func(name string) string {
			if v := object.Get(name); v != nil && goja.IsString(v) {
				return v.String()
			}
			return ""
		})
		if err != nil {
			h.Throw(err)
		}
		return keyObject(h, k)
	}},
	{Name: "exportJWK", Call: func(h *native.Host, call goja.FunctionCall) goja.Value {
		record, err := heldKey(h, call.Argument(0)).jwk()
		if err != nil {
			h.Throw(err)
		}
		return h.Value(record)
	}},
}
