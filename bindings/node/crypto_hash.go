package node

import (
	"context"
	"crypto"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/md5" // scripts have to speak with what still uses it
	"crypto/pbkdf2"
	"crypto/sha1" // as md5
	"crypto/sha256"
	"crypto/sha3"
	"crypto/sha512"
	"hash"
	"slices"
	"strings"

	"github.com/dop251/goja"
	"golang.org/x/crypto/blake2b"
	"golang.org/x/crypto/blake2s"
	"golang.org/x/crypto/scrypt"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
)

// cryptoError is a failure with the code that Node gives it.
type cryptoError struct{ text, code string }

func (e *cryptoError) Error() string     { return e.text }
func (e *cryptoError) ErrorCode() string { return e.code }

// digest is a hash function.
type digest struct {
	make func() hash.Hash
	id   crypto.Hash // for signatures; 0 if there are none with it
}

func unkeyed(make func([]byte) (hash.Hash, error)) func() hash.Hash {
	return func() hash.Hash {
		made, err := make(nil)
		if err != nil {
			panic(err) // only a key can be wrong
		}
		return made
	}
}

var digests = map[string]digest{
	"md5": {md5.New, crypto.MD5}, "sha1": {sha1.New, crypto.SHA1},
	"sha224": {sha256.New224, crypto.SHA224}, "sha256": {sha256.New, crypto.SHA256},
	"sha384": {sha512.New384, crypto.SHA384}, "sha512": {sha512.New, crypto.SHA512},
	"sha512-224": {sha512.New512_224, crypto.SHA512_224}, "sha512-256": {sha512.New512_256, crypto.SHA512_256},
	"sha3-224": {func() hash.Hash { return sha3.New224() }, crypto.SHA3_224}, "sha3-256": {func() hash.Hash { return sha3.New256() }, crypto.SHA3_256},
	"sha3-384": {func() hash.Hash { return sha3.New384() }, crypto.SHA3_384}, "sha3-512": {func() hash.Hash { return sha3.New512() }, crypto.SHA3_512},
	"blake2b512": {make: unkeyed(blake2b.New512)}, "blake2s256": {make: unkeyed(blake2s.New256)},
}

// digestOf finds a hash function by one of its names; ok is false if there is
// none.
func digestOf(name string) (digest, bool) {
	name = strings.ToLower(name)
	name = strings.TrimPrefix(name, "rsa-")
	name = strings.ReplaceAll(name, "sha-", "sha")
	name = strings.ReplaceAll(name, "sha512/", "sha512-")
	d, ok := digests[name]
	return d, ok
}

// hashing is a hash or an HMAC in progress.
type hashing struct {
	*native.Host
	state hash.Hash
}

// copying gives another hash in the same state.
func (x *hashing) copying() (hash.Hash, error) {
	if cloner, ok := x.state.(hash.Cloner); ok {
		return cloner.Clone()
	}
	return nil, &cryptoError{"the state of this hash cannot be copied", "ERR_CRYPTO_HASH_COPY"}
}

var hashingMembers = []native.Member[*hashing]{
	{Name: "update", Call: func(x *hashing, call goja.FunctionCall) goja.Value {
		_, _ = x.state.Write(bytesOf(call.Argument(0))) // never fails
		return goja.Undefined()
	}},
	{Name: "text", Call: func(x *hashing, call goja.FunctionCall) goja.Value {
		_, _ = x.state.Write(encodeText(textOf(call.Argument(0)), call.Argument(1).String()))
		return goja.Undefined()
	}},
	{Name: "digest", Call: func(x *hashing, _ goja.FunctionCall) goja.Value { return x.Buffer(x.state.Sum(nil)) }},
}

func hashingObject(h *native.Host, state hash.Hash) goja.Value {
	x := &hashing{h, state}
	members := append(slices.Clip(hashingMembers), native.Member[*hashing]{Name: "copy", Call: func(x *hashing, _ goja.FunctionCall) goja.Value {
		copied, err := x.copying()
		if err != nil {
			x.Throw(err)
		}
		return hashingObject(x.Host, copied)
	}})
	return objectOf(h, x, members)
}

