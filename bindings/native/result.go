package native

import (
	"maps"
	"reflect"
	"slices"

	"github.com/dop251/goja"
)

// Field is one property of a [Record].
type Field struct {
	Name  string
	Value any
}

// Record becomes an object with its fields in their order.
type Record []Field

// Value makes what scripts see of a result: undefined of nil, a Buffer of
// bytes, an array of a slice, an object of a [Record] or a map with its keys
// sorted, what it returns of a func() goja.Value, which may touch the VM. A
// goja.Value passes; strings, numbers and booleans are what they are. Nothing
// that it makes refers to the Go value.
func (h *Host) Value(result any) goja.Value {
	switch v := result.(type) {
	case nil:
		return goja.Undefined()
	case goja.Value:
		return v
	case func() goja.Value:
		return v()
	case []byte:
		return h.Buffer(v)
	case []string:
		return array(h, v)
	case []any:
		return array(h, v)
	case []Record:
		return array(h, v)
	case Record:
		return h.record(v)
	case map[string]any:
		fields := make(Record, 0, len(v))
		for _, name := range slices.Sorted(maps.Keys(v)) {
			fields = append(fields, Field{name, v[name]})
		}
		return h.record(fields)
	}
	return h.Runtime.ToValue(result)
}

func (h *Host) record(fields Record) goja.Value {
	object := h.Runtime.NewObject()
	for _, f := range fields {
		_ = object.DefineDataProperty(f.Name, h.Value(f.Value), goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_TRUE)
	}
	return object
}

func array[T any](h *Host, items []T) goja.Value {
	values := make([]any, len(items))
	for i, item := range items {
		values[i] = h.Value(item)
	}
	return h.Runtime.NewArray(values...)
}

// Buffer makes a Buffer of data, which it takes over.
func (h *Host) Buffer(data []byte) goja.Value {
	buffer := h.Runtime.ToValue(h.Runtime.NewArrayBuffer(data))
	if class := h.bufferClass(); class != nil {
		if from, ok := goja.AssertFunction(class.Get("from")); ok {
			made, err := from(class, buffer)
			if err != nil {
				panic(err)
			}
			return made
		}
	}
	made, err := h.Runtime.New(h.Runtime.Get("Uint8Array"), buffer)
	if err != nil {
		panic(err)
	}
	return made
}

// bufferClass is the Buffer of node:buffer, whatever a script has made of the
// global; nil if there is no such module.
func (h *Host) bufferClass() *goja.Object {
	const module = "node:buffer"
	if _, known := h.registry.Lookup(module); !known {
		return nil
	}
	class, _ := h.Import(module, "Buffer").(*goja.Object)
	return class
}

var arrayBufferType = reflect.TypeFor[goja.ArrayBuffer]()

// Bytes returns the bytes of an ArrayBuffer or of a view of one, not copied:
// work that goes on while the script runs needs a copy of them.
func Bytes(v goja.Value) (data []byte, ok bool) {
	object, ok := v.(*goja.Object)
	if !ok {
		return nil, false
	}
	if buffer, ok := arrayBuffer(object); ok {
		return buffer.Bytes(), true
	}
	behind, ok := object.Get("buffer").(*goja.Object)
	if !ok {
		return nil, false
	}
	buffer, ok := arrayBuffer(behind)
	if !ok {
		return nil, false
	}
	all := buffer.Bytes()
	from, size := object.Get("byteOffset").ToInteger(), object.Get("byteLength").ToInteger()
	if from < 0 || size < 0 || from+size > int64(len(all)) {
		return nil, false
	}
	return all[from : from+size], true
}

func arrayBuffer(object *goja.Object) (goja.ArrayBuffer, bool) {
	if object.ExportType() != arrayBufferType {
		return goja.ArrayBuffer{}, false
	}
	buffer, ok := object.Export().(goja.ArrayBuffer)
	return buffer, ok
}

// Encode makes bytes of a text in an encoding that Buffer knows.
func (h *Host) Encode(text goja.Value, encoding string) goja.Value {
	return h.buffer("from", h.bufferClass(), text, h.Runtime.ToValue(encoding))
}

// Decode makes a text of bytes in an encoding that Buffer knows.
func (h *Host) Decode(data []byte, encoding string) goja.Value {
	return h.buffer("toString", h.Buffer(data), h.Runtime.ToValue(encoding))
}

// buffer calls a method of Buffer or of a Buffer.
func (h *Host) buffer(method string, on goja.Value, args ...goja.Value) goja.Value {
	if object, ok := on.(*goja.Object); ok && object != nil {
		if call, ok := goja.AssertFunction(object.Get(method)); ok {
			result, err := call(object, args...)
			if err != nil {
				panic(err)
			}
			return result
		}
	}
	Throw(h.Runtime, "Buffer has no %s: the script has replaced it", method)
	return nil
}
