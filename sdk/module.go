package sdk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/dop251/goja"
	"github.com/hatchet-js/hatchet-js-worker/bindings/builtin"
	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/bindings/value"
	"github.com/hatchet-js/hatchet-js-worker/sdk/js"
)

// NativeModule is a module that scripts import and Go functions make up, see
// [Module].
type NativeModule struct {
	name      string
	functions []Function
}

// Function is a Go function for scripts, see [Func].
type Function struct {
	name, doc string
	in, out   reflect.Type
	// begin reads the input, on the VM's goroutine, and leaves the work.
	begin func(input []byte) (func(context.Context) ([]byte, error), error)
}

// Module makes a module of functions, which scripts import by name:
//
//	billing := sdk.Module("billing", sdk.Func("charge", "Charges a card.", charge))
//	worker, err := sdk.New(sdk.Options{Modules: []sdk.NativeModule{billing}, …})
//
//	import { charge } from 'billing'
//	const receipt = await charge({ card: 'c-1', cents: 4200 })
//
// The name is one that an npm package could have, and wins over such a package.
// What is wrong with a module, as when its name is that of a built-in one, is
// the ErrConfig of what it is given to.
func Module(name string, functions ...Function) NativeModule {
	return NativeModule{name: name, functions: functions}
}

// Func makes f a function for scripts. In and Out travel as JSON, by their
// struct tags; an empty struct stands for no input, or no result. In a script the
// function returns a promise. A missing input, or one that does not fit In,
// rejects it with a TypeError.
//
// The context ends with the task's run: f must return soon after, for the slot
// waits for it. It may be called by several runs at once. The error of f becomes
// an Error with its message; its name is that of the method ErrorName() string,
// its property code that of ErrorCode() string, further properties those of
// Properties() map[string]any, if the error has them. A panic rejects the
// promise as well; a task that fails with it reports both stacks.
func Func[In, Out any](name, doc string, f func(context.Context, In) (Out, error)) Function {
	return Function{
		name: name, doc: doc, in: reflect.TypeFor[In](), out: reflect.TypeFor[Out](),
		begin: func(input []byte) (func(context.Context) ([]byte, error), error) {
			var in In
			if err := json.Unmarshal(input, &in); err != nil {
				return nil, err
			}
			return func(ctx context.Context) ([]byte, error) {
				out, err := f(ctx, in)
				if err != nil {
					return nil, err
				}
				return json.Marshal(out)
			}, nil
		},
	}
}

// ModuleTypes is the text of a .d.ts with which editors and tsc know the module:
// written from the Go types. The error, ErrConfig, says what is wrong with the
// module.
func ModuleTypes(m NativeModule) (string, error) {
	module, err := m.native()
	if err != nil {
		return "", withKind(err, ErrConfig)
	}
	return js.Declare(&module), nil
}

// registry are the built-in modules and those of the program.
func registry(modules []NativeModule) (*native.Registry, error) {
	all, err := builtin.Registry()
	if err != nil {
		return nil, fmt.Errorf("built-in modules: %w", err)
	}
	added := make([]native.Module, len(modules))
	for i, m := range modules {
		if added[i], err = m.native(); err != nil {
			return nil, withKind(err, ErrConfig)
		}
		if _, taken := all.Lookup(m.name); taken {
			return nil, withKind(fmt.Errorf("module %q: a built-in module has this name", m.name), ErrConfig)
		}
		if slices.ContainsFunc(modules[:i], func(other NativeModule) bool { return other.name == m.name }) {
			return nil, withKind(fmt.Errorf("module %q: two modules have this name", m.name), ErrConfig)
		}
	}
	all, err = all.With(added...)
	return all, withKind(err, ErrConfig)
}

var (
	packageName  = regexp.MustCompile(`^(@[\w.-]+/)?[\w-][\w.-]*(/[\w.-]+)*$`)
	functionName = regexp.MustCompile(`^[A-Za-z_$][\w$]*$`)
)

