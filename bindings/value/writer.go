package value

import (
	"fmt"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
)

// writer is JSON.stringify of one VM. goja's own takes time that grows with the
// square of the nesting, in native code that no interrupt reaches. It is given a
// replacer that changes nothing: called for each value, it counts the nesting
// and lets interrupts through.
type writer struct {
	vm        *vm.VM
	rt        *goja.Runtime
	stringify native
	replacer  goja.Value
	writing   // the innermost call in progress
}

// writing is the state of one call of JSON.stringify.
type writing struct {
	holders []*goja.Object // the objects being written, innermost last
	last    goja.Value     // what the replacer gave last
	custom  native         // the script's own replacer; may be nil
}

func (w *writer) write(call goja.FunctionCall) goja.Value {
	custom, isFunction := function(call.Argument(1))
	_, nested := call.Argument(0).(*goja.Object)
	_, list := call.Argument(1).(*goja.Object)
	if !isFunction && (!nested || list) {
		return w.stringify(call) // a list of keys leaves no place for a replacer
	}
	outer := w.writing // a toJSON method may have called
	w.writing = writing{custom: custom, holders: w.holders[len(w.holders):]}
	defer func() {
		clear(w.holders)
		w.writing = outer
	}()
	return w.stringify(goja.FunctionCall{This: call.This, Arguments: []goja.Value{call.Argument(0), w.replacer, call.Argument(2)}})
}

// replace is the replacer: this is the object that holds the value.
func (w *writer) replace(call goja.FunctionCall) goja.Value {
	w.vm.Checkpoint()
	holder, _ := call.This.(*goja.Object)
	if w.last == goja.Value(holder) {
		w.holders = append(w.holders, holder)
	} else {
		for n := len(w.holders); n > 0 && w.holders[n-1] != holder; n-- {
			w.holders[n-1] = nil
			w.holders = w.holders[:n-1]
		}
	}
	if len(w.holders) > MaxDepth {
		panic(w.tooDeep())
	}
	w.last = call.Argument(1)
	if w.custom != nil {
		w.last = orUndefined(w.custom(call))
	}
	return w.last
}

func (w *writer) tooDeep() goja.Value {
	object, err := w.rt.New(w.rt.Get("RangeError"), w.rt.ToValue(fmt.Sprintf("JSON.stringify: nested deeper than %d levels", MaxDepth)))
	if err != nil {
		panic(err)
	}
	return object
}
