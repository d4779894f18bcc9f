package vm

import (
	"github.com/dop251/goja"
)

// loop runs the call to its end on the VM's goroutine. One turn runs one thing:
// a completion from outside, a timer that is due or a setImmediate callback;
// goja runs the promise jobs that follow from it before control returns here.
func (r *run) loop() error {
	var value goja.Value
	if err := r.step(func() (err error) { value, err = r.call.Start(); return err }); err != nil {
		return err
	}
	promise, err := r.adopt(value)
	if err != nil {
		return err
	}
	if promise == nil {
		return r.settle(value)
	}
	for {
		switch promise.State() {
		case goja.PromiseStateFulfilled:
			return r.settle(promise.Result())
		case goja.PromiseStateRejected:
			return r.rejection(promise)
		}
		if err := r.turn(); err != nil {
			return err
		}
	}
}

// turn runs one thing, or waits for it to come.
func (r *run) turn() error {
	for {
		if stop := r.stop.Load(); stop != nil {
			return r.interruptedWaiting(stop.err)
		}
		if job := r.next(); job != nil {
			return r.step(job)
		}
		if r.pending.reserved == 0 {
			if err := r.idle(); err != nil {
				return err
			}
		}
		if r.aborting && r.outwaits() {
			return r.interruptedWaiting(contextCause(r.ctx))
		}
		r.wait()
	}
}

// phase is what a run is taking its jobs from. Each phase runs what there was at
// its beginning; so nothing starves, however busy the others are.
type phase int

const (
	completions phase = iota // what came from outside
	timers                   // setTimeout and setInterval
	immediates               // setImmediate
	phases
)

// next takes what may run now; nil if there is nothing.
func (r *run) next() func() error {
	for range phases + 1 {
		if job := r.inPhase(); job != nil {
			return job
		}
		r.phase = (r.phase + 1) % phases
		r.beginPhase()
	}
	return nil
}

func (r *run) beginPhase() {
	switch r.phase {
	case completions:
		r.mu.Lock()
		r.work, r.inbox, r.spare = r.inbox, r.spare[:0], r.inbox
		r.mu.Unlock()
	case timers:
		r.timers.beginTimers(r.vm.opts.Clock)
	case immediates:
		r.timers.beginImmediates()
	}
}

func (r *run) inPhase() func() error {
	switch r.phase {
	case completions:
		if len(r.work) == 0 {
			return nil
		}
		job := r.work[0]
		r.work[0] = nil
		r.work = r.work[1:]
		return job
	case timers:
		return r.timers.due(r)
	default:
		return r.timers.immediate(r)
	}
}

// idle decides what becomes of a run that is pending with nothing reserved; nil
// means to go on waiting.
func (r *run) idle() error {
	if r.aborting {
		if r.pending.waits > 0 { // they fail, since the run is over
			return nil
		}
		return r.interruptedWaiting(contextCause(r.ctx))
	}
	if r.pending.waits > 0 {
		if r.call.Parkable != nil && r.call.Parkable() {
			return ErrParked
		}
		return nil
	}
	if err := r.unhandled(); err != nil {
		return err
	}
	if r.call.Grace > 0 && r.call.Listening != nil && r.call.Listening() {
		return nil
	}
	return &StalledError{Name: r.call.Name}
}

// outwaits reports whether nothing can happen before the grace is over: all that
// is waited for are timers that are due later.
func (r *run) outwaits() bool {
	timers := &r.timers
	return r.pending.waits == 0 && r.pending.reserved == len(timers.byID) && len(timers.queue) > 0 &&
		timers.queue[0].at.After(r.graceEnd)
}

// wait sleeps until something was posted, a timer is due or the run is stopped.
func (r *run) wait() {
	r.waiting.Store(true)
	defer r.waiting.Store(false)
	timer := r.timers.arm(r)
	if timer == nil {
		<-r.wake
		return
	}
	select {
	case <-r.wake:
	case <-timer.C():
	}
	timer.Stop()
}

// adopt returns the promise whose settling ends the run; nil if value is final.
func (r *run) adopt(value goja.Value) (*goja.Promise, error) {
	object, ok := value.(*goja.Object)
	if !ok {
		return nil, nil
	}
	if promise, ok := asPromise(object); ok {
		return promise, nil
	}
	var then goja.Value
	err := r.try(func() error { then = object.Get("then"); return nil })
	if _, callable := goja.AssertFunction(then); err != nil || !callable {
		return nil, err
	}
	promise, resolve, _ := r.vm.rt.NewPromise()
	return promise, r.try(func() error { return resolve(value) })
}

func asPromise(object *goja.Object) (*goja.Promise, bool) {
	if object.ExportType() != typePromise {
		return nil, false
	}
	promise, ok := object.Export().(*goja.Promise)
	return promise, ok
}

// settle ends the run with its value.
func (r *run) settle(value goja.Value) error {
	if value == nil {
		value = goja.Undefined()
	}
	if r.call.Settle != nil {
		if err := r.try(func() error { return r.call.Settle(value) }); err != nil {
			return err
		}
	}
	return r.unhandled()
}

// try calls f and converts what goja throws into the errors of this package.
func (r *run) try(f func() error) error {
	r.enter()
	defer r.exit()
	var err error
	if ex := r.vm.rt.Try(func() { err = f() }); ex != nil {
		return r.convert(ex)
	}
	if err != nil {
		return r.convert(err)
	}
	return nil
}

// post puts job into the inbox from any goroutine; it is dropped when the run
// is over.
func (r *run) post(job func() error) {
	r.mu.Lock()
	over := r.over
	if !over {
		r.inbox = append(r.inbox, job)
	}
	r.mu.Unlock()
	if !over {
		r.wakeUp()
	}
}

func (r *run) wakeUp() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}
