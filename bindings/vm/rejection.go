package vm

import (
	"errors"

	"github.com/dop251/goja"
)

// rejectionSet holds the promises of a run that were rejected and have no
// handler, in order of their rejection.
type rejectionSet struct {
	list   []*goja.Promise
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
		set.list = append(set.list, promise)
		set.note(v, promise.Result())
	case goja.PromiseRejectionHandle:
		for i, known := range set.list {
			if known == promise {
				set.list = append(set.list[:i], set.list[i+1:]...)
				return
			}
		}
	}
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
	if len(r.rejections.list) == 0 {
		return nil
	}
	err := r.thrown(r.rejections.list[0].Result(), nil)
	var script *ScriptError
	if errors.As(err, &script) {
		script.Unhandled = true
	}
	return err
}
