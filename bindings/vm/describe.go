package vm

import (
	"fmt"
	"strings"

	"github.com/dop251/goja"
)

// Bounds of a description.
const (
	maxCauses = 8  // in a chain
	maxInner  = 10 // errors of one AggregateError
	maxParts  = 40 // errors in all
)

// thrown describes a thrown value; frames are those of the throw, for values
// that carry no stack of their own.
func (r *run) thrown(value goja.Value, frames []frame) error {
	if frames == nil {
		frames = r.rejections.framesOf(value)
	}
	return r.describe(value, frames)
}

func (r *run) describe(value goja.Value, frames []frame) *ScriptError {
	d := description{run: r, err: &ScriptError{Value: value}, seen: map[*goja.Object]bool{}}
	d.chain(value, frames)
	d.err.Stack = strings.TrimPrefix(d.text.String(), "\n")
	return d.err
}

// Describe tells what a value says, as though the run in progress had thrown
// it. Without a run it says nothing.
func (v *VM) Describe(value goja.Value) *ScriptError {
	if v.current == nil {
		return &ScriptError{Value: value}
	}
	return v.current.describe(value, nil)
}

// description collects what there is to say about a thrown value. Whatever the
// value does when it is asked, a description comes out.
type description struct {
	run   *run
	err   *ScriptError
	text  strings.Builder
	seen  map[*goja.Object]bool
	parts int
}

// chain adds value and its causes.
func (d *description) chain(value goja.Value, frames []frame) {
	for depth := 0; depth <= maxCauses; depth++ {
		lead := ""
		if depth > 0 {
			lead = "caused by: "
		}
		object := d.add(lead, value, frames)
		if object == nil {
			return
		}
		d.inner(object)
		value, frames = d.property(object, "cause"), nil
		if value == nil || goja.IsUndefined(value) || goja.IsNull(value) {
			return
		}
	}
}

// inner adds the errors that an AggregateError holds.
func (d *description) inner(object *goja.Object) {
	list, ok := d.property(object, "errors").(*goja.Object)
	if !ok || list.ClassName() != "Array" || object.ClassName() != "Error" {
		return
	}
	length := int(d.property(list, "length").ToInteger())
	for i := range min(length, maxInner) {
		value := d.property(list, fmt.Sprint(i))
		if i == 0 && d.parts == 1 && d.err.Message == "" { // as Promise.any leaves it
			d.err.Message = fmt.Sprintf("all %d failed, the first: %s", length, d.one(value, nil).head())
		}
		if object := d.add(fmt.Sprintf("error %d of %d: ", i+1, length), value, nil); object != nil {
			if cause := d.property(object, "cause"); cause != nil && !goja.IsUndefined(cause) {
				d.add("caused by: ", cause, nil)
			}
		}
	}
}

// add adds one error; the object returned is nil if there is nothing beneath.
func (d *description) add(lead string, value goja.Value, frames []frame) *goja.Object {
	if d.parts++; d.parts > maxParts {
		return nil
	}
	part := d.one(value, frames)
	if d.parts == 1 {
		d.err.Name, d.err.Message = part.name, part.message
	}
	if d.err.Position == (Position{}) {
		d.err.Position = firstPosition(part.frames)
	}
	d.text.WriteString("\n" + lead + part.head() + stackText(part.frames))
	object, ok := value.(*goja.Object)
	if !ok || d.seen[object] {
		return nil
	}
	d.seen[object] = true
	if d.err.Cause == nil {
		d.err.Cause = d.goError(object)
	}
	return object
}

// goError is the Go error that a native function failed with.
func (d *description) goError(object *goja.Object) error {
	if err, known := d.run.goErrors[object]; known {
		return err
	}
	if object.ClassName() != "Error" {
		return nil
	}
	value := d.property(object, "value") // of errors made by goja's NewGoError
	if value == nil {
		return nil
	}
	err, _ := value.Export().(error)
	return err
}

// part is one error of a description.
type part struct {
	name, message string
	frames        []frame
}

func (p part) head() string {
	switch {
	case p.name != "" && p.message != "":
		return p.name + ": " + p.message
	case p.name != "":
		return p.name
	}
	return p.message
}

func (d *description) one(value goja.Value, frames []frame) part {
	object, ok := value.(*goja.Object)
	if !ok {
		return part{message: primitiveText(value), frames: frames}
	}
	message := d.property(object, "message")
	isError := object.ClassName() == "Error"
	if !isError && (message == nil || goja.IsUndefined(message)) {
		return part{message: d.preview(object), frames: frames}
	}
	p := part{name: d.string(d.property(object, "name")), message: d.string(message), frames: frames}
	if p.name == "GoError" || p.name == "" && isError {
		p.name = "Error"
	}
	stack := strings.TrimPrefix(d.string(d.property(object, "stack")), p.head())
	if own := parseStack(stack); len(own) > 0 {
		p.frames = own
	}
	p.message = strings.TrimPrefix(p.message, p.name+": ") // goja's errors of syntax say it twice
	return p
}

// property is a property of an object; nil also when reading it throws.
func (d *description) property(object *goja.Object, name string) (value goja.Value) {
	_ = d.run.vm.rt.Try(func() { value = object.Get(name) })
	return value
}

// string is a value as text; "" also when turning it into text throws.
func (d *description) string(value goja.Value) (text string) {
	if value == nil || goja.IsUndefined(value) || goja.IsNull(value) {
		return ""
	}
	_ = d.run.vm.rt.Try(func() { text = value.String() })
	return text
}

func primitiveText(value goja.Value) string {
	if value == nil || goja.IsUndefined(value) {
		return "undefined was thrown"
	}
	if symbol, ok := value.(*goja.Symbol); ok {
		return "Symbol(" + symbol.String() + ")"
	}
	return value.String()
}
