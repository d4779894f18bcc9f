package subtle

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
	"encoding/binary"
	"math/big"
	"slices"
)

func block(key []byte) (cipher.Block, error) {
	b, err := aes.NewCipher(key)
	if err != nil {
		return nil, operation("AES: the key has %d bytes", len(key))
	}
	return b, nil
}

// EncryptCBC encrypts with padding. iv has 16 bytes.
func EncryptCBC(key, iv, plain []byte) ([]byte, error) {
	b, err := block(key)
	if err != nil {
		return nil, err
	}
	pad := aes.BlockSize - len(plain)%aes.BlockSize
	out := append(slices.Clone(plain), bytes.Repeat([]byte{byte(pad)}, pad)...)
	cipher.NewCBCEncrypter(b, iv).CryptBlocks(out, out)
	return out, nil
}

// DecryptCBC undoes [EncryptCBC].
func DecryptCBC(key, iv, sealed []byte) ([]byte, error) {
	b, err := block(key)
	if err != nil {
		return nil, err
	}
	if len(sealed) == 0 || len(sealed)%aes.BlockSize != 0 {
		return nil, operation("AES-CBC: the data is no whole number of blocks")
	}
	out := make([]byte, len(sealed))
	cipher.NewCBCDecrypter(b, iv).CryptBlocks(out, sealed)
	pad := int(out[len(out)-1])
	if pad == 0 || pad > aes.BlockSize || !bytes.Equal(out[len(out)-pad:], bytes.Repeat([]byte{byte(pad)}, pad)) {
		return nil, operation("AES-CBC: the data cannot be decrypted")
	}
	return out[:len(out)-pad], nil
}

// CTR encrypts and decrypts. Only the last bits of the 16 bytes of counter
// count up, and come round.
func CTR(key, counter []byte, bits int, text []byte) ([]byte, error) {
	b, err := block(key)
	if err != nil {
		return nil, err
	}
	round := new(big.Int).Lsh(big.NewInt(1), uint(bits))
	value := new(big.Int).SetBytes(counter)
	low := new(big.Int).Mod(value, round)
	left := new(big.Int).Sub(round, low) // blocks until the counter comes round
	blocks := big.NewInt(int64(len(text)+aes.BlockSize-1) / aes.BlockSize)
	if blocks.Cmp(round) > 0 {
		return nil, operation("AES-CTR: the text is longer than a counter of %d bits can count", bits)
	}
	out := make([]byte, len(text))
	first := len(text)
	if blocks.Cmp(left) > 0 {
		first = int(left.Int64()) * aes.BlockSize
	}
	cipher.NewCTR(b, counter).XORKeyStream(out[:first], text[:first])
	if first < len(text) {
		start := value.Sub(value, low).FillBytes(make([]byte, aes.BlockSize))
		cipher.NewCTR(b, start).XORKeyStream(out[first:], text[first:])
	}
	return out, nil
}

// tagSize is that of a whole tag.
const tagSize = 16

// EncryptGCM encrypts and appends a tag of the first tag bytes.
func EncryptGCM(key, iv, additional []byte, tag int, plain []byte) ([]byte, error) {
	aead, err := gcm(key, iv)
	if err != nil {
		return nil, err
	}
	out := aead.Seal(nil, iv, plain, additional)
	return out[:len(out)-tagSize+tag], nil
}

// DecryptGCM undoes [EncryptGCM].
func DecryptGCM(key, iv, additional []byte, tag int, sealed []byte) ([]byte, error) {
	aead, err := gcm(key, iv)
	if err != nil {
		return nil, err
	}
	failed := operation("AES-GCM: the data cannot be decrypted: it is not what was encrypted with this key")
	if len(sealed) < tag {
		return nil, failed
	}
	if tag == tagSize {
		plain, err := aead.Open(nil, iv, sealed, additional)
		if err != nil {
			return nil, failed
		}
		return plain, nil
	}
	// Go opens whole tags alone. Encrypting zeros gives what text is mixed with,
	// and encrypting the result again the whole tag.
	size := len(sealed) - tag
	plain := aead.Seal(nil, iv, make([]byte, size), nil)[:size]
	subtle.XORBytes(plain, plain, sealed[:size])
	whole := aead.Seal(nil, iv, plain, additional)
	if subtle.ConstantTimeCompare(whole[size:size+tag], sealed[size:]) != 1 {
		return nil, failed
	}
	return plain, nil
}

func gcm(key, iv []byte) (cipher.AEAD, error) {
	b, err := block(key)
	if err != nil {
		return nil, err
	}
	if len(iv) == 0 {
		return nil, operation("AES-GCM: the iv must not be empty")
	}
	aead, err := cipher.NewGCMWithNonceSize(b, len(iv))
	if err != nil {
		return nil, operation("AES-GCM: %v", err)
	}
	return aead, nil
}

// kwStart is what RFC 3394 begins with.
var kwStart = []byte{0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6}

// kwHalf is the unit of AES-KW.
const kwHalf = 8

// WrapKW wraps a key after RFC 3394.
func WrapKW(key, plain []byte) ([]byte, error) {
	b, err := block(key)
	if err != nil {
		return nil, err
	}
	if len(plain)%kwHalf != 0 || len(plain) < 2*kwHalf {
		return nil, operation("AES-KW: what is wrapped must be a multiple of 8 bytes, at least 16; it has %d", len(plain))
	}
	out := append(slices.Clone(kwStart), plain...)
	n := len(plain) / kwHalf
	both := make([]byte, 2*kwHalf)
	for t := range 6 * n {
		at := out[(t%n+1)*kwHalf:][:kwHalf]
		copy(both, out[:kwHalf])
		copy(both[kwHalf:], at)
		b.Encrypt(both, both)
		binary.BigEndian.PutUint64(out, binary.BigEndian.Uint64(both)^uint64(t+1))
		copy(at, both[kwHalf:])
	}
	return out, nil
}

// UnwrapKW undoes [WrapKW].
func UnwrapKW(key, wrapped []byte) ([]byte, error) {
	b, err := block(key)
	if err != nil {
		return nil, err
	}
	if len(wrapped)%kwHalf != 0 || len(wrapped) < 3*kwHalf {
		return nil, operation("AES-KW: this is no wrapped key")
	}
	out := slices.Clone(wrapped)
	n := len(out)/kwHalf - 1
	both := make([]byte, 2*kwHalf)
	for t := 6*n - 1; t >= 0; t-- {
		at := out[(t%n+1)*kwHalf:][:kwHalf]
		binary.BigEndian.PutUint64(both, binary.BigEndian.Uint64(out)^uint64(t+1))
		copy(both[kwHalf:], at)
		b.Decrypt(both, both)
		copy(out, both[:kwHalf])
		copy(at, both[kwHalf:])
	}
	if subtle.ConstantTimeCompare(out[:kwHalf], kwStart) != 1 {
		return nil, operation("AES-KW: the key cannot be unwrapped: it was not wrapped with this one")
	}
	return out[kwHalf:], nil
}
