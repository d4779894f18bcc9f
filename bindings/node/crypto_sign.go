package node

import (
	"context"
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"math/big"
	"slices"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
)

// signing is how to sign: the hash, whether RSA pads as PSS and with how much
// salt, whether ECDSA's numbers stand side by side.
type signing struct {
	hash    digest
	pss     bool
	salt    int
	ieee    bool
	hashed  bool
	message []byte
}

// signingOf takes the name of a hash, which may be "", the message, and { pss,
// salt, ieee }.
func signingOf(h *native.Host, call goja.FunctionCall) signing {
	options := call.Argument(2).ToObject(h.Runtime)
	s := signing{message: slices.Clone(bytesOf(call.Argument(1))), pss: options.Get("pss").ToBoolean(), salt: int(options.Get("salt").ToInteger()), ieee: options.Get("ieee").ToBoolean()}
	s.hash, s.hashed = digestOf(call.Argument(0).String())
	return s
}

var errNoDigest = &cryptoError{"signing with this key takes the name of a digest", "ERR_CRYPTO_INVALID_DIGEST"}

func (s signing) sum() ([]byte, crypto.Hash, error) {
	if !s.hashed || s.hash.id == 0 {
		return nil, 0, errNoDigest
	}
	state := s.hash.make()
	_, _ = state.Write(s.message)
	return state.Sum(nil), s.hash.id, nil
}

// saltLength is that of signing: -2, as much as fits, is the library's own choice.
func (s signing) options(id crypto.Hash) *rsa.PSSOptions {
	salt := s.salt
	switch salt {
	case -1:
		salt = rsa.PSSSaltLengthEqualsHash
	case -2:
		salt = rsa.PSSSaltLengthAuto
	}
	return &rsa.PSSOptions{SaltLength: salt, Hash: id}
}

func (s signing) sign(k *key) ([]byte, error) {
	if private, ok := k.private.(ed25519.PrivateKey); ok {
		return ed25519.Sign(private, s.message), nil
	}
	sum, id, err := s.sum()
	if err != nil {
		return nil, err
	}
	switch private := k.private.(type) {
	case *rsa.PrivateKey:
		if s.pss {
			return rsa.SignPSS(rand.Reader, private, id, sum, s.options(id))
		}
		return rsa.SignPKCS1v15(rand.Reader, private, id, sum)
	case *ecdsa.PrivateKey:
		signature, err := ecdsa.SignASN1(rand.Reader, private, sum)
		if err != nil || !s.ieee {
			return signature, err
		}
		return sideBySide(signature, (private.Curve.Params().BitSize+7)/8)
	}
	return nil, &cryptoError{"this key cannot sign", "ERR_OSSL_EVP_OPERATION_NOT_SUPPORTED_FOR_THIS_KEYTYPE"}
}

type ecSignature struct{ R, S *big.Int }

func sideBySide(signature []byte, size int) ([]byte, error) {
	var numbers ecSignature
	if _, err := asn1.Unmarshal(signature, &numbers); err != nil {
		return nil, err
	}
	return slices.Concat(numbers.R.FillBytes(make([]byte, size)), numbers.S.FillBytes(make([]byte, size))), nil
}

func (s signing) verify(k *key, signature []byte) (bool, error) {
	if public, ok := k.public.(ed25519.PublicKey); ok {
		return ed25519.Verify(public, s.message, signature), nil
	}
	sum, id, err := s.sum()
	if err != nil {
		return false, err
	}
	switch public := k.public.(type) {
	case *rsa.PublicKey:
		if s.pss {
			return rsa.VerifyPSS(public, id, sum, signature, s.options(id)) == nil, nil
		}
		return rsa.VerifyPKCS1v15(public, id, sum, signature) == nil, nil
	case *ecdsa.PublicKey:
		if s.ieee {
			if len(signature)%2 != 0 {
				return false, nil
			}
			half := len(signature) / 2
			signature, err = asn1.Marshal(ecSignature{new(big.Int).SetBytes(signature[:half]), new(big.Int).SetBytes(signature[half:])})
		}
		return err == nil && ecdsa.VerifyASN1(public, sum, signature), nil
	}
	return false, &cryptoError{"this key cannot verify", "ERR_OSSL_EVP_OPERATION_NOT_SUPPORTED_FOR_THIS_KEYTYPE"}
}

