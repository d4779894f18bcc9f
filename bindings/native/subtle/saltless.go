package subtle

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"encoding/binary"
	"math/big"
)

// signSaltless refuses: Go takes 0 for a length of its own choice.
func signSaltless(*rsa.PrivateKey, crypto.Hash, []byte) ([]byte, error) {
	return nil, unsupported("RSA-PSS: signing with a salt of 0 bytes is not supported; use the length of the hash, or RSASSA-PKCS1-v1_5")
}

// verifySaltless verifies RSA-PSS without a salt, which Go does not: RFC 8017,
// 9.1.2. All it works on is public.
func verifySaltless(key *rsa.PublicKey, h crypto.Hash, sum, signature []byte) bool {
	s := new(big.Int).SetBytes(signature)
	if len(signature) != key.Size() || s.Cmp(key.N) >= 0 {
		return false
	}
	bits := key.N.BitLen() - 1
	size, hashSize := (bits+7)/8, h.Size()
	if size < hashSize+2 {
		return false
	}
	m := s.Exp(s, big.NewInt(int64(key.E)), key.N)
	if m.BitLen() > bits {
		return false
	}
	encoded := m.FillBytes(make([]byte, size))
	masked, want := encoded[:size-hashSize-1], encoded[size-hashSize-1:size-1]
	unmask(h, masked, want)
	masked[0] &= 0xff >> (8*size - bits)
	block := append(make([]byte, len(masked)-1), 1) // nothing but the mark before the salt
	again := h.New()
	again.Write(make([]byte, 8))
	again.Write(sum)
	return encoded[size-1] == 0xbc && bytes.Equal(masked, block) && bytes.Equal(again.Sum(nil), want)
}

// unmask mixes data with MGF1 of a seed.
func unmask(h crypto.Hash, data, seed []byte) {
	var counter [4]byte
	for i := 0; len(data) > 0; i++ {
		binary.BigEndian.PutUint32(counter[:], uint32(i))
		sum := h.New()
		sum.Write(seed)
		sum.Write(counter[:])
		for _, b := range sum.Sum(nil) {
			if len(data) == 0 {
				return
			}
			data[0] ^= b
			data = data[1:]
		}
	}
}
