package vm

import (
	"errors"

	"github.com/dop251/goja"
)

// rejectionSet holds the promises of a run that were rejected and have no
// handler, in order of their rejection.
type rejectionSet struct {
	list   []*goja.Promise // nil where a handler came after all
	index  map[*goja.Promise]int
	places []rejectionPlace
}

// rejectionPlace says where a promise was rejected with a value that carries no
// stack of its own.
type rejectionPlace struct {
	value  goja.Value
	frames []goja.StackFrame
}

// maxPlaces bounds the places kept of a run.
const maxPlaces = 16

// trackRejection is goja's tracker: a rejected promise without a handler is
// noted, and forgotten when a handler comes after all.
func (v *VM) trackRejection(promise *goja.Promise, operation goja.PromiseRejectionOperation) {
	r := v.current
	if r == nil {
		return
	}
	set := &r.rejections
	switch operation {
	case goja.PromiseRejectionReject:
		set.add(promise)
		set.note(v, promise.Result())
	case goja.PromiseRejectionHandle:
		set.remove(promise)
	}
}

func (s *rejectionSet) add(promise *goja.Promise) {
	if s.index == nil {
		s.index = make(map[*goja.Promise]int)
	}
	s.index[promise] = len(s.list)
	s.list = append(s.list, promise)
}

// remove takes no longer for many than for few: all of ten thousand rejections
// may get their handlers in one native call.
func (s *rejectionSet) remove(promise *goja.Promise) {
	i, known := s.index[promise]
	if !known {
		return
	}
	delete(s.index, promise)
	s.list[i] = nil
	if len(s.index) == 0 {
		s.list = s.list[:0]
	}
}

// first is the oldest rejection that nobody has handled; nil if there is none.
func (s *rejectionSet) first() *goja.Promise {
	for _, promise := range s.list {
		if promise != nil {
			return promise
		}
	}
	return nil
}

// note remembers where a value that is no Error came from, as far as goja still
// knows: the caller of reject, or of the async function that threw before its
// first await.
func (s *rejectionSet) note(v *VM, value goja.Value) {
	if object, ok := value.(*goja.Object); value == nil || ok && object.ClassName() == "Error" {
		return
	}
	frames := v.rt.CaptureCallStack(operationDepth, nil)
	if len(frames) == 0 {
		return
	}
	if len(s.places) == maxPlaces {
		s.places = append(s.places[:0], s.places[1:]...)
	}
	s.places = append(s.places, rejectionPlace{value, frames})
}

// framesOf is where value was last seen to be rejected.
func (s *rejectionSet) framesOf(value goja.Value) []frame {
	for i := len(s.places) - 1; i >= 0 && value != nil; i-- {
		if s.places[i].value.StrictEquals(value) {
			return framesOf(s.places[i].frames)
		}
	}
	return nil
}

// rejection is the error of the run's own promise.
func (r *run) rejection(promise *goja.Promise) error {
	return r.thrown(promise.Result(), nil)
}

// unhandled is the error of the first rejection that nobody has handled.
func (r *run) unhandled() error {
	promise := r.rejections.first()
	if promise == nil {
		return nil
	}
	err := r.thrown(promise.Result(), nil)
	var script *ScriptError
	if errors.As(err, &script) {
		script.Unhandled = true
	}
	return err
}
