package bench

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/builtin"
	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
	"github.com/hatchet-js/hatchet-js-worker/bindings/web"
	"github.com/hatchet-js/hatchet-js-worker/scripts/bundle"
	"github.com/hatchet-js/hatchet-js-worker/test/compat/nodejs"
)

// typical are scripts as people write them, each as a file of its own.
var typical = []struct{ name, source string }{
	{"plain", "interface Order { id: string; total: number }\nexport const pay = async (order: Order) => ({ ...order, paid: order.total > 0 })\nawait pay({ id: 'A', total: 1 })\n"},
	{"date-fns", "import { format } from 'date-fns'\nformat(new Date(0), 'yyyy-MM-dd')\n"},
	{"zod-mini", "import * as z from 'zod/mini'\nconst order = z.object({ id: z.string(), total: z.number() })\nglobalThis.check = (v) => order.parse(v) // as a task keeps it\ncheck({ id: 'A', total: 1 })\n"},
	{"zod", "import { z } from 'zod'\nconst order = z.object({ id: z.string(), total: z.number() })\nglobalThis.check = (v) => order.parse(v) // as a task keeps it\ncheck({ id: 'A', total: 1 })\n"},
	{"Intl", "new Intl.DateTimeFormat('en', { timeZone: 'Europe/Berlin' }).format(0)\n"},
}

// folderOf is a folder with the typical scripts and the packages they use.
func folderOf(tb testing.TB) string {
	tb.Helper()
	dir := tb.TempDir()
	if err := os.Symlink(nodejs.Modules(tb, "../compat/packages/npm"), filepath.Join(dir, "node_modules")); err != nil {
		tb.Fatal(err)
	}
	for _, script := range typical {
		if err := os.WriteFile(filepath.Join(dir, script.name+".ts"), []byte(script.source), 0o644); err != nil {
			tb.Fatal(err)
		}
	}
	return dir
}

func build(tb testing.TB, dir, name string) *bundle.Bundle {
	tb.Helper()
	registry, err := builtin.Registry()
	if err != nil {
		tb.Fatal(err)
	}
	b, err := bundle.Build(filepath.Join(dir, name+".ts"), bundle.Options{Modules: registry})
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// evaluated is a VM with the globals in which a bundle has run.
func evaluated(tb testing.TB, b *bundle.Bundle) *vm.VM {
	tb.Helper()
	v := vm.New(vm.Options{})
	if _, err := web.Install(v); err != nil {
		tb.Fatal(err)
	}
	registry, err := builtin.Registry()
	if err != nil {
		tb.Fatal(err)
	}
	host, err := registry.Install(v)
	if err != nil {
		tb.Fatal(err)
	}
	if b == nil {
		return v
	}
	err = v.Run(tb.Context(), vm.Call{Start: func() (goja.Value, error) { return b.Evaluate(v.Runtime(), host.Import) }})
	if err != nil {
		tb.Fatal(err)
	}
	return v
}

// BenchmarkLoad is bundle, compile and first VM of a typical file.
func BenchmarkLoad(b *testing.B) {
	dir := folderOf(b)
	for _, script := range typical {
		b.Run(script.name, func(b *testing.B) {
			for b.Loop() {
				evaluated(b, build(b, dir, script.name))
			}
		})
	}
}

// BenchmarkNextVM is a further VM of the same program.
func BenchmarkNextVM(b *testing.B) {
	dir := folderOf(b)
	for _, script := range typical {
		b.Run(script.name, func(b *testing.B) {
			made := build(b, dir, script.name)
			b.ReportAllocs()
			for b.Loop() {
				evaluated(b, made)
			}
		})
	}
}

// TestProgramsAreSharedByVMs: what a VM takes beyond a bare one. A program is
// compiled once; a VM with zod would take twice as much with one of its own.
func TestProgramsAreSharedByVMs(t *testing.T) {
	limits := map[string]uint64{"plain": 512 << 10, "date-fns": 1 << 20, "zod": 5 << 20, "zod-mini": 2 << 20, "Intl": 2 << 20}
	dir := folderOf(t)
	var built []*bundle.Bundle // before anything is measured: bundling leaves much to collect
	for _, script := range typical {
		built = append(built, build(t, dir, script.name))
		evaluated(t, built[len(built)-1])
	}
	perVM(t, nil) // the first measure pays for what all VMs share
	bare := perVM(t, nil)
	t.Logf("a bare VM with all globals: %d KB", bare>>10)
	for i, script := range typical {
		b := built[i]
		own := perVM(t, b)
		own -= min(own, bare)
		t.Logf("%s: %d KB of code, %d KB for each VM", script.name, b.Size>>10, own>>10)
		if own > limits[script.name] {
			t.Errorf("%s takes %d KB for each VM, more than %d", script.name, own>>10, limits[script.name]>>10)
		}
	}
}

// perVM is what one more VM keeps of the heap.
func perVM(t *testing.T, b *bundle.Bundle) uint64 {
	t.Helper()
	const vms = 20
	kept := make([]*vm.VM, 0, vms)
	before := settled()
	for range vms {
		kept = append(kept, evaluated(t, b))
	}
	after := heap()
	runtime.KeepAlive(kept)
	return (after - min(before, after)) / vms
}

// settled is the heap when nothing more is let go of: what was used before may
// take several collections.
func settled() uint64 {
	const noise = 64 << 10
	last := heap()
	for range 20 {
		now := heap()
		if now+noise > last {
			return now
		}
		last = now
	}
	return last
}