// objectOf makes an object of members that work on state.
func objectOf[H any](h *native.Host, state H, members []native.Member[H]) goja.Value {
	object := h.Runtime.NewObject()
	if err := native.Define(h.Runtime, object, state, members); err != nil {
		panic(h.Runtime.NewGoError(err))
	}
	return object
}

func bytesOf(v goja.Value) []byte {
	data, _ := native.Bytes(v)
	return data
}

// hashNatives make hashes and derive keys. crypto.js has checked the arguments.
var hashNatives = []member{
	{Name: "hash", Call: func(h *native.Host, call goja.FunctionCall) goja.Value {
		d, known := digestOf(call.Argument(0).String())
		if !known {
			return goja.Undefined()
		}
		return hashingObject(h, d.make())
	}},
	{Name: "hmac", Call: func(h *native.Host, call goja.FunctionCall) goja.Value {
		d, known := digestOf(call.Argument(0).String())
		if !known {
			return goja.Undefined()
		}
		return hashingObject(h, hmac.New(d.make, slices.Clone(bytesOf(call.Argument(1)))))
	}},
	{Name: "hashes", Value: func(h *native.Host) goja.Value {
		var names []string
		for name := range digests {
			names = append(names, name)
		}
		slices.Sort(names)
		return h.Value(names)
	}},
	{Name: "pbkdf2", Async: pbkdf2Work}, {Name: "pbkdf2Sync", Call: waiting(pbkdf2Work)},
	{Name: "scrypt", Async: scryptWork}, {Name: "scryptSync", Call: waiting(scryptWork)},
	{Name: "hkdf", Async: hkdfWork}, {Name: "hkdfSync", Call: waiting(hkdfWork)},
}

// pbkdf2Work takes password, salt, iterations, length and the name of a hash.
func pbkdf2Work(_ *native.Host, call goja.FunctionCall) native.Work {
	password, salt := string(bytesOf(call.Argument(0))), slices.Clone(bytesOf(call.Argument(1)))
	iterations, length := int(call.Argument(2).ToInteger()), int(call.Argument(3).ToInteger())
	d, _ := digestOf(call.Argument(4).String())
	return func(context.Context) (any, error) { return pbkdf2.Key(d.make, password, salt, iterations, length) }
}

// scryptWork takes password, salt, length, cost, block size and parallelization.
func scryptWork(_ *native.Host, call goja.FunctionCall) native.Work {
	password, salt := slices.Clone(bytesOf(call.Argument(0))), slices.Clone(bytesOf(call.Argument(1)))
	number := func(i int) int { return int(call.Argument(i).ToInteger()) }
	length, n, r, p := number(2), number(3), number(4), number(5)
	return func(context.Context) (any, error) {
		if length == 0 {
			return []byte{}, nil
		}
		key, err := scrypt.Key(password, salt, n, r, p, length)
		if err != nil {
			return nil, &cryptoError{"scrypt: " + err.Error(), "ERR_CRYPTO_INVALID_SCRYPT_PARAMS"}
		}
		return key, nil
	}
}

// hkdfWork takes the name of a hash, key, salt, info and length.
func hkdfWork(_ *native.Host, call goja.FunctionCall) native.Work {
	d, _ := digestOf(call.Argument(0).String())
	key, salt, info := slices.Clone(bytesOf(call.Argument(1))), slices.Clone(bytesOf(call.Argument(2))), string(bytesOf(call.Argument(3)))
	length := int(call.Argument(4).ToInteger())
	return func(context.Context) (any, error) {
		derived, err := hkdf.Key(d.make, key, salt, info, length)
		if err != nil {
			return nil, &cryptoError{"hkdf: " + err.Error(), "ERR_CRYPTO_INVALID_KEYLEN"}
		}
		return derived, nil
	}
}
