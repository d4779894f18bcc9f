package native

import (
	"fmt"
	"reflect"
	"runtime/debug"
	"strings"

	"github.com/dop251/goja"
)

// PanicError is a Go panic in a native function. Scripts see an Error with its
// message; errors.As finds it beneath the error of the run, for the log.
type PanicError struct {
	Function string
	Value    any
	Stack    []byte // of the goroutine, at the panic
}

func (e *PanicError) Error() string {
	return fmt.Sprintf("internal error in %s: %v", e.Function, e.Value)
}

// Unwrap returns the panic's value if it is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// guard turns Go panics of call into JavaScript errors. A panic that went on
// through JavaScript frames would leave the VM unable to await anything again.
func guard(rt *goja.Runtime, name string, call func(goja.FunctionCall) goja.Value) func(goja.FunctionCall) goja.Value {
	return func(fc goja.FunctionCall) goja.Value {
		defer func() {
			if x := recover(); x != nil {
				rethrow(rt, name, x)
			}
		}()
		return call(fc)
	}
}

func rethrow(rt *goja.Runtime, name string, x any) {
	if throwsInJavaScript(x) {
		panic(x)
	}
	panic(rt.NewGoError(&PanicError{Function: name, Value: x, Stack: debug.Stack()}))
}

// throwsInJavaScript reports whether x is how goja itself unwinds: a thrown
// value, an interrupt, or one of its own unexported kinds.
func throwsInJavaScript(x any) bool {
	switch x.(type) {
	case goja.Value, *goja.Exception, *goja.InterruptedError, *goja.StackOverflowError:
		return true
	}
	t := reflect.TypeOf(x)
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return strings.HasPrefix(t.PkgPath(), "github.com/dop251/goja")
}
