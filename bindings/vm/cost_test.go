package vm_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
)

// retained is how much of the heap each of n things made by make keeps.
func retained(n int, make func() any) uint64 {
	heap := func() uint64 {
		var stats runtime.MemStats
		for range 3 {
			runtime.GC()
		}
		runtime.ReadMemStats(&stats)
		return stats.HeapAlloc
	}
	kept := []any{}
	before := heap()
	for range n {
		kept = append(kept, make())
	}
	after := heap()
	runtime.KeepAlive(kept)
	return (after - min(before, after)) / uint64(n)
}

// bundle is a script of the given size, of small functions that it calls.
func bundle(size int) string {
	var text strings.Builder
	for i := 0; text.Len() < size; i++ {
		fmt.Fprintf(&text, "const handler%d = async (input) => { const list = [...input.items].map((x) => ({ ...x, n: x.n + %d })); return list.filter((x) => /^[a-z]+$/.test(x.name)).length }\n(globalThis.kept ??= []).push(handler%d)\nawait handler%d({ items: [{ name: 'a', n: 1 }] })\n", i, i, i, i)
	}
	return text.String()
}

func TestVMsAreSmall(t *testing.T) {
	const (
		slots   = 100
		perVM   = 160 << 10
		perSlot = 400 << 10 // a hundred of them fit into 40 MB
	)
	vm.New(vm.Options{})
	bare := retained(slots, func() any { return vm.New(vm.Options{}) })
	program, err := goja.Compile("bundle.js", "(async () => {\n"+bundle(10<<10)+"\n})()", true)
	if err != nil {
		t.Fatal(err)
	}
	busy := retained(slots, func() any {
		v := vm.New(vm.Options{})
		call := vm.Call{Start: func() (goja.Value, error) { return v.Runtime().RunProgram(program) }}
		if err := v.Run(context.Background(), call); err != nil {
			t.Fatal(err)
		}
		return v
	})
	t.Logf("%d KB for a VM, %d KB with a bundle of 10 KB", bare>>10, busy>>10)
	if bare > perVM || busy > perSlot {
		t.Errorf("a VM keeps %d bytes (limit %d), with a bundle of 10 KB %d (limit %d)", bare, perVM, busy, perSlot)
	}
}

func BenchmarkNew(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		vm.New(vm.Options{})
	}
}

func BenchmarkRun(b *testing.B) {
	v := vm.New(vm.Options{})
	f, _ := v.Runtime().RunString(`(async () => 1)`)
	call, _ := goja.AssertFunction(f)
	b.ReportAllocs()
	for b.Loop() {
		if err := v.Run(context.Background(), vm.Call{Start: func() (goja.Value, error) { return call(goja.Undefined()) }}); err != nil {
			b.Fatal(err)
		}
	}
}
