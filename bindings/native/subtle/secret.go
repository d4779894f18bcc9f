package subtle

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/pbkdf2"
)

// MAC gives the HMAC of a message.
func MAC(hashName string, key, message []byte) ([]byte, error) {
	h, err := newHash(hashName)
	if err != nil {
		return nil, err
	}
	mac := hmac.New(h, key)
	mac.Write(message)
	return mac.Sum(nil), nil
}

// VerifyMAC reports whether tag is the HMAC of a message.
func VerifyMAC(hashName string, key, tag, message []byte) (bool, error) {
	want, err := MAC(hashName, key, message)
	return err == nil && hmac.Equal(tag, want), err
}

// HKDF derives size bytes.
func HKDF(hashName string, key, salt, info []byte, size int) ([]byte, error) {
	h, err := newHash(hashName)
	if err != nil {
		return nil, err
	}
	if size > 255*h().Size() {
		return nil, operation("HKDF: %d bytes are more than %s can give", size, hashName)
	}
	derived, err := hkdf.Key(h, key, salt, string(info), size)
	if err != nil {
		return nil, operation("HKDF: %v", err)
	}
	return derived, nil
}

// PBKDF2 derives size bytes.
func PBKDF2(hashName string, password, salt []byte, iterations, size int) ([]byte, error) {
	h, err := newHash(hashName)
	if err != nil {
		return nil, err
	}
	if size == 0 {
		return []byte{}, nil
	}
	derived, err := pbkdf2.Key(h, string(password), salt, iterations, size)
	if err != nil {
		return nil, operation("PBKDF2: %v", err)
	}
	return derived, nil
}
