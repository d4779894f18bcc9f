package bench

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/builtin"
	"github.com/hatchet-js/hatchet-js-worker/bindings/hatchet"
	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
	"github.com/hatchet-js/hatchet-js-worker/scripts/bundle"
	"github.com/hatchet-js/hatchet-js-worker/sdk/js/typescript"
)

// Files with the same two tasks: with the built-in builder, and as a program of
// Hatchet's TypeScript SDK.
const (
	withBuilder = `
export const pay = workflow.task('pay', { retries: 2, executionTimeout: '30s' }, (input: { id: string }) => ({ id: input.id }))
workflow('order', { onEvents: ['order:created'] }).task('validate', (input: { total: number }) => ({ ok: input.total > 0 }))
`
	withSDK = `
import { Hatchet, NonRetryableError } from '@hatchet-dev/typescript-sdk'
const hatchet = Hatchet.init()
export const pay = hatchet.task({ name: 'pay', retries: 2, executionTimeout: '30s', fn: async (input: { id: string }, ctx) => {
  if (!input.id) throw new NonRetryableError('no id')
  return { id: input.id, attempt: ctx.retryCount() }
} })
export const order = hatchet.workflow<{ total: number }>({ name: 'order', onEvents: ['order:created'] })
order.task({ name: 'validate', fn: (input) => ({ ok: input.total > 0 }) })
async function main() {
  const worker = await hatchet.worker('orders', { workflows: [pay, order], slots: 10 })
  await worker.start()
}
if (require.main === module) main()
`
)

// declaring builds a file that declares workflows.
func declaring(tb testing.TB, source string) *bundle.Bundle {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "file.ts")
	if err := os.WriteFile(path, []byte(source), 0o644); err != nil {
		tb.Fatal(err)
	}
	return bundled(tb, path)
}

func bundled(tb testing.TB, path string) *bundle.Bundle {
	tb.Helper()
	registry, err := builtin.Registry()
	if err != nil {
		tb.Fatal(err)
	}
	b, err := bundle.Build(path, bundle.Options{Modules: registry, Packages: []*bundle.Package{typescript.Face()}})
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// declared is a VM in which a bundle has declared its workflows; without one it
// has the globals alone.
func declared(tb testing.TB, b *bundle.Bundle) *vm.VM {
	tb.Helper()
	v := vm.New(vm.Options{})
	realm := hatchet.Install(v)
	if b == nil {
		return v
	}
	err := v.Run(tb.Context(), vm.Call{Start: func() (goja.Value, error) {
		return b.Evaluate(v.Runtime(), func(string, string) goja.Value { return realm.Face() })
	}})
	var stalled *vm.StalledError // a worker that is started has no end
	if err != nil && (!errors.As(err, &stalled) || !realm.Waits()) {
		tb.Fatal(err)
	}
	realm.Freeze()
	if len(realm.Workflows()) != 2 {
		tb.Fatalf("%d workflows", len(realm.Workflows()))
	}
	return v
}

// BenchmarkLoadSDK is bundle, compile and first VM of a file of the SDK. The first
// such file of a process takes BenchmarkCompileSDK longer.
func BenchmarkLoadSDK(b *testing.B) {
	path := filepath.Join(b.TempDir(), "file.ts")
	if err := os.WriteFile(path, []byte(withSDK), 0o644); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		declared(b, bundled(b, path))
	}
}

// BenchmarkCompileSDK compiles what the SDK is here, which a process does once.
func BenchmarkCompileSDK(b *testing.B) {
	made := declaring(b, withSDK).Portable()
	for b.Loop() {
		for name, source := range made.Cores {
			if err := bundle.NewCore(name, source).Compile(); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkNextVMOfSDK is a further VM of the same program.
func BenchmarkNextVMOfSDK(b *testing.B) {
	made := declaring(b, withSDK)
	b.ReportAllocs()
	for b.Loop() {
		declared(b, made)
	}
}

// TestWhatTheSDKCosts: a VM with the SDK takes at most 0.5 MB beyond one with the
// globals alone. None of it is in the program of a file, and a file that does not
// import it pays nothing.
func TestWhatTheSDKCosts(t *testing.T) {
	const most = 512 << 10
	plain, sdk := declaring(t, withBuilder), declaring(t, withSDK)
	for source, made := range map[string]*bundle.Bundle{withBuilder: plain, withSDK: sdk} {
		if made.Size > 2*len(source) {
			t.Errorf("a file of %d bytes is a program of %d: the SDK is compiled once, for all files", len(source), made.Size)
		}
	}
	keptBy(t, sdk) // the first measure pays for what all VMs share
	bare, without, with := keptBy(t, nil), keptBy(t, plain), keptBy(t, sdk)
	t.Logf("for each VM: %d KB with the globals, %d KB more with the builder, %d KB more with the SDK",
		bare>>10, (without-min(bare, without))>>10, (with-min(bare, with))>>10)
	if with > bare+most {
		t.Errorf("the SDK takes %d KB for each VM, more than %d", (with-bare)>>10, most>>10)
	}
}

// keptBy is what one more VM keeps of the heap.
func keptBy(t *testing.T, b *bundle.Bundle) uint64 {
	t.Helper()
	const vms = 20
	kept := make([]*vm.VM, 0, vms)
	before := settled()
	for range vms {
		kept = append(kept, declared(t, b))
	}
	after := heap()
	runtime.KeepAlive(kept)
	return (after - min(before, after)) / vms
}
