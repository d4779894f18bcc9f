package vm

// AsyncContext returns the value that belongs to the asynchronous flow of
// control that is running: what [VM.SetAsyncContext] set there or in the code
// that scheduled it. It is carried through await, promise reactions, timers and
// host promises. Nil at the start of a run.
func (v *VM) AsyncContext() any { return v.async }

// SetAsyncContext replaces the value of [VM.AsyncContext] for the rest of the
// running job and for all that it schedules. The caller that wants it for the
// length of one function call sets the old value again afterwards.
func (v *VM) SetAsyncContext(value any) { v.async = value }

// asyncTracker keeps VM.async right across promise jobs.
type asyncTracker struct{ vm *VM }

func (t asyncTracker) Grab() any         { return t.vm.async }
func (t asyncTracker) Resumed(value any) { t.vm.async = value }
func (t asyncTracker) Exited()           { t.vm.async = nil }
