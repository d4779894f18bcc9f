package vm

import (
	"strings"

	"github.com/dop251/goja"
)

// regExps makes regular expressions. goja takes \p{…} for the letter p: such
// patterns are written out, which makes them long and slow to compile, so the
// last ones are kept.
type regExps struct {
	vm       *VM
	make     goja.Constructor // goja's own
	wrapper  *goja.Object     // what scripts know as RegExp
	expanded map[string]*goja.Object

	// Made on first use.
	text            *goja.Object // toString of those with properties
	split, matchAll *goja.Object // methods of those with sets
}

// maxExpanded bounds the patterns that a VM keeps compiled.
const maxExpanded = 32

// installRegExp wraps RegExp.
func (v *VM) installRegExp() {
	old, _ := v.class("RegExp")
	make, _ := goja.AssertConstructor(old)
	r := &regExps{vm: v, make: make}
	r.wrapper = v.replace(old, r.construct)
	shortCut(r.wrapper, old)
	define(v.rt.GlobalObject(), "RegExp", r.wrapper)
}

func (r *regExps) construct(call goja.ConstructorCall) *goja.Object {
	target := newTarget(call, r.wrapper)
	pattern, flags := call.Argument(0), call.Argument(1)
	if from, ok := pattern.(*goja.Object); ok && from.ClassName() == "RegExp" {
		if goja.IsUndefined(flags) {
			flags = from.Get("flags")
		}
		pattern = from.Get("source")
	}
	r.vm.checkGroups(pattern)
	r.checkFlags(flags)
	if goja.IsUndefined(flags) || !goja.IsString(flags) {
		return construct(r.make, target, call.Arguments...)
	}
	if strings.Contains(flags.String(), "v") {
		return r.withSets(target, pattern, flags.String())
	}
	if !goja.IsString(pattern) || !strings.Contains(pattern.String(), `\`) || !strings.Contains(flags.String(), "u") {
		return construct(r.make, target, call.Arguments...)
	}
	source := pattern.String()
	compiled := r.compiled(source, flags.String())
	if compiled == nil {
		return construct(r.make, target, call.Arguments...)
	}
	return r.withProperties(target, source, compiled)
}

// withSets makes a regular expression with the flag v of one with the flag u. Its
// property unicode stays true, unlike elsewhere: goja goes by it.
func (r *regExps) withSets(target *goja.Object, pattern goja.Value, flags string) *goja.Object {
	if strings.Contains(flags, "u") || strings.Count(flags, "v") > 1 {
		panic(r.vm.syntaxError("Invalid flags supplied to RegExp constructor '%s'", flags))
	}
	source := "(?:)"
	if !goja.IsUndefined(pattern) && pattern.String() != "" {
		source = pattern.String()
	}
	made := r.withProperties(target, source, r.compiled(source, flags))
	sorted := strings.Replace(made.Get("flags").String(), "u", "v", 1)
	fix(made, "flags", r.vm.rt.ToValue(sorted))
	fix(made, "unicodeSets", r.vm.rt.ToValue(true))
	if r.split == nil {
		r.split, r.matchAll = r.plainly(goja.SymSplit), r.plainly(goja.SymMatchAll)
	}
	for symbol, method := range map[*goja.Symbol]*goja.Object{goja.SymSplit: r.split, goja.SymMatchAll: r.matchAll} {
		_ = made.DefineDataPropertySymbol(symbol, method, goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE)
	}
	return made
}

// plainly is a method that copies the regular expression, which goja could not do
// for its flags: it goes on with one that has the flag u.
func (r *regExps) plainly(symbol *goja.Symbol) *goja.Object {
	return r.vm.function(symbol.String(), func(call goja.FunctionCall) goja.Value {
		this := call.This.ToObject(r.vm.rt)
		plain := construct(r.make, nil, r.compiled(this.Get("source").String(), this.Get("flags").String()))
		_ = plain.Set("lastIndex", this.Get("lastIndex"))
		method, _ := goja.AssertFunction(plain.GetSymbol(symbol))
		result, err := method(plain, call.Arguments...)
		if err != nil {
			panic(err)
		}
		return result
	})
}

// checkFlags words what goja does not have: it says of these flags that they are
// invalid.
func (r *regExps) checkFlags(flags goja.Value) {
	if !goja.IsString(flags) {
		return
	}
	if strings.Contains(flags.String(), "d") {
		panic(r.vm.syntaxError("the regular expression flag d is not available: compute the indices from those of the match"))
	}
}

// checkGroups bounds the nesting of a pattern, into which goja recurses without a
// limit of its own.
func (v *VM) checkGroups(pattern goja.Value) {
	text, ok := pattern.(goja.String)
	if !ok || text.Length() <= maxNesting {
		return
	}
	source, depth, class := text.String(), 0, false
	for i := 0; i < len(source); i++ {
		switch c := source[i]; {
		case c == '\\':
			i++
		case c == '[':
			class = true
		case c == ']':
			class = false
		case c == '(' && !class:
			depth++
		case c == ')' && !class:
			depth--
		}
		if depth > maxNesting {
			panic(v.syntaxError("invalid regular expression: nested deeper than %d levels", maxNesting))
		}
	}
}

// compiled is a regular expression with its properties and sets written out; nil
// if source has none and goja knows the flags.
func (r *regExps) compiled(source, flags string) *goja.Object {
	key := flags + "/" + source
	if known := r.expanded[key]; known != nil {
		return known
	}
	expand, sets := expandUnicode, strings.Contains(flags, "v")
	if sets {
		expand = expandClasses
	}
	expanded, err := expand(source)
	if err != nil {
		panic(r.vm.syntaxError("invalid regular expression /%s/: %s", source, err))
	}
	if expanded == source && !sets {
		return nil
	}
	if r.expanded == nil || len(r.expanded) == maxExpanded {
		r.expanded = map[string]*goja.Object{}
	}
	plain := strings.Replace(flags, "v", "u", 1)
	r.expanded[key] = construct(r.make, nil, r.vm.rt.ToValue(expanded), r.vm.rt.ToValue(plain))
	return r.expanded[key]
}

// withProperties copies a regular expression of which the source differs from
// what goja was given. A copy shares what is compiled.
func (r *regExps) withProperties(target *goja.Object, source string, compiled *goja.Object) *goja.Object {
	rt := r.vm.rt
	made := construct(r.make, target, compiled)
	if r.text == nil {
		r.text = r.vm.function("toString", func(call goja.FunctionCall) goja.Value {
			this := call.This.ToObject(rt)
			return rt.ToValue("/" + this.Get("source").String() + "/" + this.Get("flags").String())
		})
	}
	fix(made, "source", rt.ToValue(source))
	define(made, "toString", r.text)
	return made
}
