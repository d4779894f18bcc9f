package web

import (
	"context"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	_ "embed"
	"errors"
	"slices"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/bindings/native/subtle"
)

//go:embed subtle/algorithms.js
var algorithmsSource string

//go:embed subtle/subtle.js
var subtleSource string

//go:embed subtle/keys.js
var keysSource string

var algorithms = newModule("crypto", algorithmsSource, nil, []native.Member[*Globals]{part("events", events)})

var cryptoKeys = newModule("crypto", keysSource, []string{"CryptoKey"}, cryptoNatives(part("events", events), part("algorithms", algorithms)))

var subtleCrypto = newModule("crypto", subtleSource, []string{"SubtleCrypto"}, cryptoNatives(
	part("events", events), part("algorithms", algorithms), part("keys", cryptoKeys),
	native.Member[*Globals]{Name: "encode", Call: (*Globals).encode},
	native.Member[*Globals]{Name: "utf8", Call: (*Globals).utf8},
))

// cryptoArguments are the arguments of an operation. Bytes are copied: the
// operation goes on while the script runs.
type cryptoArguments struct{ call goja.FunctionCall }

func (a cryptoArguments) text(i int) string { return a.call.Argument(i).String() }
func (a cryptoArguments) int(i int) int     { return int(a.call.Argument(i).ToInteger()) }
func (a cryptoArguments) bytes(i int) []byte {
	data, _ := native.Bytes(a.call.Argument(i))
	return slices.Clone(data)
}

// cryptoKey is what scripts hold of a key that consists of two; they see nothing
// of it.
type cryptoKey struct{ key any }

func (a cryptoArguments) key(i int) any {
	if held, ok := a.call.Argument(i).Export().(*cryptoKey); ok {
		return held.key
	}
	return nil
}

// operations read their arguments and return what is done on a goroutine of the
// run: bytes, a boolean, a key or a [subtle.JWK].
var operations = map[string]func(cryptoArguments) func() (any, error){
	"digest": func(a cryptoArguments) func() (any, error) {
		hash, data := a.text(0), a.bytes(1)
		return func() (any, error) { return some(subtle.Digest(hash, data)) }
	},
	"random": func(a cryptoArguments) func() (any, error) {
		size := a.int(0)
		return func() (any, error) {
			data := make([]byte, size)
			_, _ = rand.Read(data) // never fails
			return data, nil
		}
	},
	"mac": func(a cryptoArguments) func() (any, error) {
		hash, key, data := a.text(0), a.bytes(1), a.bytes(2)
		return func() (any, error) { return some(subtle.MAC(hash, key, data)) }
	},
	"verifyMAC": func(a cryptoArguments) func() (any, error) {
		hash, key, tag, data := a.text(0), a.bytes(1), a.bytes(2), a.bytes(3)
		return func() (any, error) { return some(subtle.VerifyMAC(hash, key, tag, data)) }
	},
	"hkdf": func(a cryptoArguments) func() (any, error) {
		hash, key, salt, info, size := a.text(0), a.bytes(1), a.bytes(2), a.bytes(3), a.int(4)
		return func() (any, error) { return some(subtle.HKDF(hash, key, salt, info, size)) }
	},
	"pbkdf2": func(a cryptoArguments) func() (any, error) {
		hash, key, salt, iterations, size := a.text(0), a.bytes(1), a.bytes(2), a.int(3), a.int(4)
		return func() (any, error) { return some(subtle.PBKDF2(hash, key, salt, iterations, size)) }
	},
	"cbc":       cipherOf(subtle.EncryptCBC, subtle.DecryptCBC),
	"ctr":       counterMode,
	"gcm":       galoisMode,
	"wrapKW":    wrapping(subtle.WrapKW),
	"unwrapKW":  wrapping(subtle.UnwrapKW),
	"oaep":      oaep,
	"generate":  generate,
	"sign":      sign,
	"verify":    verify,
	"agree":     agree,
	"parse":     parse,
	"format":    format,
	"parseJWK":  parseJWK,
	"formatJWK": formatJWK,
}

