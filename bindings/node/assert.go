package node

import (
	_ "embed"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
)

//go:embed assert.js
var assertScript string

var assertMembers = []member{
	{Name: "ok", Type: ": any", Doc: "Throws unless a value is truthy. It is the default export as well, with all the others as its properties."},
	{Name: "equal", Type: "(actual: any, expected: any, message?: string | Error): void", Doc: "Compares with ==."},
	{Name: "notEqual", Type: "(actual: any, expected: any, message?: string | Error): void", Doc: "Compares with !=."},
	{Name: "strictEqual", Type: "(actual: any, expected: any, message?: string | Error): void", Doc: "Compares with Object.is."},
	{Name: "notStrictEqual", Type: "(actual: any, expected: any, message?: string | Error): void", Doc: "Compares with Object.is."},
	{Name: "deepEqual", Type: "(actual: any, expected: any, message?: string | Error): void", Doc: "Compares what is inside, with ==."},
	{Name: "notDeepEqual", Type: "(actual: any, expected: any, message?: string | Error): void", Doc: "Compares what is inside, with ==."},
	{Name: "deepStrictEqual", Type: "(actual: any, expected: any, message?: string | Error): void", Doc: "Compares what is inside, and classes. The error shows the lines that differ."},
	{Name: "notDeepStrictEqual", Type: "(actual: any, expected: any, message?: string | Error): void", Doc: "Compares what is inside, and classes."},
	{Name: "throws", Type: "(callback: () => any, expected?: any, message?: string | Error): void", Doc: "Calls a function, which must throw: an instance of a class, what a pattern matches, what has some properties, what a function accepts."},
	{Name: "doesNotThrow", Type: "(callback: () => any, expected?: any, message?: string | Error): void", Doc: "Calls a function, which must not throw."},
	{Name: "rejects", Type: "(promise: Promise<any> | (() => Promise<any>), expected?: any, message?: string | Error): Promise<void>", Doc: "throws, of a promise."},
	{Name: "doesNotReject", Type: "(promise: Promise<any> | (() => Promise<any>), expected?: any, message?: string | Error): Promise<void>", Doc: "doesNotThrow, of a promise."},
	{Name: "match", Type: "(text: string, pattern: RegExp, message?: string | Error): void", Doc: "A text must match a pattern."},
	{Name: "doesNotMatch", Type: "(text: string, pattern: RegExp, message?: string | Error): void", Doc: "A text must not match a pattern."},
	{Name: "ifError", Type: "(value: any): void", Doc: "Throws unless the value is null or undefined."},
	{Name: "fail", Type: "(message?: string | Error): never", Doc: "Throws."},
	{Name: "strict", Type: ": any", Doc: "node:assert/strict."},
	{Name: "AssertionError", Type: ": any", Doc: "What they throw, with actual, expected and operator."},
}

// assertModule is node:assert.
var assertModule = native.Module{
	Name: "node:assert", Doc: "Assertions.", Members: assertMembers, Default: "ok",
	Script: assertScript, Natives: []member{nodeErrors.member(), equalities.member(), inspecting},
	Missing: map[string]string{"CallTracker": "use the mocks of hatchet:test"},
	Example: `import assert from 'node:assert'

assert.deepStrictEqual({ a: [1, 2] }, { a: [1, 2] })
assert.throws(() => JSON.parse('{'), SyntaxError)
console.log(await assert.rejects(async () => { throw new TypeError('no') }, /no/)) // -> undefined`,
}

// assertStrictModule is node:assert/strict.
var assertStrictModule = func() native.Module {
	m := native.Module{
		Name: "node:assert/strict", Doc: "node:assert, where equal is strictEqual, and so on.", Default: "ok",
		Example: `import assert from 'node:assert/strict'

assert.equal(1, 1)
console.log(assert.equal === assert.strictEqual) // -> true`,
	}
	for _, given := range assertMembers {
		name := given.Name
		given.Value = func(h *native.Host) goja.Value { return h.Import("node:assert", "strict").(*goja.Object).Get(name) }
		m.Members = append(m.Members, given)
	}
	return m
}()
