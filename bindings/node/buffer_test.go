package node_test

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/hatchet-js/hatchet-js-worker/bindings/builtin"
	"github.com/hatchet-js/hatchet-js-worker/bindings/builtin/moduletest"
	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
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

func BenchmarkSHA256(b *testing.B) {
	data := make([]byte, base64Size)
	b.Run("go", func(b *testing.B) {
		b.SetBytes(base64Size)
		for b.Loop() {
			sha256.Sum256(data)
		}
	})
	b.Run("script", func(b *testing.B) {
		m := moduletest.New(b, permit.Options{})
		if _, err := m.Run(b.Context(), `globalThis.data = Buffer.alloc(10 << 20)`); err != nil {
			b.Fatal(err)
		}
		b.SetBytes(base64Size)
		for b.Loop() {
			if _, err := m.Run(b.Context(), `return require('node:crypto').createHash('sha256').update(data).digest('hex')`); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// A VM whose scripts use none of the modules pays little for their being there.
func TestModulesCostNothingUnused(t *testing.T) {
	registry, err := builtin.Registry()
	if err != nil {
		t.Fatal(err)
	}
	const machines, most = 200, 10 << 10
	measure := func(install bool) uint64 {
		var before, after runtime.MemStats
		kept := make([]*vm.VM, 0, machines)
		runtime.GC()
		runtime.ReadMemStats(&before)
		for range machines {
			v := vm.New(vm.Options{})
			if install {
				if _, err := registry.Install(v); err != nil {
					t.Fatal(err)
				}
			}
			kept = append(kept, v)
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		runtime.KeepAlive(kept)
		return (after.HeapAlloc - before.HeapAlloc) / machines
	}
	measure(true) // what is made once
	bare, with := measure(false), measure(true)
	t.Logf("%d bytes for a VM, %d with the modules", bare, with)
	if with > bare+most {
		t.Errorf("the modules cost %d bytes a VM, more than %d", with-bare, most)
	}
}
