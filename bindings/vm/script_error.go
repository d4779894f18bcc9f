package vm

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/dop251/goja"
)

// ScriptError is what a script threw, or a rejection that nobody handled. It
// holds no live value of the VM, except Value.
type ScriptError struct {
	Name    string // class name, "TypeError"; "" if what was thrown is no Error
	Message string
	// Stack is the whole text for people: name and message, the frames in the
	// source files, and the causes, each with its own.
	Stack string
	// Position is the first frame in a source file. May be unknown.
	Position Position
	// Unhandled says that it was a rejection nobody handled.
	Unhandled bool
	// Cause is the Go error that a native function failed with, or nil.
	Cause error
	// Value is what was thrown. It belongs to the VM: look at it only as the
	// VM's owner and never after the VM was given away.
	Value goja.Value
}

func (e *ScriptError) Error() string {
	text := e.Message
	if e.Name != "" && e.Name != "Error" {
		text = e.Name + ": " + e.Message
	}
	if e.Unhandled {
		return "unhandled rejection: " + text
	}
	return text
}

func (e *ScriptError) Unwrap() error { return e.Cause }

// convert turns what goja returned into the errors of this package. Other
// errors pass as they are.
func (r *run) convert(err error) error {
	var (
		interrupted *goja.InterruptedError
		overflow    *goja.StackOverflowError
		thrown      *goja.Exception
	)
	switch {
	case errors.As(err, &interrupted):
		r.vm.dead.Store(true)
		cause := contextCause(r.ctx)
		if stop := r.stop.Load(); stop != nil {
			cause = stop.err
		}
		return &InterruptError{Cause: cause, Position: firstPosition(framesOf(interrupted.Stack()))}
	case errors.As(err, &overflow):
		r.vm.dead.Store(true)
		return r.overflow(framesOf(overflow.Stack()))
	case errors.As(err, &thrown):
		return r.thrown(thrown.Value(), framesOf(thrown.Stack()))
	}
	return err
}

func overflowMessage(calls int) string {
	return fmt.Sprintf("Maximum call stack size exceeded (%d calls): look for a function that calls itself without end", calls)
}

func (r *run) overflow(frames []frame) error {
	message := overflowMessage(r.vm.opts.MaxCallStack)
	const shown = 6
	return &ScriptError{
		Name: "RangeError", Message: message, Position: firstPosition(frames),
		Stack: "RangeError: " + message + stackText(frames[:min(shown, len(frames))]),
	}
}

// rejection is the error of the run's own promise.
func (r *run) rejection(promise *goja.Promise) error {
	return r.thrown(promise.Result(), nil)
}

// unhandled is the error of the first rejection that nobody has handled.
func (r *run) unhandled() error {
	for _, promise := range r.rejections.list {
		err := r.thrown(promise.Result(), nil)
		var script *ScriptError
		if errors.As(err, &script) {
			script.Unhandled = true
		}
		return err
	}
	return nil
}

// thrown describes a thrown value; frames are those of the throw, for values
// that carry no stack of their own.
func (r *run) thrown(value goja.Value, frames []frame) (result error) {
	described := &ScriptError{Value: value}
	if ex := r.vm.rt.Try(func() { described.describe(r, value, frames) }); ex != nil {
		described.Message = "an error whose own description throws"
	}
	return described
}

const maxCauses = 8

func (e *ScriptError) describe(r *run, value goja.Value, frames []frame) {
	text, seen := "", map[*goja.Object]bool{}
	for depth := 0; ; depth++ {
		part := describeOne(value, frames)
		if depth == 0 {
			e.Name, e.Message, e.Position, text = part.name, part.message, firstPosition(part.frames), part.text()
		} else {
			text += "\ncaused by: " + part.text()
		}
		object, ok := value.(*goja.Object)
		if !ok || seen[object] || depth == maxCauses {
			break
		}
		seen[object] = true
		if cause, known := r.goErrors[object]; known && e.Cause == nil {
			e.Cause = cause
		} else if cause, isGo := goValue(object); isGo && e.Cause == nil {
			e.Cause = cause
		}
		value, frames = object.Get("cause"), nil
		if value == nil || goja.IsUndefined(value) || goja.IsNull(value) {
			break
		}
	}
	e.Stack = text
}

// goValue is the Go error inside an object made by goja's NewGoError.
func goValue(object *goja.Object) (error, bool) {
	if object.ClassName() != "Error" {
		return nil, false
	}
	value := object.Get("value")
	if value == nil {
		return nil, false
	}
	err, ok := value.Export().(error)
	return err, ok
}

// described is one error of a chain of causes.
type described struct {
	name, message string
	frames        []frame
}

func (d described) text() string {
	head := d.message
	switch {
	case d.name != "" && d.message != "":
		head = d.name + ": " + d.message
	case d.name != "":
		head = d.name
	}
	return head + stackText(d.frames)
}

func describeOne(value goja.Value, frames []frame) described {
	object, ok := value.(*goja.Object)
	if !ok {
		return described{message: primitiveText(value), frames: frames}
	}
	message := object.Get("message")
	if object.ClassName() != "Error" && (message == nil || goja.IsUndefined(message)) {
		return described{message: objectText(object), frames: frames}
	}
	d := described{name: text(object.Get("name")), message: text(message), frames: frames}
	if d.name == "GoError" {
		d.name = "Error"
	}
	if own := parseStack(text(object.Get("stack"))); len(own) > 0 {
		d.frames = own
	}
	return d
}

func text(value goja.Value) string {
	if value == nil || goja.IsUndefined(value) || goja.IsNull(value) {
		return ""
	}
	return value.String()
}

func primitiveText(value goja.Value) string {
	if value == nil || goja.IsUndefined(value) {
		return "undefined was thrown"
	}
	return value.String()
}

// objectText shows a thrown plain object as its JSON would, within bounds.
func objectText(object *goja.Object) string {
	encoded, err := object.MarshalJSON()
	if err != nil || string(encoded) == "{}" {
		return object.String()
	}
	const most = 500
	if len(encoded) > most {
		return string(encoded[:most]) + "…"
	}
	return string(encoded)
}

// goja's own stack lines: "\tat name (file:1:2(3))" or "\tat file:1:2(3)".
var stackLine = regexp.MustCompile(`^\s*at (?:(.*) \()?(.+?):(\d+):(\d+)(?:\(\d+\))?\)?$`)

// parseStack reads the frames out of the stack property of an Error.
func parseStack(stack string) []frame {
	var frames []frame
	for line := range strings.SplitSeq(stack, "\n") {
		match := stackLine.FindStringSubmatch(line)
		if match == nil {
			continue
		}
		row, _ := strconv.Atoi(match[3])
		column, _ := strconv.Atoi(match[4])
		if kept, ok := ownFrame(frame{match[1], Position{match[2], row, column}}); ok {
			frames = append(frames, kept)
		}
		if len(frames) == maxFrames {
			break
		}
	}
	return frames
}
