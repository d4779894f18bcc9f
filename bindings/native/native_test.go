package native_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
)

// counter is what the members of these tests work on.
type counter struct{ made, value int }

const letters = "out of range"

var members = []native.Member[*counter]{
	{Name: "add", Length: 1, Call: func(c *counter, call goja.FunctionCall) goja.Value {
		c.value += int(call.Argument(0).ToInteger())
		return call.This
	}},
	{Name: "current", Get: func(c *counter, _ goja.FunctionCall) goja.Value {
		return goja.StringFromUTF16([]uint16{uint16('0' + c.value)})
	}},
	{Name: "made", Value: func(c *counter) goja.Value { c.made++; return goja.Null() }},
	{Name: "fails", Call: func(*counter, goja.FunctionCall) goja.Value { panic(errors.New("a Go error")) }},
	{Name: "crashes", Call: func(*counter, goja.FunctionCall) goja.Value { return []goja.Value{}[len(letters)] }},
}

func world(t *testing.T, lazy bool) (*goja.Runtime, *counter) {
	t.Helper()
	rt, c := goja.New(), &counter{}
	target := rt.NewObject()
	define := native.Define[*counter]
	if lazy {
		define = func(rt *goja.Runtime, target *goja.Object, host *counter, members []native.Member[*counter]) error {
			return native.NewTable(members).Define(rt, target, host)
		}
	}
	if err := define(rt, target, c, members); err != nil {
		t.Fatal(err)
	}
	if err := rt.Set("o", target); err != nil {
		t.Fatal(err)
	}
	return rt, c
}

func eval(t *testing.T, rt *goja.Runtime, source string) string {
	t.Helper()
	v, err := rt.RunScript("test.js", "JSON.stringify("+source+")")
	if err != nil {
		t.Fatalf("%s: %v", source, err)
	}
	return v.String()
}

func TestMembers(t *testing.T) {
	for _, lazy := range []bool{false, true} {
		rt, c := world(t, lazy)
		for source, want := range map[string]string{
			`o.add(2).add(3) === o`:      "true",
			`[o.add.name, o.add.length]`: `["add",1]`,
			`'add' in o`:                 "true",
			`Object.keys(o)`:             "[]",
			`o.nothing === undefined`:    "true",
			`Object.create(o).add.name`:  `"add"`,
			`(() => { const names = []; for (const n in o) names.push(n); return names })()`: "[]",
		} {
			if got := eval(t, rt, source); got != want {
				t.Errorf("lazy %v: %s gave %s, want %s", lazy, source, got, want)
			}
		}
		if got := eval(t, rt, `[o.made, o.made, o.current, typeof o.toString]`); got != `[null,null,"5","function"]` || c.made != 1 {
			t.Errorf("lazy %v: %s, made %d times", lazy, got, c.made)
		}
		if got := eval(t, rt, `(() => { 'use strict'; o.made = 7; delete o.add; return [o.made, typeof o.add] })()`); got != `[7,"undefined"]` {
			t.Errorf("lazy %v: %s", lazy, got)
		}
	}
}

func TestLazyMembersCostNothingUntilUsed(t *testing.T) {
	rt, c := world(t, true)
	if eval(t, rt, `['made' in o, o.hasOwnProperty('made')]`); c.made != 0 {
		t.Error("made without being asked for")
	}
	eval(t, rt, `(o.made = 5, o.made)`)
	if c.made != 0 {
		t.Error("made although it was replaced first")
	}
}

func TestGoPanicsBecomeErrors(t *testing.T) {
	rt, _ := world(t, true)
	if got := eval(t, rt, `(() => { try { o.fails() } catch (e) { return [e instanceof Error, e.message] } })()`); got != `[true,"internal error in fails: a Go error"]` {
		t.Error(got)
	}
	_, err := rt.RunScript("test.js", "o.crashes()")
	var panicked *native.PanicError
	if !errors.As(err, &panicked) || panicked.Function != "crashes" || !strings.Contains(string(panicked.Stack), "native_test.go") {
		t.Errorf("%v", err)
	}
	if got := eval(t, rt, `1 + 1`); got != "2" {
		t.Error("the runtime does not go on")
	}
	interrupted := goja.New()
	f := native.Function(interrupted, "stop", 0, func(goja.FunctionCall) goja.Value {
		interrupted.Interrupt("enough")
		_, err := interrupted.RunString("1")
		panic(err)
	})
	_ = interrupted.Set("stop", f)
	_, err = interrupted.RunString("try { stop() } catch { }")
	var stopped *goja.InterruptedError
	if !errors.As(err, &stopped) {
		t.Errorf("a script caught an interrupt: %v", err)
	}
}

func TestArguments(t *testing.T) {
	rt := goja.New()
	read := map[string]func(goja.Value){
		"string":   func(v goja.Value) { native.String(rt, v, "it") },
		"nonempty": func(v goja.Value) { native.NonEmpty(rt, v, "it") },
		"integer":  func(v goja.Value) { native.Integer(rt, v, "it", 1, math.MaxInt32) },
		"between":  func(v goja.Value) { native.Integer(rt, v, "it", 1, 3) },
		"float":    func(v goja.Value) { native.Float(rt, v, "it") },
		"boolean":  func(v goja.Value) { native.Boolean(rt, v, "it") },
		"object":   func(v goja.Value) { native.Object(rt, v, "it") },
		"elements": func(v goja.Value) { native.Elements(rt, v, "it") },
	}
	for _, c := range []struct{ kind, source, want string }{
		{"string", `'a'`, ""}, {"string", `''`, ""}, {"string", `5`, "it must be a string, got a number"}, {"string", `undefined`, "got undefined"},
		{"nonempty", `''`, "it must not be empty"}, {"integer", `5`, ""}, {"integer", `5.0`, ""}, {"integer", `0`, "it must be at least 1, got 0"},
		{"integer", `1.5`, "it must be a whole number, got 1.5"}, {"integer", `NaN`, "it must be a whole number, got NaN"}, {"integer", `'5'`, "it must be a number, got a string"},
		{"between", `4`, "it must be between 1 and 3, got 4"}, {"integer", `1e20`, "it must be between 1 and 2147483647"},
		{"float", `1.5`, ""}, {"float", `Infinity`, "it must be a finite number, got Infinity"}, {"float", `10n`, "it must be a number, got a BigInt"},
		{"boolean", `true`, ""}, {"boolean", `1`, "it must be true or false, got a number"},
		{"object", `({})`, ""}, {"object", `[]`, "it must be an object, got an array"}, {"object", `null`, "got null"}, {"object", `() => 1`, "got a function"},
		{"elements", `[1, , 3]`, ""}, {"elements", `({ length: 1 })`, "it must be an array, got an object"}, {"string", `Symbol('x')`, "got a symbol"},
		{"string", `new Date()`, "got a Date"}, {"string", `new Error()`, "got an Error"}, {"string", `true`, "got a boolean"},
	} {
		v, err := rt.RunString("(" + c.source + ")")
		if err != nil {
			t.Fatal(err)
		}
		thrown := rt.Try(func() { read[c.kind](v) })
		switch {
		case c.want == "" && thrown != nil:
			t.Errorf("%s %s: %v", c.kind, c.source, thrown)
		case c.want != "" && (thrown == nil || !strings.Contains(thrown.Error(), c.want)):
			t.Errorf("%s %s: %v, want %s", c.kind, c.source, thrown, c.want)
		}
	}
}
