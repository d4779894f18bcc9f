package native

import (
	"fmt"
	"math"
	"reflect"
	"strconv"

	"github.com/dop251/goja"
)

// Throw throws a TypeError with a formatted message.
func Throw(rt *goja.Runtime, format string, args ...any) {
	panic(rt.NewTypeError("%s", fmt.Sprintf(format, args...)))
}

// Missing reports whether v is undefined, null or not there at all.
func Missing(v goja.Value) bool {
	return v == nil || goja.IsUndefined(v) || goja.IsNull(v)
}

// Describe names what v is for a message: "a string", "null", "an array".
func Describe(v goja.Value) string {
	switch {
	case v == nil || goja.IsUndefined(v):
		return "undefined"
	case goja.IsNull(v):
		return "null"
	case goja.IsString(v):
		return "a string"
	case goja.IsBigInt(v):
		return "a BigInt"
	case goja.IsNumber(v):
		return "a number"
	}
	if o, ok := v.(*goja.Object); ok {
		return describeObject(o)
	}
	if _, ok := v.(*goja.Symbol); ok {
		return "a symbol"
	}
	return "a boolean"
}

func describeObject(o *goja.Object) string {
	if _, callable := goja.AssertFunction(o); callable {
		return "a function"
	}
	switch name := o.ClassName(); name {
	case "Array":
		return "an array"
	case "Object":
		if kind := collection(o); kind != "" {
			return "a " + kind
		}
		return "an object"
	case "Error":
		return "an Error"
	default:
		return "a " + name
	}
}

// IsPlain reports whether v is an object made of properties: what an option bag
// or an input may be. A Map, a Date or a Promise is none, for its properties
// say nothing.
func IsPlain(v goja.Value) bool {
	o, ok := v.(*goja.Object)
	if !ok || o.ClassName() != "Object" || collection(o) != "" {
		return false
	}
	_, callable := goja.AssertFunction(o) // async arrow functions have the same class name
	return !callable
}

// collections are objects that goja's class name does not tell from plain ones.
var collections = map[reflect.Type]string{
	reflect.TypeFor[*goja.Promise](): "Promise",
	reflect.TypeFor[[][2]any]():      "Map",
	reflect.TypeFor[[]any]():         "Set",
}

// collection names what kind of object with contents beside its properties o
// is; "" is none. o is no array.
func collection(o *goja.Object) string { return collections[o.ExportType()] }

// IsArray reports whether v is an array.
func IsArray(v goja.Value) bool {
	o, ok := v.(*goja.Object)
	return ok && o.ClassName() == "Array"
}

// String returns v as a Go string if it is one; what names it for the
// TypeError otherwise.
func String(rt *goja.Runtime, v goja.Value, what string) string {
	if !goja.IsString(orUndefined(v)) {
		Throw(rt, "%s must be a string, got %s", what, Describe(v))
	}
	return v.String()
}

// NonEmpty is [String] for strings that must not be empty.
func NonEmpty(rt *goja.Runtime, v goja.Value, what string) string {
	s := String(rt, v, what)
	if s == "" {
		Throw(rt, "%s must not be empty", what)
	}
	return s
}

// Integer returns v as a whole number between least and most.
func Integer(rt *goja.Runtime, v goja.Value, what string, least, most int) int {
	if !goja.IsNumber(orUndefined(v)) {
		Throw(rt, "%s must be a number, got %s", what, Describe(v))
	}
	f := v.ToFloat()
	if f != math.Trunc(f) || math.IsNaN(f) {
		Throw(rt, "%s must be a whole number, got %s", what, v)
	}
	if f < float64(least) || f > float64(most) {
		Throw(rt, "%s must be %s, got %s", what, span(f, least, most), v)
	}
	return int(f)
}

func span(f float64, least, most int) string {
	if most == math.MaxInt32 && f < float64(least) {
		return fmt.Sprintf("at least %d", least)
	}
	return fmt.Sprintf("between %d and %d", least, most)
}

// Float returns v as a finite number.
func Float(rt *goja.Runtime, v goja.Value, what string) float64 {
	if !goja.IsNumber(orUndefined(v)) {
		Throw(rt, "%s must be a number, got %s", what, Describe(v))
	}
	f := v.ToFloat()
	if math.IsNaN(f) || math.IsInf(f, 0) {
		Throw(rt, "%s must be a finite number, got %s", what, v)
	}
	return f
}

// Boolean returns v as a boolean.
func Boolean(rt *goja.Runtime, v goja.Value, what string) bool {
	if v != rt.ToValue(true) && v != rt.ToValue(false) {
		Throw(rt, "%s must be true or false, got %s", what, Describe(v))
	}
	return v.ToBoolean()
}

// Object returns v as an object made of properties, see [IsPlain].
func Object(rt *goja.Runtime, v goja.Value, what string) *goja.Object {
	if IsPlain(v) {
		return v.(*goja.Object)
	}
	if o, ok := v.(*goja.Object); ok && collection(o) == "Promise" {
		Throw(rt, "%s must be an object, got a Promise; await it first", what)
	}
	Throw(rt, "%s must be an object, got %s", what, Describe(v))
	return nil
}

// Elements returns the elements of an array.
func Elements(rt *goja.Runtime, v goja.Value, what string) []goja.Value {
	if !IsArray(v) {
		Throw(rt, "%s must be an array, got %s", what, Describe(v))
	}
	o := v.(*goja.Object)
	n := int(o.Get("length").ToInteger())
	list := make([]goja.Value, 0, min(n, 1024))
	for i := range n {
		list = append(list, orUndefined(o.Get(fmt.Sprint(i))))
	}
	return list
}

func orUndefined(v goja.Value) goja.Value {
	if v == nil {
		return goja.Undefined()
	}
	return v
}

// Quote renders v for a message: strings in quotes, other primitives as they
// are, anything else by its kind.
func Quote(v goja.Value) string {
	if v == nil {
		return "undefined"
	}
	if goja.IsString(v) {
		return strconv.Quote(v.String())
	}
	if _, ok := v.(*goja.Object); ok {
		return Describe(v)
	}
	return v.String()
}
