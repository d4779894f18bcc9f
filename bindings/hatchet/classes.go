package hatchet

import (
	"errors"

	"github.com/dop251/goja"
)

const nonRetryableName = "NonRetryableError"

// errorClasses is evaluated once per VM. It is JavaScript so that scripts can
// extend the class.
var errorClasses = goja.MustCompile("<hatchet>", `(() => {
  class NonRetryableError extends Error {}
  Object.defineProperty(NonRetryableError.prototype, 'name', { value: 'NonRetryableError', writable: true, configurable: true })
  return NonRetryableError
})()`, true)

// installErrors makes the class NonRetryableError.
func (r *Realm) installErrors() error {
	class, err := r.rt.RunProgram(errorClasses)
	if err != nil {
		return err
	}
	object, ok := class.(*goja.Object)
	if !ok {
		return errors.New("the error classes did not evaluate to a class")
	}
	r.nonRetryable = object
	r.nonRetryableProto, _ = object.Get("prototype").(*goja.Object)
	return nil
}

// ErrorName is the name that scripts see.
func (e *NonDeterminismError) ErrorName() string { return "NonDeterminismError" }

// ErrorName is the name that scripts see.
func (e *IdempotencyCollisionError) ErrorName() string { return "IdempotencyCollisionError" }
