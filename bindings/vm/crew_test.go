package vm_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
)

// Runs one after the other share a goroutine, runs at the same time do not, and
// Close leaves none behind.
func TestACrewKeepsItsGoroutines(t *testing.T) {
	var crew vm.Crew
	for i := range 100 {
		v := vm.New(vm.Options{Crew: &crew})
		install(v)
		if got, err := run(t.Context(), v, `await host(1); return 'done'`); err != nil || got != "done" {
			t.Fatalf("run %d: %q %v", i, got, err)
		}
	}
	if n := crew.Idle(); n != 1 {
		t.Errorf("100 runs one after the other left %d goroutines", n)
	}
	var group, inside sync.WaitGroup
	inside.Add(5)
	for range 5 {
		v := vm.New(vm.Options{Crew: &crew})
		_ = v.Runtime().Set("meet", func(goja.FunctionCall) goja.Value { inside.Done(); inside.Wait(); return nil })
		group.Go(func() {
			if _, err := run(context.Background(), v, `meet()`); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if n := crew.Idle(); n != 5 {
		t.Errorf("five runs at once left %d goroutines", n)
	}
	crew.Close()
	if got, err := run(t.Context(), vm.New(vm.Options{Crew: &crew}), `return 'late'`); err != nil || got != "late" {
		t.Errorf("a run after Close: %q %v", got, err)
	}
}

// A goroutine that native code holds, and one that ended early, are not used
// again, and Close waits for neither.
func TestACrewGivesUpWhoIsHeld(t *testing.T) {
	var crew vm.Crew
	orphans := &vm.Orphans{}
	options := vm.Options{Crew: &crew, Orphans: orphans, AbandonAfter: time.Millisecond}
	v := vm.New(options)
	ctx, cancel := context.WithCancelCause(t.Context())
	release := make(chan struct{})
	_ = v.Runtime().Set("hold", func(goja.FunctionCall) goja.Value { cancel(errLimit); <-release; return nil })
	var abandoned *vm.AbandonedError
	if _, err := run(ctx, v, `hold()`); !errors.As(err, &abandoned) {
		t.Fatalf("the held run: %v", err)
	}
	gone := vm.New(options)
	_ = gone.Runtime().Set("exit", func(goja.FunctionCall) goja.Value { runtime.Goexit(); return nil })
	if _, err := run(t.Context(), gone, `exit()`); err == nil || !gone.Dead() {
		t.Errorf("a run whose goroutine ended: %v", err)
	}
	for range 3 {
		if got, err := run(t.Context(), vm.New(options), `return 'next'`); err != nil || got != "next" {
			t.Errorf("the run after: %q %v", got, err)
		}
	}
	crew.Close()
	living := orphans.Gone()
	close(release)
	<-living
}

// A context that ends at any moment of a run, its last included, ends it or not,
// and leaves a crew that works on; no goroutine stays.
func TestACrewIsToldOfTheEndAtAnyMoment(t *testing.T) {
	var crew vm.Crew
	v := vm.New(vm.Options{Crew: &crew})
	install(v)
	interrupted := 0
	for i := range 600 {
		ctx, cancel := context.WithCancelCause(t.Context())
		busy := i % 60 // turns of the loop, so that the end falls everywhere
		var canceller sync.WaitGroup
		canceller.Go(func() {
			for range i / 2 {
				runtime.Gosched()
			}
			cancel(errLimit)
		})
		source := fmt.Sprintf("for (let i = 0; i < %d; i++) await host(1); return 'done'", busy)
		got, err := run(ctx, v, source)
		var end *vm.InterruptError
		switch {
		case err == nil && got == "done":
		case errors.As(err, &end) && errors.Is(err, errLimit):
			interrupted++
		default:
			t.Fatalf("run %d: %q %v", i, got, err)
		}
		canceller.Wait()
		if v.Dead() {
			v = vm.New(vm.Options{Crew: &crew})
			install(v)
		}
	}
	if interrupted == 0 || interrupted == 600 {
		t.Errorf("%d of 600 runs were interrupted", interrupted)
	}
	if got, err := run(t.Context(), v, `return 'next'`); err != nil || got != "next" {
		t.Errorf("the run after: %q %v", got, err)
	}
	crew.Close()
}

// A run that ends within its grace gives its own outcome, on a crew too.
func TestACrewLetsRunsEndGracefully(t *testing.T) {
	var crew vm.Crew
	defer crew.Close()
	for range 20 {
		v := vm.New(vm.Options{Crew: &crew})
		ctx, cancel := context.WithCancelCause(t.Context())
		end := func(goja.Value) {}
		_ = v.Runtime().Set("untilTold", func(goja.FunctionCall) goja.Value {
			promise, resolve, _ := v.Runtime().NewPromise()
			end = func(value goja.Value) { _ = resolve(value) }
			post := v.Reserve()
			cancel(errLimit)
			v.OnEnd(func() { post(func() error { return nil }) })
			return v.Runtime().ToValue(promise)
		})
		got, err := runCall(ctx, v, `return await untilTold()`, vm.Call{
			Grace: time.Minute, Abort: func(error) { end(v.Runtime().ToValue("tidied up")) },
		})
		if err != nil || got != "tidied up" {
			t.Fatalf("%q %v", got, err)
		}
	}
}

// A program whose goroutine is locked to its thread may close a crew.
func TestACrewIsClosedByALockedThread(t *testing.T) {
	var crew vm.Crew
	if _, err := run(t.Context(), vm.New(vm.Options{Crew: &crew}), `return 1`); err != nil {
		t.Fatal(err)
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	crew.Close()
	if n := crew.Idle(); n != 0 {
		t.Errorf("%d goroutines after Close", n)
	}
}
