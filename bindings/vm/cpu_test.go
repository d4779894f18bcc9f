package vm_test

import (
	"errors"
	"testing"
	"time"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
)

func TestTimeInsideTheVMIsBounded(t *testing.T) {
	for _, c := range []struct{ name, source, line string }{
		{"a loop", "// all the code is below\nfor (let i = 0; ; i++);", "test.js:2:"},
		{"a storm of jobs", "(async () => {\n  for (;;) await null\n})()", "test.js:"},
		{"many timers", "new Promise(() => {\n  setInterval(() => { for (let i = 0; i < 1e4; i++); }, 0)\n})", ""},
	} {
		v := vm.New(vm.Options{MaxCPU: 50 * time.Millisecond})
		err := v.Run(t.Context(), vm.Call{Name: "the test", Start: func() (goja.Value, error) {
			return v.Runtime().RunScript("test.js", c.source)
		}})
		var stopped *vm.InterruptError
		var limit *vm.CPULimitError
		if !errors.As(err, &stopped) || !errors.As(err, &limit) || limit.Name != "the test" {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if c.line != "" && stopped.Position.String()[:len(c.line)] != c.line {
			t.Errorf("%s: at %s", c.name, stopped.Position)
		}
	}
}

// A wait that is much longer than the limit does not count. The clock that
// measures is moved while the run waits, which is when it asks whether to park.
func TestWaitingIsNoTimeInsideTheVM(t *testing.T) {
	watchdog := clock.NewVirtual(time.Unix(0, 0))
	v := vm.New(vm.Options{MaxCPU: time.Second, Watchdog: watchdog})
	for range 3 { // each run has its own
		var settle func(func() (goja.Value, error))
		asked := 0
		err := v.Run(t.Context(), vm.Call{
			Name: "the test",
			Start: func() (promise goja.Value, _ error) {
				promise, settle = v.NewWait()
				return promise, nil
			},
			Parkable: func() bool {
				asked++
				watchdog.Advance(time.Hour)
				settle(func() (goja.Value, error) { return goja.Undefined(), nil })
				return false
			},
		})
		if err != nil || asked != 1 {
			t.Errorf("asked %d times: %v", asked, err)
		}
	}
}
