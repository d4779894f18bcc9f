package node

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"errors"
	"slices"
	"strings"

	"github.com/dop251/goja"
	"golang.org/x/crypto/chacha20"
	"golang.org/x/crypto/chacha20poly1305"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
)

// suite is a cipher that scripts may name.
type suite struct {
	name       string
	key, iv    int // sizes in bytes; of gcm, the usual size of the iv
	blockBytes int
	mode       string // cbc, ecb, ctr, gcm or chacha
}

var suites = func() map[string]suite {
	all := map[string]suite{
		"des-ede3-cbc": {"des-ede3-cbc", 24, 8, 8, "cbc"}, "chacha20-poly1305": {"chacha20-poly1305", 32, 12, 1, "chacha"},
	}
	for name, size := range map[string]int{"128": 16, "192": 24, "256": 32} {
		for mode, iv := range map[string]int{"cbc": 16, "ecb": 0, "ctr": 16, "gcm": 12} {
			block := 16
			if mode == "ctr" || mode == "gcm" {
				block = 1
			}
			all["aes-"+name+"-"+mode] = suite{"aes-" + name + "-" + mode, size, iv, block, mode}
		}
		all["aes"+name] = all["aes-"+name+"-cbc"]
		all["id-aes"+name+"-gcm"] = all["aes-"+name+"-gcm"]
	}
	return all
}()

// ciphering is an encryption or decryption in progress.
type ciphering struct {
	*native.Host
	suite   suite
	encrypt bool
	padding bool

	blocks cipher.BlockMode // cbc, ecb
	rest   []byte           // less than a block, or the last block of a decryption

	stream  cipher.Stream // ctr, gcm, chacha
	aead    cipher.AEAD
	gcm     cipher.Block // of gcm
	nonce   []byte
	aad     []byte
	sealed  []byte // what the tag is of: the plain text that was encrypted, or the cipher text
	tag     []byte
	tagSize int
}

var errUnauthenticated = errors.New("unsupported state, or the data is not authentic")

// update gives what can be given of the next piece.
func (c *ciphering) update(data []byte) []byte {
	if c.blocks != nil {
		return c.updateBlocks(data)
	}
	out := make([]byte, len(data))
	if c.aead != nil {
		c.sealed = append(c.sealed, data...)
	}
	c.stream.XORKeyStream(out, data)
	return out
}

func (c *ciphering) updateBlocks(data []byte) []byte {
	size := c.suite.blockBytes
	c.rest = append(c.rest, data...)
	n := len(c.rest) / size * size
	if !c.encrypt && c.padding && n > 0 && n == len(c.rest) {
		n -= size // it may be padding
	}
	out := make([]byte, n)
	c.blocks.CryptBlocks(out, c.rest[:n])
	c.rest = slices.Clone(c.rest[n:])
	return out
}

// final gives what is left.
func (c *ciphering) final() ([]byte, error) {
	switch {
	case c.blocks != nil:
		return c.finalBlock()
	case c.aead == nil:
		return nil, nil
	case c.encrypt:
		sealed := c.aead.Seal(nil, c.nonce, c.sealed, c.aad)
		c.tag = sealed[len(sealed)-c.aead.Overhead():][:c.tagSize]
		return nil, nil
	}
	plain, err := c.decrypted()
	if err != nil || len(plain) != len(c.sealed) {
		return nil, errUnauthenticated
	}
	return nil, nil
}

// decrypted checks the tag. Of GCM, some of the last bytes may have been left out
// of it.
func (c *ciphering) decrypted() ([]byte, error) {
	if c.gcm != nil && len(c.nonce) == c.suite.iv && len(c.tag) >= 12 && len(c.tag) < c.aead.Overhead() {
		shorter, err := cipher.NewGCMWithTagSize(c.gcm, len(c.tag))
		if err != nil {
			return nil, err
		}
		c.aead = shorter
	}
	if len(c.tag) == c.aead.Overhead() {
		return c.aead.Open(nil, c.nonce, append(c.sealed, c.tag...), c.aad)
	}
	return nil, errUnauthenticated
}

func (c *ciphering) finalBlock() ([]byte, error) {
	size := c.suite.blockBytes
	if c.encrypt {
		if c.padding {
			n := size - len(c.rest)%size
			for range n {
				c.rest = append(c.rest, byte(n))
			}
		}
		if len(c.rest)%size != 0 {
			return nil, &cryptoError{"the data is no multiple of the block length", "ERR_OSSL_WRONG_FINAL_BLOCK_LENGTH"}
		}
		c.blocks.CryptBlocks(c.rest, c.rest)
		return c.rest, nil
	}
	if !c.padding && len(c.rest) == 0 {
		return nil, nil
	}
	if len(c.rest) != size {
		return nil, &cryptoError{"the data is no multiple of the block length", "ERR_OSSL_WRONG_FINAL_BLOCK_LENGTH"}
	}
	c.blocks.CryptBlocks(c.rest, c.rest)
	return unpadded(c.rest)
}

func unpadded(block []byte) ([]byte, error) {
	n := int(block[len(block)-1])
	if n == 0 || n > len(block) {
		return nil, &cryptoError{"bad decrypt: the key, the iv or the data is wrong", "ERR_OSSL_BAD_DECRYPT"}
	}
	for _, b := range block[len(block)-n:] {
		if int(b) != n {
			return nil, &cryptoError{"bad decrypt: the key, the iv or the data is wrong", "ERR_OSSL_BAD_DECRYPT"}
		}
	}
	return block[:len(block)-n], nil
}

