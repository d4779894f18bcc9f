package hatchet

import (
	"sync"

	"github.com/dop251/goja"
)

const nonRetryableName = "NonRetryableError"

// nonRetryableClass is JavaScript so that scripts can extend the class.
var nonRetryableClass = sync.OnceValue(func() *goja.Program {
	return goja.MustCompile("<hatchet>", `(() => {
  class NonRetryableError extends Error {}
  Object.defineProperty(NonRetryableError.prototype, 'name', { value: 'NonRetryableError', writable: true, configurable: true })
  return NonRetryableError
})()`, true)
})

// makeNonRetryable makes the class NonRetryableError.
func (r *Realm) makeNonRetryable() goja.Value {
	class, err := r.rt.RunProgram(nonRetryableClass())
	if err != nil {
		panic(err)
	}
	if object, ok := class.(*goja.Object); ok {
		r.nonRetryable, _ = object.Get("prototype").(*goja.Object)
	}
	return class
}

// ErrorName is the name that scripts see.
func (e *NonDeterminismError) ErrorName() string { return "NonDeterminismError" }

// ErrorName is the name that scripts see.
func (e *IdempotencyCollisionError) ErrorName() string { return "IdempotencyCollisionError" }