func some[T any](value T, err error) (any, error) { return value, err }

func wrapping(f func(key, data []byte) ([]byte, error)) func(cryptoArguments) func() (any, error) {
	return func(a cryptoArguments) func() (any, error) {
		key, data := a.bytes(0), a.bytes(1)
		return func() (any, error) { return some(f(key, data)) }
	}
}

func cipherOf(encrypt, decrypt func(key, iv, data []byte) ([]byte, error)) func(cryptoArguments) func() (any, error) {
	return func(a cryptoArguments) func() (any, error) {
		f, key, iv, data := encrypt, a.bytes(1), a.bytes(2), a.bytes(3)
		if !a.call.Argument(0).ToBoolean() {
			f = decrypt
		}
		return func() (any, error) { return some(f(key, iv, data)) }
	}
}

func counterMode(a cryptoArguments) func() (any, error) {
	key, counter, bits, data := a.bytes(0), a.bytes(1), a.int(2), a.bytes(3)
	return func() (any, error) { return some(subtle.CTR(key, counter, bits, data)) }
}

func galoisMode(a cryptoArguments) func() (any, error) {
	f, key, iv, additional, tag, data := subtle.EncryptGCM, a.bytes(1), a.bytes(2), a.bytes(3), a.int(4), a.bytes(5)
	if !a.call.Argument(0).ToBoolean() {
		f = subtle.DecryptGCM
	}
	return func() (any, error) { return some(f(key, iv, additional, tag, data)) }
}

var errWrongKey = errors.New("the key is of another kind")

func oaep(a cryptoArguments) func() (any, error) {
	key, hash, label, data := a.key(0), a.text(1), a.bytes(2), a.bytes(3)
	return func() (any, error) {
		switch key := key.(type) {
		case *rsa.PublicKey:
			return some(subtle.EncryptOAEP(key, hash, label, data))
		case *rsa.PrivateKey:
			return some(subtle.DecryptOAEP(key, hash, label, data))
		}
		return nil, errWrongKey
	}
}

func generate(a cryptoArguments) func() (any, error) {
	kind, curve, bits := a.text(0), a.text(1), a.int(1)
	return func() (any, error) {
		switch kind {
		case subtle.KindRSA:
			return some(subtle.GenerateRSA(bits))
		case subtle.KindEC:
			return some(subtle.GenerateEC(curve))
		case subtle.KindEd25519:
			return some(subtle.GenerateEd25519())
		}
		return some(subtle.GenerateX25519())
	}
}

// sign takes a scheme, a key, a hash, the size of the salt and a message.
func sign(a cryptoArguments) func() (any, error) {
	scheme, key, hash, salt, message := a.text(0), a.key(1), a.text(2), a.int(3), a.bytes(4)
	return func() (any, error) {
		switch key := key.(type) {
		case *rsa.PrivateKey:
			if scheme == "RSA-PSS" {
				return some(subtle.SignPSS(key, hash, salt, message))
			}
			return some(subtle.SignPKCS1(key, hash, message))
		case *ecdsa.PrivateKey:
			return some(subtle.SignECDSA(key, hash, message))
		case ed25519.PrivateKey:
			return ed25519.Sign(key, message), nil
		}
		return nil, errWrongKey
	}
}

// verify takes what sign takes, and the signature before the message.
func verify(a cryptoArguments) func() (any, error) {
	scheme, key, hash, salt, signature, message := a.text(0), a.key(1), a.text(2), a.int(3), a.bytes(4), a.bytes(5)
	return func() (any, error) {
		switch key := key.(type) {
		case *rsa.PublicKey:
			if scheme == "RSA-PSS" {
				return some(subtle.VerifyPSS(key, hash, salt, signature, message))
			}
			return some(subtle.VerifyPKCS1(key, hash, signature, message))
		case *ecdsa.PublicKey:
			return some(subtle.VerifyECDSA(key, hash, signature, message))
		case ed25519.PublicKey:
			return ed25519.Verify(key, message, signature), nil
		}
		return nil, errWrongKey
	}
}

