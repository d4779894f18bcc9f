package node_test

import (
	"crypto/rand"
	"encoding/base64"
	"os"
	"path/filepath"
	"testing"

	"github.com/hatchet-js/hatchet-js-worker/bindings/builtin/moduletest"
	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
)

func TestBuffersInTheLog(t *testing.T) {
	m := moduletest.New(t, permit.Options{})
	m.Expect(t, `console.log(Buffer.from('hi'), { b: Buffer.from('x') }, Buffer.alloc(51).length); return 1`, `1`)
	if len(m.Log) != 1 || m.Log[0] != "<Buffer 68 69> { b: <Buffer 78> } 51" {
		t.Errorf("%q", m.Log)
	}
}

func TestBuffersAreBounded(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a"), []byte("a"), 0o600); err != nil {
		t.Fatal(err)
	}
	m := moduletest.New(t, permit.Options{Dir: dir, Rules: permit.Rules{permit.Read: {Allow: []string{dir}}}})
	m.Expect(t, `try { Buffer.alloc(2 ** 40) } catch (e) { return [e.name, e.code, Buffer.alloc(0).constructor === Buffer] }`, `["RangeError","ERR_OUT_OF_RANGE",true]`)
	m.Expect(t, `globalThis.Buffer = 5; return require('node:buffer').Buffer.isBuffer(require('fs').readFileSync('a'))`, `true`)
}

// base64Size is what the benchmarks of bytes work on.
const base64Size = 10 << 20

func BenchmarkBase64(b *testing.B) {
	data := make([]byte, base64Size)
	_, _ = rand.Read(data)
	b.Run("go", func(b *testing.B) {
		b.SetBytes(base64Size)
		for b.Loop() {
			text := base64.StdEncoding.EncodeToString(data)
			if _, err := base64.StdEncoding.DecodeString(text); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("script", func(b *testing.B) {
		m := moduletest.New(b, permit.Options{})
		if _, err := m.Run(b.Context(), `globalThis.data = Buffer.alloc(10 << 20); crypto.getRandomValues(data.subarray(0, 65536)); for (let i = 65536; i < data.length; i += 65536) data.copyWithin(i, 0, 65536)`); err != nil {
			b.Fatal(err)
		}
		b.SetBytes(base64Size)
		for b.Loop() {
			if _, err := m.Run(b.Context(), `return Buffer.from(data.toString('base64'), 'base64').length`); err != nil {
				b.Fatal(err)
			}
		}
	})
}