// crypt encrypts or decrypts with RSA: key, data, name of the OAEP hash or "" for
// PKCS 1, label, and whether to encrypt.
func crypt(h *native.Host, call goja.FunctionCall) goja.Value {
	k, data, label := heldKey(h, call.Argument(0)), bytesOf(call.Argument(1)), bytesOf(call.Argument(3))
	public, isRSA := k.public.(*rsa.PublicKey)
	private, _ := k.private.(*rsa.PrivateKey)
	if !isRSA {
		h.Throw(&cryptoError{"only RSA keys encrypt", "ERR_OSSL_EVP_OPERATION_NOT_SUPPORTED_FOR_THIS_KEYTYPE"})
	}
	d, oaep := digestOf(call.Argument(2).String())
	var out []byte
	var err error
	switch encrypt := call.Argument(4).ToBoolean(); {
	case encrypt && oaep:
		out, err = rsa.EncryptOAEP(d.make(), rand.Reader, public, data, label)
	case oaep && private != nil:
		out, err = rsa.DecryptOAEP(d.make(), rand.Reader, private, data, label)
	default:
		err = errors.New("PKCS 1 padding is not secure to encrypt with and is not there; use OAEP, which is the standard")
	}
	if err != nil {
		h.Throw(&cryptoError{err.Error(), "ERR_OSSL_RSA_OAEP_DECODING_ERROR"})
	}
	return h.Buffer(out)
}

// agree gives the secret of a private and a public key.
func agree(private, public *key) ([]byte, error) {
	mine, ok := private.private.(*ecdh.PrivateKey)
	theirs, ok2 := public.public.(*ecdh.PublicKey)
	if ec, isEC := private.private.(*ecdsa.PrivateKey); isEC {
		var err error
		if mine, err = ec.ECDH(); err != nil {
			return nil, err
		}
		other, isEC := public.public.(*ecdsa.PublicKey)
		if !isEC {
			return nil, &cryptoError{"the keys are of different kinds", "ERR_CRYPTO_INCOMPATIBLE_KEY"}
		}
		if theirs, err = other.ECDH(); err != nil {
			return nil, err
		}
		ok, ok2 = true, true
	}
	if !ok || !ok2 {
		return nil, &cryptoError{"the keys cannot agree on a secret: both must be x25519 or ec", "ERR_CRYPTO_INCOMPATIBLE_KEY"}
	}
	return mine.ECDH(theirs)
}

// generateWork takes the kind of key, bits and curve.
func generateWork(h *native.Host, call goja.FunctionCall) native.Work {
	kind, bits, curve := call.Argument(0).String(), int(call.Argument(1).ToInteger()), call.Argument(2).String()
	return func(context.Context) (any, error) {
		made, err := generate(kind, bits, curve)
		if err != nil {
			return nil, err
		}
		return func() goja.Value { return keyObject(h, made) }, nil
	}
}

// keyNatives read, write and use keys. crypto_keys.js has checked the arguments.
var keyNatives = []member{
	{Name: "parsePEM", Call: func(h *native.Host, call goja.FunctionCall) goja.Value {
		k, err := parsePEM(bytesOf(call.Argument(0)), call.Argument(1).ToBoolean())
		if err != nil {
			h.Throw(err)
		}
		return keyObject(h, k)
	}},
	{Name: "parseDER", Call: func(h *native.Host, call goja.FunctionCall) goja.Value {
		k, err := parseDER(bytesOf(call.Argument(0)), call.Argument(1).String())
		if err != nil {
			h.Throw(err)
		}
		return keyObject(h, k)
	}},
	{Name: "publicOf", Call: func(h *native.Host, call goja.FunctionCall) goja.Value {
		return keyObject(h, &key{public: heldKey(h, call.Argument(0)).public})
	}},
	{Name: "exportKey", Call: func(h *native.Host, call goja.FunctionCall) goja.Value {
		data, block, err := heldKey(h, call.Argument(0)).export(call.Argument(1).String())
		if err != nil {
			h.Throw(err)
		}
		if call.Argument(2).String() == "pem" {
			return h.Value(string(pem.EncodeToMemory(&pem.Block{Type: block, Bytes: data})))
		}
		return h.Buffer(data)
	}},
	{Name: "sign", Call: func(h *native.Host, call goja.FunctionCall) goja.Value {
		signature, err := signingOf(h, call).sign(heldKey(h, call.Argument(3)))
		if err != nil {
			h.Throw(err)
		}
		return h.Buffer(signature)
	}},
	{Name: "verify", Call: func(h *native.Host, call goja.FunctionCall) goja.Value {
		valid, err := signingOf(h, call).verify(heldKey(h, call.Argument(3)), bytesOf(call.Argument(4)))
		if err != nil {
			h.Throw(err)
		}
		return h.Value(valid)
	}},
	{Name: "agree", Call: func(h *native.Host, call goja.FunctionCall) goja.Value {
		secret, err := agree(heldKey(h, call.Argument(0)), heldKey(h, call.Argument(1)))
		if err != nil {
			h.Throw(err)
		}
		return h.Buffer(secret)
	}},
	{Name: "crypt", Call: crypt},
	{Name: "generate", Async: generateWork}, {Name: "generateSync", Call: waiting(generateWork)},
}
