package value

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/dop251/goja"
)

// Encoder turns values of one runtime into JSON text with the JSON.stringify
// that the runtime had when the encoder was made.
type Encoder struct {
	rt        *goja.Runtime
	stringify goja.Callable
}

// NewEncoder returns an encoder for rt.
func NewEncoder(rt *goja.Runtime) (*Encoder, error) {
	stringify, ok := goja.AssertFunction(rt.GlobalObject().Get("JSON").ToObject(rt).Get("stringify"))
	if !ok {
		return nil, errors.New("JSON.stringify is not a function in this runtime")
	}
	return &Encoder{rt: rt, stringify: stringify}, nil
}

// NotJSONError says which part of a value cannot become JSON.
type NotJSONError struct {
	Path string // "$" is the value itself, "$.a[0].b" a part of it
	What string // "a BigInt", "a reference to $.a, which contains it", …
	Hint string // what to do
}

func (e *NotJSONError) Error() string {
	return fmt.Sprintf("%s is %s, which JSON cannot express: %s", e.Path, e.What, e.Hint)
}

// Encode returns v as JSON text; nil text for undefined, for which there is
// none. What a toJSON method throws is returned as it is; otherwise errors are
// [*NotJSONError].
func (e *Encoder) Encode(v goja.Value) ([]byte, error) {
	if v == nil || goja.IsUndefined(v) {
		return nil, nil
	}
	result, err := e.stringify(goja.Undefined(), v)
	if err != nil {
		return nil, explain(e.rt, v, err)
	}
	if goja.IsUndefined(result) {
		return nil, notExpressible(v)
	}
	return []byte(result.String()), nil
}

// Stringify is [Encoder.Encode] with an encoder of its own.
func Stringify(rt *goja.Runtime, v goja.Value) ([]byte, error) {
	e, err := NewEncoder(rt)
	if err != nil {
		return nil, err
	}
	return e.Encode(v)
}

// notExpressible names a value for which JSON.stringify gave nothing; nil when
// its own toJSON chose that.
func notExpressible(v goja.Value) error {
	if _, callable := goja.AssertFunction(v); callable {
		return &NotJSONError{Path: "$", What: "a function", Hint: "call it and use its result"}
	}
	if _, symbol := v.(*goja.Symbol); symbol {
		return &NotJSONError{Path: "$", What: "a symbol", Hint: "use its description"}
	}
	return nil
}

// explain looks for the part that made JSON.stringify throw. An error for which
// no such part is found came out of a toJSON method or a getter.
func explain(rt *goja.Runtime, v goja.Value, err error) error {
	var thrown *goja.Exception
	if !errors.As(err, &thrown) {
		return err // an interrupt or a stack overflow
	}
	s := search{rt: rt, above: map[*goja.Object]string{}}
	var found *NotJSONError
	if ex := rt.Try(func() { found = s.visit(v, "$") }); ex != nil || found == nil {
		return err
	}
	return found
}

// search walks a value that JSON.stringify refused.
type search struct {
	rt      *goja.Runtime
	above   map[*goja.Object]string // the path of each object being walked
	visited int
}

const (
	maxVisited = 100_000
	maxPath    = 2000
)

func (s *search) visit(v goja.Value, path string) *NotJSONError {
	s.visited++
	if v == nil || s.visited > maxVisited || len(path) > maxPath {
		return nil
	}
	if goja.IsBigInt(v) {
		return &NotJSONError{Path: path, What: "a BigInt", Hint: "use Number(…) or String(…)"}
	}
	object, ok := v.(*goja.Object)
	if !ok {
		return nil
	}
	if where, circular := s.above[object]; circular {
		return &NotJSONError{Path: path, What: "a reference back to " + where + ", which contains it", Hint: "leave it out"}
	}
	if _, custom := goja.AssertFunction(object.Get("toJSON")); custom {
		return nil
	}
	s.above[object] = path
	defer delete(s.above, object)
	for _, key := range object.Keys() {
		if found := s.visit(object.Get(key), child(object, path, key)); found != nil {
			return found
		}
	}
	return nil
}

func child(object *goja.Object, path, key string) string {
	if object.ClassName() == "Array" {
		return path + "[" + key + "]"
	}
	for _, r := range key {
		if r != '_' && r != '$' && (r < '0' || r > '9') && (r|0x20 < 'a' || r|0x20 > 'z') {
			return path + "[" + strconv.Quote(key) + "]"
		}
	}
	return path + "." + key
}
