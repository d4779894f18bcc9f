package vm

import (
	"sync"

	"github.com/dop251/goja"
)

var checkpointProgram = sync.OnceValue(func() *goja.Program {
	return goja.MustCompile("<checkpoint>", "0", true)
})

// Checkpoint is for natives that work for long on the VM's goroutine: called now
// and then, it lets an interrupt end them as it ends a loop of the script. It
// does not return then, and costs next to nothing otherwise.
func (v *VM) Checkpoint() {
	r := v.current
	if r == nil || r.stop.Load() == nil {
		return
	}
	// goja looks for interrupts before each instruction of a script: run one.
	if _, err := v.rt.RunProgram(checkpointProgram()); err != nil {
		panic(err)
	}
}
