// Package inspect renders JavaScript values for people, in the notation that
// Node's console and util.inspect use. It reads values without running the
// script's getters.
package inspect

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/dop251/goja"
)

// Options of one rendering.
type Options struct {
	// Depth is how many levels below the outermost value are shown; negative
	// shows all.
	Depth int
	// Width is where a value is broken over several lines. 0 stands for 80.
	Width int
	// Elements is how many are shown of an array, map or set. 0 stands for 100,
	// negative for none.
	Elements int
	// Units is how many UTF-16 units are shown of a string inside another value. 0
	// stands for 10,000, negative for none.
	Units int
	// Levels is how many of the innermost levels may share a line. 0 stands for 3;
	// negative puts each property on a line of its own.
	Levels int
	// Sorted shows properties by name.
	Sorted bool
	// Style marks a piece of text by what it is: string, number, bigint, boolean,
	// undefined, null, symbol, date, regexp or special. Nil leaves all as it is.
	Style func(kind, text string) string
}

// or is n, or standard where it is 0; negative is nothing.
func or(n, standard int) int {
	if n == 0 {
		return standard
	}
	return max(n, 0)
}

// DefaultDepth is the depth of console.log.
const DefaultDepth = 2

// Limits of what is shown of long values.
const (
	maxElements = 100    // of an array, map or set
	maxString   = 10_000 // UTF-16 units of a string inside another value
	lineWidth   = 80     // where a value is broken over several lines
	flatLevels  = 3      // how many of the innermost levels may share a line
	hardDepth   = 500    // bounds Options.Depth
)

// Inspector renders values of one runtime.
type Inspector struct {
	rt *goja.Runtime

	describe           goja.Callable // Object.getOwnPropertyDescriptor
	mapEach, setEach   goja.Callable // forEach of Map and Set
	errorToString      goja.Callable
	functionText       goja.Callable // Function.prototype.toString
	dateText, regexp   goja.Callable
	symbolText         goja.Callable // Symbol.prototype.toString
	custom             *goja.Symbol  // Symbol.for('nodejs.util.inspect.custom')
	functionPrototype  *goja.Object
	stringify, numeric goja.Callable // JSON.stringify, Number
}

// New returns an inspector for rt. It takes the builtins it works with now, so
// that a script that replaces them later does not mislead it.
func New(rt *goja.Runtime) (*Inspector, error) {
	i := &Inspector{rt: rt}
	for path, target := range i.builtins() {
		call, ok := goja.AssertFunction(lookup(rt, path))
		if !ok {
			return nil, notFunction(path)
		}
		*target = call
	}
	const symbols = "Symbol.for"
	symbolFor, ok := goja.AssertFunction(lookup(rt, symbols))
	if !ok {
		return nil, notFunction(symbols)
	}
	symbol, err := symbolFor(goja.Undefined(), rt.ToValue("nodejs.util.inspect.custom"))
	if err != nil {
		return nil, err
	}
	i.custom, _ = symbol.(*goja.Symbol)
	i.functionPrototype, _ = lookup(rt, "Function.prototype").(*goja.Object)
	return i, nil
}

func notFunction(path string) error {
	return fmt.Errorf("the builtin %s is not a function in this runtime", path)
}

// builtins are the functions of the language that an inspector works with.
func (i *Inspector) builtins() map[string]*goja.Callable {
	return map[string]*goja.Callable{
		"Object.getOwnPropertyDescriptor": &i.describe,
		"Map.prototype.forEach":           &i.mapEach,
		"Set.prototype.forEach":           &i.setEach,
		"Error.prototype.toString":        &i.errorToString,
		"Function.prototype.toString":     &i.functionText,
		"Date.prototype.toISOString":      &i.dateText,
		"RegExp.prototype.toString":       &i.regexp,
		"Symbol.prototype.toString":       &i.symbolText,
		"JSON.stringify":                  &i.stringify,
		"Number":                          &i.numeric,
	}
}

func lookup(rt *goja.Runtime, path string) goja.Value {
	var at goja.Value = rt.GlobalObject()
	for name := range strings.SplitSeq(path, ".") {
		object, ok := at.(*goja.Object)
		if !ok {
			return goja.Undefined()
		}
		at = object.Get(name)
	}
	return at
}

