package subtle

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
)

// GenerateRSA makes a key with the exponent 65537.
func GenerateRSA(bits int) (*rsa.PrivateKey, error) {
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		return nil, operation("RSA: %v", err)
	}
	return key, nil
}

// hashed is a message's hash, as signatures are of it.
func hashed(name string, message []byte) (crypto.Hash, []byte, error) {
	h, err := Hash(name)
	if err != nil {
		return 0, nil, err
	}
	sum, err := Digest(name, message)
	return h, sum, err
}

// SignPKCS1 signs after RSASSA-PKCS1-v1_5.
func SignPKCS1(key *rsa.PrivateKey, hash string, message []byte) ([]byte, error) {
	h, sum, err := hashed(hash, message)
	if err != nil {
		return nil, err
	}
	signature, err := rsa.SignPKCS1v15(nil, key, h, sum)
	return signature, failed("RSASSA-PKCS1-v1_5", err)
}

// VerifyPKCS1 reports whether a signature is right.
func VerifyPKCS1(key *rsa.PublicKey, hash string, signature, message []byte) (bool, error) {
	h, sum, err := hashed(hash, message)
	if err != nil {
		return false, err
	}
	return rsa.VerifyPKCS1v15(key, h, sum, signature) == nil, nil
}

// SignPSS signs after RSA-PSS, with a salt of so many bytes.
func SignPSS(key *rsa.PrivateKey, hash string, salt int, message []byte) ([]byte, error) {
	h, sum, err := hashed(hash, message)
	if err != nil {
		return nil, err
	}
	if salt == 0 {
		return signSaltless(key, h, sum)
	}
	signature, err := rsa.SignPSS(rand.Reader, key, h, sum, &rsa.PSSOptions{SaltLength: salt})
	return signature, failed("RSA-PSS", err)
}

// VerifyPSS reports whether a signature is right.
func VerifyPSS(key *rsa.PublicKey, hash string, salt int, signature, message []byte) (bool, error) {
	h, sum, err := hashed(hash, message)
	if err != nil {
		return false, err
	}
	if salt == 0 {
		return verifySaltless(key, h, sum, signature), nil
	}
	return rsa.VerifyPSS(key, h, sum, signature, &rsa.PSSOptions{SaltLength: salt}) == nil, nil
}

// EncryptOAEP encrypts a short text.
func EncryptOAEP(key *rsa.PublicKey, hash string, label, plain []byte) ([]byte, error) {
	h, err := newHash(hash)
	if err != nil {
		return nil, err
	}
	sealed, err := rsa.EncryptOAEP(h(), rand.Reader, key, plain, label)
	return sealed, failed("RSA-OAEP", err)
}

// DecryptOAEP undoes [EncryptOAEP].
func DecryptOAEP(key *rsa.PrivateKey, hash string, label, sealed []byte) ([]byte, error) {
	h, err := newHash(hash)
	if err != nil {
		return nil, err
	}
	plain, err := rsa.DecryptOAEP(h(), nil, key, sealed, label)
	return plain, failed("RSA-OAEP", err)
}

func failed(what string, err error) error {
	if err == nil {
		return nil
	}
	return operation("%s: %v", what, err)
}
