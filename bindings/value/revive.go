package value

import (
	"errors"
	"reflect"
	"strconv"

	"github.com/dop251/goja"
)

// revive gives what the reviver makes of holder[name], from the leaves up, as
// the language says.
func (p *parser) revive(reviver native, holder *goja.Object, name string) goja.Value {
	p.vm.Checkpoint()
	value := orUndefined(holder.Get(name))
	if object, ok := value.(*goja.Object); ok {
		p.eachKey(object, func(key string) {
			if revived := p.revive(reviver, object, key); goja.IsUndefined(revived) {
				tolerate(object, object.Delete(key))
			} else {
				tolerate(object, put(object, key, revived))
			}
		})
	}
	return orUndefined(reviver(goja.FunctionCall{This: holder, Arguments: []goja.Value{p.rt.ToValue(name), value}}))
}

// eachKey visits the indices of an array, or the keys of any other object, that
// there are at the beginning.
func (p *parser) eachKey(object *goja.Object, visit func(key string)) {
	if !p.isArray(object) {
		for _, key := range object.Keys() {
			visit(key)
		}
		return
	}
	length := orUndefined(object.Get("length")).ToInteger()
	for i := int64(0); i < length; i++ {
		visit(strconv.FormatInt(i, 10))
	}
}

func (p *parser) isArray(object *goja.Object) bool {
	return object.ClassName() == "Array" || object.ExportType() == proxyType && p.arrays(goja.FunctionCall{Arguments: []goja.Value{object}}).ToBoolean()
}

var proxyType = reflect.TypeFor[goja.Proxy]()

// tolerate drops the error of an object that refuses to be changed, which the
// language does not report here; what a proxy's trap throws goes on.
func tolerate(object *goja.Object, err error) {
	var thrown *goja.Exception
	if err == nil || errors.As(err, &thrown) && object.ExportType() != proxyType {
		return
	}
	panic(err)
}

// put makes an ordinary own property.
func put(object *goja.Object, key string, v goja.Value) error {
	return object.DefineDataProperty(key, v, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_TRUE)
}

func orUndefined(v goja.Value) goja.Value {
	if v == nil {
		return goja.Undefined()
	}
	return v
}

// function is a way to call v that lets what it throws go on to the caller.
func function(v goja.Value) (native, bool) {
	call, ok := goja.AssertFunction(v)
	if !ok {
		return nil, false
	}
	if direct, ok := v.(*goja.Object).Export().(native); ok {
		return direct, true
	}
	return func(fc goja.FunctionCall) goja.Value {
		result, err := call(fc.This, fc.Arguments...)
		if err != nil {
			panic(err)
		}
		return result
	}, true
}