// native is the module as a table.
func (m NativeModule) native() (native.Module, error) {
	switch {
	case !packageName.MatchString(m.name), strings.HasPrefix(m.name, "@hatchet-dev/"):
		return native.Module{}, fmt.Errorf("module %q: the name is none that an npm package could have", m.name)
	case len(m.functions) == 0:
		return native.Module{}, fmt.Errorf("module %q has no functions", m.name)
	}
	module := native.Module{Name: m.name, Doc: "Functions of the program that serves the scripts."}
	types := newTypes()
	for _, f := range m.functions {
		if !functionName.MatchString(f.name) || f.name == "default" {
			return native.Module{}, fmt.Errorf("module %q: a function cannot be named %q", m.name, f.name)
		}
		signature, err := types.signature(f)
		if err != nil {
			return native.Module{}, fmt.Errorf("module %q: function %s: %w", m.name, f.name, err)
		}
		module.Members = append(module.Members, native.Member[*native.Host]{
			Name: f.name, Type: signature, Doc: comment(f.doc), Length: f.length(), Async: f.async(m.name),
		})
	}
	module.Types = types.declarations()
	_, err := native.NewRegistry(nil, module)
	return module, err
}

// comment is text that a comment can hold.
func comment(text string) string { return strings.ReplaceAll(text, "*/", "* /") }

// empty reports whether a type stands for nothing.
func empty(t reflect.Type) bool { return t.Kind() == reflect.Struct && t.NumField() == 0 }

func (f Function) length() int {
	if f.optional() {
		return 0
	}
	return 1
}

// optional reports whether the input may be left out.
func (f Function) optional() bool {
	switch f.in.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Interface:
		return true
	}
	return empty(f.in)
}

// async is the function as scripts call it.
func (f Function) async(module string) func(*native.Host, goja.FunctionCall) native.Work {
	return func(h *native.Host, call goja.FunctionCall) native.Work {
		work, err := f.begin(f.input(h, call.Argument(0)))
		if err != nil {
			native.Throw(h.Runtime, "%s: %s", f.name, inputError(err))
		}
		return func(ctx context.Context) (any, error) {
			output, err := guarded(ctx, module+"."+f.name, work)
			if err != nil || empty(f.out) {
				return nil, err
			}
			return func() goja.Value {
				decoded, err := value.Decode(h.Runtime, output)
				if err != nil {
					h.Throw(fmt.Errorf("%s: the result cannot be read: %w", f.name, err))
				}
				return decoded
			}, nil
		}
	}
}

// input is the argument of a call as JSON.
func (f Function) input(h *native.Host, argument goja.Value) []byte {
	if native.Missing(argument) {
		switch {
		case empty(f.in):
			return []byte("{}")
		case !f.optional():
			native.Throw(h.Runtime, "%s: the input must be %s, got %s", f.name, inWords(f.in), native.Describe(argument))
		}
		return []byte("null")
	}
	text, err := value.Stringify(h.Runtime, argument)
	if err != nil {
		var thrown *goja.Exception
		if errors.As(err, &thrown) {
			panic(thrown)
		}
		native.Throw(h.Runtime, "%s: the input %s", f.name, err)
	}
	return text
}

// guarded turns a panic of work into an error.
func guarded(ctx context.Context, name string, work func(context.Context) ([]byte, error)) (output []byte, err error) {
	defer func() {
		if x := recover(); x != nil {
			err = &native.PanicError{Function: name, Value: x, Stack: debug.Stack()}
		}
	}()
	return work(ctx)
}

// inputError says in the words of JavaScript why an input does not fit.
func inputError(err error) string {
	var mistyped *json.UnmarshalTypeError
	if !errors.As(err, &mistyped) {
		return "the input is refused: " + err.Error()
	}
	what := "the input"
	if mistyped.Field != "" {
		what += "'s " + mistyped.Field
	}
	return fmt.Sprintf("%s must be %s, got %s", what, inWords(mistyped.Type), mistyped.Value)
}

// inWords names what JSON a Go type takes.
func inWords(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Pointer:
		return inWords(t.Elem())
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return "a string"
	case reflect.Float32, reflect.Float64:
		return "a number"
	case reflect.Slice, reflect.Array:
		return "an array"
	case reflect.Struct, reflect.Map:
		return "an object"
	}
	return fmt.Sprintf("a whole number (%s)", t.Kind())
}