// Inspect renders one value.
func (i *Inspector) Inspect(v goja.Value, opts Options) string {
	depth := opts.Depth
	if depth < 0 || depth > hardDepth {
		depth = hardDepth
	}
	p := i.printer(opts)
	p.depth = depth
	text := ""
	if thrown := i.rt.Try(func() { text = p.value(v, 0, false) }); thrown != nil {
		return "<the value cannot be shown: " + thrown.Error() + ">"
	}
	return text
}

// printer is one rendering in progress.
type printer struct {
	*Inspector
	opts  Options
	depth int

	elementsShown, unitsShown, lineWidth, levels int

	indentation int
	deepest     int                  // level of the object rendered last
	above       []*goja.Object       // being rendered, outermost first
	circular    map[*goja.Object]int // numbers of the references found so far
}

func (i *Inspector) printer(opts Options) *printer {
	return &printer{
		Inspector: i, opts: opts, elementsShown: or(opts.Elements, maxElements), unitsShown: or(opts.Units, maxString),
		lineWidth: or(opts.Width, lineWidth), levels: or(opts.Levels, flatLevels),
	}
}

func (p *printer) style(kind, text string) string {
	if p.opts.Style == nil {
		return text
	}
	return p.opts.Style(kind, text)
}

var escapeSequence = regexp.MustCompile(`\x1b\[[0-9;]*m`)

// unstyled is text as wide as it is shown.
func (p *printer) unstyled(text string) string {
	if p.opts.Style == nil {
		return text
	}
	return escapeSequence.ReplaceAllString(text, "")
}

// value renders v at a level; inText says that strings are the text itself.
func (p *printer) value(v goja.Value, level int, inText bool) string {
	object, ok := v.(*goja.Object)
	if !ok {
		return p.primitive(v, inText)
	}
	if object.ExportType() == proxyType {
		if proxy, ok := object.Export().(goja.Proxy); ok && proxy.Target() != nil {
			return p.value(proxy.Target(), level, inText)
		}
		return "<Revoked Proxy>"
	}
	if text, ok := p.customText(object, level); ok {
		return text
	}
	for _, outer := range p.above {
		if outer == object {
			return p.style("special", fmt.Sprintf("[Circular *%d]", p.reference(object)))
		}
	}
	return p.object(object, level)
}

// reference numbers an object that is referred to from inside itself.
func (p *printer) reference(object *goja.Object) int {
	if p.circular == nil {
		p.circular = map[*goja.Object]int{}
	}
	if p.circular[object] == 0 {
		p.circular[object] = len(p.circular) + 1
	}
	return p.circular[object]
}

// customOptions are what an object that shows itself is told.
func (p *printer) customOptions(level int) *goja.Object {
	options := p.rt.NewObject()
	_ = options.Set("depth", p.depth-level)
	_ = options.Set("colors", p.opts.Style != nil)
	_ = options.Set("breakLength", p.lineWidth)
	_ = options.Set("stylize", func(call goja.FunctionCall) goja.Value {
		return p.rt.ToValue(p.style(call.Argument(1).String(), call.Argument(0).String()))
	})
	return options
}

// customText asks the object how it wants to be shown.
func (p *printer) customText(object *goja.Object, level int) (string, bool) {
	if p.custom == nil {
		return "", false
	}
	show, ok := goja.AssertFunction(object.GetSymbol(p.custom))
	if !ok {
		return "", false
	}
	result, err := show(object, p.rt.ToValue(p.depth-level), p.customOptions(level), p.rt.ToValue(func(call goja.FunctionCall) goja.Value {
		inner := p.opts
		inner.Depth = p.depth - level
		if given, ok := call.Argument(1).(*goja.Object); ok && given.Get("depth") != nil && goja.IsNumber(given.Get("depth")) {
			inner.Depth = int(given.Get("depth").ToInteger())
		}
		return p.rt.ToValue(p.Inspect(call.Argument(0), inner))
	}))
	if err != nil {
		panic(err)
	}
	if result == object {
		return "", false
	}
	if goja.IsString(result) {
		return strings.ReplaceAll(result.String(), "\n", "\n"+strings.Repeat(" ", p.indentation)), true
	}
	return p.value(result, level, false), true
}
