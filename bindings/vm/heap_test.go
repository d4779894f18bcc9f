package vm_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
)

var errTooMuch = errors.New("too much memory")

// watched has f run with a heap that may grow by that many bytes.
func watched(t *testing.T, grow int64, f func(*vm.Heap)) {
	t.Helper()
	runtime.GC()
	var now runtime.MemStats
	runtime.ReadMemStats(&now)
	heap := vm.NewHeap(int64(now.HeapAlloc)+grow, nil, func(name string) error { return fmt.Errorf("%s: %w", name, errTooMuch) })
	ctx, stop := context.WithCancel(context.Background())
	var group sync.WaitGroup
	group.Go(func() { _ = heap.Run(ctx) })
	f(heap)
	stop()
	group.Wait()
}

func evaluated(v *vm.VM, name, source string) error {
	return v.Run(context.Background(), vm.Call{Name: name, Start: func() (goja.Value, error) { return v.Runtime().RunScript("x.js", source) }})
}

func TestARunThatTakesTooMuchMemoryIsStopped(t *testing.T) {
	for name, source := range map[string]string{
		"objects":     "const all = []\nfor (let i = 0; ; i++) all.push({ i, text: 'x' + i })",
		"text":        "const all = []\nfor (let i = 0; ; i++) all.push('x'.repeat(1000) + i)",
		"doubling":    "let s = 'x'\nfor (;;) { s += s; s.length }",
		"spread":      "const a = []; a.length = 4e9\nconst b = [...a]",
		"Promise.all": "const a = []; a.length = 4e9\nPromise.all(a)",
		"awaits":      "(async () => { const all = []\nfor (let i = 0; ; i++) { all.push('x'.repeat(1000) + i); await null } })()",
	} {
		t.Run(name, func(t *testing.T) {
			watched(t, 24<<20, func(heap *vm.Heap) {
				err := evaluated(vm.New(vm.Options{Heap: heap, AbandonAfter: time.Minute}), "task big", source)
				var stopped *vm.InterruptError
				if !errors.As(err, &stopped) || !errors.Is(err, errTooMuch) || !strings.HasPrefix(err.Error(), "task big: ") {
					t.Fatalf("got %v", err)
				}
				if stopped.Position.File != "x.js" {
					t.Errorf("stopped at %v", stopped.Position)
				}
			})
		})
	}
}

// Arguments are copied so slowly that time is up before memory is.
func TestWalkingAnArrayCanBeInterrupted(t *testing.T) {
	for _, source := range []string{"Math.max(...a)", "const b = [...a]", "Promise.all(a)", "const [, ...b] = a"} {
		ctx, cancel := context.WithCancelCause(context.Background())
		v := vm.New(vm.Options{AbandonAfter: time.Minute})
		err := v.Run(ctx, vm.Call{Name: "walks", Start: func() (goja.Value, error) {
			go cancel(errTooMuch)
			return v.Runtime().RunScript("x.js", "const a = []; a.length = 4e9\n"+source)
		}})
		var stopped *vm.InterruptError
		if !errors.As(err, &stopped) {
			t.Errorf("%s: got %v", source, err)
		}
	}
}

func TestARunThatWaitsIsNotTheOneThatIsStopped(t *testing.T) {
	watched(t, 24<<20, func(heap *vm.Heap) {
		var waited error
		var group sync.WaitGroup
		v := vm.New(vm.Options{Heap: heap})
		begun, settle := make(chan struct{}), make(chan struct{})
		group.Go(func() {
			waited = v.Run(context.Background(), vm.Call{Name: "waits", Start: func() (goja.Value, error) {
				promise, done := v.NewPromise()
				close(begun)
				go func() {
					<-settle
					done(func() (goja.Value, error) { return goja.Undefined(), nil })
				}()
				return promise, nil
			}})
		})
		<-begun
		err := evaluated(vm.New(vm.Options{Heap: heap}), "grows", "const all = []\nfor (let i = 0; ; i++) all.push('x'.repeat(1000) + i)")
		close(settle)
		group.Wait()
		if !errors.Is(err, errTooMuch) || waited != nil {
			t.Errorf("grows: %v, waits: %v", err, waited)
		}
	})
}

func TestMemoryThatIsLetGoOfDoesNotCount(t *testing.T) {
	watched(t, 24<<20, func(heap *vm.Heap) {
		err := evaluated(vm.New(vm.Options{Heap: heap}), "churns", "let s; for (let i = 0; i < 100_000; i++) s = 'x'.repeat(1000) + i")
		if err != nil {
			t.Error(err)
		}
	})
}