func agree(a cryptoArguments) func() (any, error) {
	private, public := a.key(0), a.key(1)
	return func() (any, error) { return some(subtle.Agree(private, public)) }
}

// parse takes a format, a kind, a curve and bytes.
func parse(a cryptoArguments) func() (any, error) {
	format, kind, curve, data := a.text(0), a.text(1), a.text(2), a.bytes(3)
	return func() (any, error) {
		switch format {
		case "spki":
			return subtle.ParseSPKI(data)
		case "pkcs8":
			return subtle.ParsePKCS8(data)
		}
		return subtle.ParseRaw(kind, curve, data)
	}
}

func format(a cryptoArguments) func() (any, error) {
	format, key := a.text(0), a.key(1)
	return func() (any, error) {
		switch format {
		case "spki":
			return some(subtle.FormatSPKI(key))
		case "pkcs8":
			return some(subtle.FormatPKCS8(key))
		}
		return some(subtle.FormatRaw(key))
	}
}

// parseJWK takes names and values, in turns.
func parseJWK(a cryptoArguments) func() (any, error) {
	k := subtle.JWK{}
	for i := 0; i+1 < len(a.call.Arguments); i += 2 {
		k[a.text(i)] = a.text(i + 1)
	}
	return func() (any, error) { return k.Parse() }
}

func formatJWK(a cryptoArguments) func() (any, error) {
	key := a.key(0)
	return func() (any, error) { return some(subtle.FormatJWK(key)) }
}

// cryptoNatives are the operations: each promises { value } or { failed, name }.
func cryptoNatives(parts ...native.Member[*Globals]) []native.Member[*Globals] {
	list := slices.Clone(parts)
	for name, read := range operations {
		list = append(list, native.Member[*Globals]{Name: name, Call: func(g *Globals, call goja.FunctionCall) goja.Value {
			work := read(cryptoArguments{call})
			return g.host.Promise(func(context.Context) (any, error) { return g.cryptoResult(work()) })
		}})
	}
	return list
}

func (g *Globals) cryptoResult(value any, err error) (any, error) {
	if err != nil {
		name := "OperationError"
		var known *subtle.Error
		if errors.As(err, &known) {
			name = known.Name
		}
		return native.Record{{Name: "failed", Value: err.Error()}, {Name: "name", Value: name}}, nil
	}
	return native.Record{{Name: "value", Value: func() goja.Value { return g.cryptoValue(value) }}}, nil
}

func (g *Globals) cryptoValue(value any) goja.Value {
	switch v := value.(type) {
	case []byte:
		return g.rt.ToValue(g.rt.NewArrayBuffer(v))
	case bool:
		return g.rt.ToValue(v)
	case subtle.JWK:
		members := map[string]any{}
		for name, text := range v {
			members[name] = text
		}
		return g.host.Value(members)
	}
	return g.keyValue(value)
}

// keyValue gives { kind, curve, bits, exponent, private, public } of a key; of
// a public one, private is undefined.
func (g *Globals) keyValue(key any) goja.Value {
	record := native.Record{{Name: "kind", Value: subtle.KindOf(key)}, {Name: "curve", Value: subtle.CurveOf(key)}}
	public := key
	switch key.(type) {
	case *rsa.PrivateKey, *ecdsa.PrivateKey, ed25519.PrivateKey, *ecdh.PrivateKey:
		record = append(record, native.Field{Name: "private", Value: g.rt.ToValue(&cryptoKey{key})})
		public = subtle.PublicOf(key)
	}
	record = append(record, native.Field{Name: "public", Value: g.rt.ToValue(&cryptoKey{public})})
	if k, ok := public.(*rsa.PublicKey); ok {
		record = append(record, native.Field{Name: "bits", Value: k.N.BitLen()}, native.Field{Name: "exponent", Value: k.E})
	}
	return g.host.Value(record)
}