// ecb encrypts each block by itself.
type ecb struct {
	cipher.Block
	encrypt bool
}

func (e ecb) CryptBlocks(to, from []byte) {
	for size := e.BlockSize(); len(from) > 0; from, to = from[size:], to[size:] {
		if e.encrypt {
			e.Encrypt(to, from)
		} else {
			e.Decrypt(to, from)
		}
	}
}

func (c *ciphering) start(key, iv []byte) error {
	if c.suite.mode == "chacha" {
		return c.startChaCha(key, iv)
	}
	newBlock := aes.NewCipher
	if strings.HasPrefix(c.suite.name, "des") {
		newBlock = des.NewTripleDESCipher
	}
	block, err := newBlock(key)
	if err != nil {
		return err
	}
	switch c.suite.mode {
	case "ecb":
		c.blocks = ecb{block, c.encrypt}
	case "cbc":
		if c.encrypt {
			c.blocks = cipher.NewCBCEncrypter(block, iv)
		} else {
			c.blocks = cipher.NewCBCDecrypter(block, iv)
		}
	case "ctr":
		c.stream = cipher.NewCTR(block, iv)
	case "gcm":
		return c.startGCM(block, iv)
	}
	return nil
}

func (c *ciphering) startChaCha(key, iv []byte) (err error) {
	c.nonce = iv
	if c.aead, err = chacha20poly1305.New(key); err != nil {
		return err
	}
	stream, err := chacha20.NewUnauthenticatedCipher(key, iv)
	if err != nil {
		return err
	}
	stream.SetCounter(1) // 0 made the key of the tag
	c.stream = stream
	return nil
}

func (c *ciphering) startGCM(block cipher.Block, iv []byte) (err error) {
	c.nonce, c.gcm = iv, block
	if len(iv) == c.suite.iv {
		if c.aead, err = cipher.NewGCMWithTagSize(block, max(c.tagSize, 12)); err != nil {
			return err
		}
		c.stream = cipher.NewCTR(block, append(slices.Clone(iv), 0, 0, 0, 2)) // 1 made the tag
		return nil
	}
	if c.aead, err = cipher.NewGCMWithNonceSize(block, len(iv)); err != nil {
		return err
	}
	c.stream = &keyStream{aead: c.aead, nonce: iv}
	return nil
}

// keyStream is the stream of GCM with an iv of an unusual size: what zeros
// encrypt to.
type keyStream struct {
	aead  cipher.AEAD
	nonce []byte
	used  int
}

func (k *keyStream) XORKeyStream(to, from []byte) {
	stream := k.aead.Seal(nil, k.nonce, make([]byte, k.used+len(from)), nil)[k.used:]
	for i, b := range from {
		to[i] = b ^ stream[i]
	}
	k.used += len(from)
}

var cipheringMembers = []native.Member[*ciphering]{
	{Name: "update", Call: func(c *ciphering, call goja.FunctionCall) goja.Value {
		return c.Buffer(c.update(bytesOf(call.Argument(0))))
	}},
	{Name: "final", Call: func(c *ciphering, _ goja.FunctionCall) goja.Value {
		data, err := c.final()
		if err != nil {
			c.Throw(err)
		}
		return c.Buffer(data)
	}},
	{Name: "setAAD", Call: func(c *ciphering, call goja.FunctionCall) goja.Value {
		c.aad = append(c.aad, bytesOf(call.Argument(0))...)
		return goja.Undefined()
	}},
	{Name: "setTag", Call: func(c *ciphering, call goja.FunctionCall) goja.Value {
		c.tag = slices.Clone(bytesOf(call.Argument(0)))
		return goja.Undefined()
	}},
	{Name: "tag", Call: func(c *ciphering, _ goja.FunctionCall) goja.Value { return c.Buffer(slices.Clone(c.tag)) }},
	{Name: "setPadding", Call: func(c *ciphering, call goja.FunctionCall) goja.Value {
		c.padding = call.Argument(0).ToBoolean()
		return goja.Undefined()
	}},
}

// cipherNatives make ciphers.
var cipherNatives = []member{
	{Name: "suite", Call: func(h *native.Host, call goja.FunctionCall) goja.Value {
		s, known := suites[strings.ToLower(call.Argument(0).String())]
		if !known {
			return goja.Undefined()
		}
		return h.Value(native.Record{
			{Name: "name", Value: s.name}, {Name: "keyLength", Value: s.key}, {Name: "ivLength", Value: s.iv}, {Name: "blockSize", Value: s.blockBytes}, {Name: "mode", Value: s.mode},
		})
	}},
	{Name: "suites", Value: func(h *native.Host) goja.Value {
		var names []string
		for name := range suites {
			names = append(names, name)
		}
		slices.Sort(names)
		return h.Value(names)
	}},
	{Name: "cipher", Call: func(h *native.Host, call goja.FunctionCall) goja.Value {
		c := &ciphering{
			Host: h, suite: suites[call.Argument(0).String()], encrypt: call.Argument(3).ToBoolean(), padding: true, tagSize: int(call.Argument(4).ToInteger()),
		}
		if err := c.start(slices.Clone(bytesOf(call.Argument(1))), slices.Clone(bytesOf(call.Argument(2)))); err != nil {
			h.Throw(err)
		}
		return objectOf(h, c, cipheringMembers)
	}},
}
