package vm

import "maps"

// asyncValues is what an asynchronous flow of control carries, by key. It never
// changes: another flow may carry it as well.
type asyncValues map[any]any

// AsyncContext returns the values that belong to the asynchronous flow of control
// that is running: those that [VM.SetAsyncValue] set there or in the code that
// scheduled it. They are carried through await, promise reactions, timers and
// host promises. Nil at the start of a run.
func (v *VM) AsyncContext() any { return v.async }

// SetAsyncContext replaces the values of [VM.AsyncContext] for the rest of the
// running job and for all that it schedules. The caller that wants them for the
// length of one function call sets the old ones again afterwards. context is what
// AsyncContext once gave.
func (v *VM) SetAsyncContext(context any) { v.async = context }

// AsyncValue is the value of a key in the flow of control that is running; nil if
// none is set. Keys are compared as those of a map are.
func (v *VM) AsyncValue(key any) any {
	values, _ := v.async.(asyncValues)
	return values[key]
}

// SetAsyncValue sets the value of a key for the rest of the running job and for
// all that it schedules; flows that were scheduled before keep theirs. Nil takes
// the value away.
func (v *VM) SetAsyncValue(key, value any) {
	values, _ := v.async.(asyncValues)
	values = maps.Clone(values)
	switch {
	case value == nil:
		delete(values, key)
	case values == nil:
		values = asyncValues{key: value}
	default:
		values[key] = value
	}
	v.async = values
}

// asyncTracker keeps VM.async right across promise jobs.
type asyncTracker struct{ vm *VM }

func (t asyncTracker) Grab() any         { return t.vm.async }
func (t asyncTracker) Resumed(value any) { t.vm.async = value }
func (t asyncTracker) Exited()           { t.vm.async = nil }
