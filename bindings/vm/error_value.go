package vm

import (
	"errors"
	"maps"
	"slices"

	"github.com/dop251/goja"
)

// errorValue is what a script catches for err; frames are its stack.
func (v *VM) errorValue(err error, frames []goja.StackFrame) goja.Value {
	var thrown *goja.Exception
	if errors.As(err, &thrown) {
		return thrown.Value()
	}
	var script *ScriptError
	if errors.As(err, &script) && script.Value != nil {
		return script.Value
	}
	name := "Error"
	var named Named
	if errors.As(err, &named) {
		name = named.ErrorName()
	}
	object, made := v.newNamed(name, err.Error())
	if made != nil {
		return v.rt.NewGoError(err)
	}
	v.describeError(object, err)
	var caused interface{ ErrorCause() error }
	if errors.As(err, &caused) {
		define(object, "cause", v.errorValue(caused.ErrorCause(), frames))
	}
	define(object, "stack", v.rt.ToValue(name+": "+err.Error()+stackText(framesOf(frames))))
	if r := v.current; r != nil {
		if r.goErrors == nil {
			r.goErrors = make(map[*goja.Object]error)
		}
		r.goErrors[object] = err
	}
	return object
}

// newNamed makes an Error, or a TypeError, which is a class of its own.
func (v *VM) newNamed(name, message string) (*goja.Object, error) {
	if name == "TypeError" {
		return v.rt.NewTypeError("%s", message), nil
	}
	object, err := v.rt.New(v.errorClass, v.rt.ToValue(message))
	if err == nil && name != "Error" {
		define(object, "name", v.rt.ToValue(name))
	}
	return object, err
}

// NewError makes the Error that scripts see for err, with the stack of the
// native function that runs now: what NewPromise rejects with, for natives that
// throw.
func (v *VM) NewError(err error) goja.Value {
	return v.errorValue(err, v.rt.CaptureCallStack(operationDepth, nil))
}

// describeError gives an Error the properties that err has beside its message.
func (v *VM) describeError(object *goja.Object, err error) {
	var coded interface{ ErrorCode() string }
	if errors.As(err, &coded) && coded.ErrorCode() != "" {
		_ = object.Set("code", coded.ErrorCode())
	}
	var detailed interface{ Properties() map[string]any }
	if errors.As(err, &detailed) {
		properties := detailed.Properties()
		for _, name := range slices.Sorted(maps.Keys(properties)) {
			_ = object.Set(name, properties[name])
		}
	}
}
