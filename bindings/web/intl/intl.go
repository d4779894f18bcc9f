// Package intl gives scripts Intl and the methods that speak of a locale:
// toLocaleString of numbers, dates and arrays, localeCompare, toLocaleUpperCase
// and toLocaleLowerCase. Formats come from data/*.json, which data/write.mjs
// asks Node for; zones from Go's time package, the order of texts and plurals
// from golang.org/x/text. sdk/js/INTL.md says what differs from Node. A locale
// without formats is a RangeError, and so is an option that would have no
// effect.
package intl

import (
	"embed"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/dop251/goja"
	"golang.org/x/text/cases"
	"golang.org/x/text/language"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
)

//go:embed locale.js
var localeSource string

//go:embed number.js
var numberSource string

//go:embed date.js
var dateSource string

//go:embed words.js
var wordsSource string

//go:embed data/*.json
var data embed.FS

// program is the JavaScript part. Its name in angle brackets keeps its frames
// out of the stacks that people see.
var program = sync.OnceValue(func() *goja.Program {
	parts := []string{"(function (natives) {", localeSource, numberSource, dateSource, wordsSource, "})"}
	return goja.MustCompile("<intl>", strings.Join(parts, "\n"), true)
})

// Realm is Intl in one VM. Nothing of it is made before it is first used.
type Realm struct {
	vm      *vm.VM
	rt      *goja.Runtime
	exports *goja.Object
	zones   map[string]*time.Location
	compare func(goja.FunctionCall) goja.Value // localeCompare of goja, for the default locale
}

// Install gives the prototypes of a new VM the methods that speak of a locale.
func Install(v *vm.VM) (*Realm, error) {
	r := &Realm{vm: v, rt: v.Runtime(), zones: map[string]*time.Location{}}
	for _, p := range prototypes {
		prototype := r.rt.Get(p.class).(*goja.Object).Get("prototype").(*goja.Object)
		for _, m := range p.table().Members {
			if old, ok := prototype.Get(m.Name).(*goja.Object); ok && m.Name == "localeCompare" {
				r.compare, _ = old.Export().(func(goja.FunctionCall) goja.Value)
			}
			if err := prototype.Delete(m.Name); err != nil {
				return nil, fmt.Errorf("replace %s.prototype.%s: %w", p.class, m.Name, err)
			}
		}
		if err := p.table().Define(r.rt, prototype, r); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// Object is the global Intl.
func (r *Realm) Object() goja.Value { return r.load().Get("Intl") }

// load evaluates the JavaScript part once.
func (r *Realm) load() *goja.Object {
	if r.exports != nil {
		return r.exports
	}
	evaluated, err := r.rt.RunProgram(program())
	if err != nil {
		panic(err)
	}
	construct, ok := goja.AssertFunction(evaluated)
	if !ok {
		panic(r.rt.NewGoError(errors.New("the script of Intl is no function")))
	}
	natives := r.rt.NewObject()
	if err := native.Define(r.rt, natives, r, nativeMembers); err != nil {
		panic(r.rt.NewGoError(err))
	}
	result, err := construct(goja.Undefined(), natives)
	if err != nil {
		panic(err)
	}
	r.exports = result.ToObject(r.rt)
	return r.exports
}

// call calls an export of the JavaScript part and throws what it throws.
func (r *Realm) call(name string, args ...goja.Value) goja.Value {
	f, ok := goja.AssertFunction(r.load().Get(name))
	if !ok {
		panic(r.rt.NewTypeError("Intl has no " + name))
	}
	result, err := f(goja.Undefined(), args...)
	if err != nil {
		panic(err)
	}
	return result
}

type member = native.Member[*Realm]

// prototypes are the methods that take the place of goja's, which know no locale.
var prototypes = []struct {
	class string
	table func() *native.Table[*Realm]
}{
	{"Number", table(member{Name: "toLocaleString", Call: (*Realm).numberText})},
	{"BigInt", table(member{Name: "toLocaleString", Call: (*Realm).numberText})},
	{"Date", table(dateMember("toLocaleString", "both"), dateMember("toLocaleDateString", "date"), dateMember("toLocaleTimeString", "time"))},
	{"Array", table(member{Name: "toLocaleString", Call: func(r *Realm, call goja.FunctionCall) goja.Value {
		return r.call("list", call.This, call.Argument(0), call.Argument(1))
	}})},
	{"String", table(
		member{Name: "localeCompare", Length: 1, Call: (*Realm).localeCompare},
		member{Name: "toLocaleUpperCase", Call: func(r *Realm, call goja.FunctionCall) goja.Value { return r.letters(call, cases.Upper, "toUpperCase") }},
		member{Name: "toLocaleLowerCase", Call: func(r *Realm, call goja.FunctionCall) goja.Value { return r.letters(call, cases.Lower, "toLowerCase") }},
	)},
}

func table(members ...member) func() *native.Table[*Realm] {
	return sync.OnceValue(func() *native.Table[*Realm] { return native.NewTable(members) })
}

// numberText is toLocaleString of numbers of both kinds.
func (r *Realm) numberText(call goja.FunctionCall) goja.Value {
	value := call.This
	if object, ok := value.(*goja.Object); ok {
		value = r.primitive(object)
	}
	return r.call("number", value, call.Argument(0), call.Argument(1))
}

// primitive is what a wrapper object holds.
func (r *Realm) primitive(object *goja.Object) goja.Value {
	valueOf, ok := goja.AssertFunction(object.Get("valueOf"))
	if !ok {
		panic(r.rt.NewTypeError("toLocaleString needs a number"))
	}
	value, err := valueOf(object)
	if err != nil {
		panic(err)
	}
	return value
}

func dateMember(name, export string) member {
	return member{Name: name, Call: func(r *Realm, call goja.FunctionCall) goja.Value {
		object, ok := call.This.(*goja.Object)
		if !ok || object.ClassName() != "Date" {
			panic(r.rt.NewTypeError("this is not a Date object."))
		}
		return r.call(export, r.primitive(object), call.Argument(0), call.Argument(1))
	}}
}

// localeCompare goes the short way for the default locale.
func (r *Realm) localeCompare(call goja.FunctionCall) goja.Value {
	if goja.IsUndefined(call.Argument(1)) && goja.IsUndefined(call.Argument(2)) && r.compare != nil {
		return r.compare(call)
	}
	return r.call("compare", r.text(call, "localeCompare"), call.Argument(0).ToString(), call.Argument(1), call.Argument(2))
}

// letters changes the case of a text; the languages named have letters of their
// own.
func (r *Realm) letters(call goja.FunctionCall, caser func(language.Tag, ...cases.Option) cases.Caser, plain string) goja.Value {
	text := r.text(call, plain)
	if goja.IsUndefined(call.Argument(0)) {
		return r.plainLetters(text, plain)
	}
	tag := language.Make(r.call("locale", call.Argument(0)).String())
	switch base, _ := tag.Base(); base.String() {
	case "tr", "az", "lt":
		return r.rt.ToValue(caser(tag).String(text.String()))
	}
	return r.plainLetters(text, plain)
}

func (r *Realm) plainLetters(text goja.Value, method string) goja.Value {
	change, _ := goja.AssertFunction(text.ToObject(r.rt).Get(method))
	result, err := change(text)
	if err != nil {
		panic(err)
	}
	return result
}

func (r *Realm) text(call goja.FunctionCall, method string) goja.Value {
	if goja.IsUndefined(call.This) || goja.IsNull(call.This) {
		panic(r.rt.NewTypeError("String.prototype." + method + " called on null or undefined"))
	}
	return call.This.ToString()
}
