package node

import (
	"strconv"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
)

const utilTypes = `export interface InspectOptions {
  depth?: number | null; colors?: boolean; breakLength?: number; maxArrayLength?: number | null; maxStringLength?: number | null; compact?: boolean | number; sorted?: boolean;
}`

// old are members of util that Node keeps for old packages.
var old = []string{"isArray", "isBoolean", "isNull", "isNullOrUndefined", "isNumber", "isString", "isSymbol", "isUndefined", "isRegExp", "isObject", "isDate", "isError", "isFunction", "isPrimitive"}

// utilModule is node:util.
var utilModule = func() native.Module {
	m := native.Module{
		Name: "node:util",
		Doc:  "Help for callbacks, promises, text for people and the kinds of values.",
		Members: []member{
			{Name: "promisify", Type: ": { (original: (...args: any[]) => any): (...args: any[]) => Promise<any>; custom: symbol }", Doc: "A function that promises what another calls back with."},
			{Name: "callbackify", Type: "(original: (...args: any[]) => Promise<any>): (...args: any[]) => void", Doc: "A function that calls back with what another promises."},
			{Name: "inspect", Type: ": { (value: any, options?: InspectOptions): string; custom: symbol; defaultOptions: InspectOptions; colors: any; styles: any }", Doc: "A value as console.log shows it."},
			{Name: "format", Type: "(...args: any[]): string", Doc: "Text with %s, %d, %i, %f, %j, %o, %O and %c filled in."},
			{Name: "formatWithOptions", Type: "(options: InspectOptions, ...args: any[]): string", Doc: "format, with options of inspect for what stands alone."},
			{Name: "inherits", Type: "(constructor: any, parent: any): void", Doc: "Inheritance without class."},
			{Name: "types", Type: ": Record<string, (value: any) => boolean>", Doc: "isDate, isMap, isPromise and so on.", Value: typesMember.Value},
			{Name: "isDeepStrictEqual", Type: "(a: any, b: any): boolean", Doc: "Whether two values are alike, as assert.deepStrictEqual says."},
			{Name: "deprecate", Type: "<F extends (...args: any[]) => any>(callback: F, message: string, code?: string): F", Doc: "A function that warns when it is first called."},
			{Name: "parseArgs", Type: "(config?: { args?: string[]; options?: Record<string, { type: 'string' | 'boolean'; short?: string; multiple?: boolean; default?: any }>; strict?: boolean; allowPositionals?: boolean; tokens?: boolean }): { values: any; positionals: string[]; tokens?: any[] }",
				Doc: "Options of a command line, of config.args."},
			{Name: "stripVTControlCharacters", Type: "(text: string): string", Doc: "Text without escape sequences of terminals."},
			{Name: "styleText", Type: "(format: string | string[], text: string): string", Doc: "Text with escape sequences for colours."},
			{Name: "toUSVString", Type: "(text: string): string", Doc: "Text with U+FFFD for lone surrogates."},
			{Name: "aborted", Type: "(signal: AbortSignal, resource: object): Promise<void>", Doc: "Settles once the signal fires."},
			{Name: "debuglog", Type: "(section: string): { (...args: any[]): void; enabled: boolean }", Doc: "Logs nothing: NODE_DEBUG is not read."},
			{Name: "debug", Type: "(section: string): { (...args: any[]): void; enabled: boolean }", Doc: "debuglog."},
			{Name: "getSystemErrorName", Type: "(errno: number): string | undefined", Doc: "ENOENT of -2, and so on."},
			global("TextEncoder", ": typeof globalThis.TextEncoder", "The global TextEncoder."),
			global("TextDecoder", ": typeof globalThis.TextDecoder", "The global TextDecoder."),
		},
		Script: utilScript,
		Natives: []member{
			nodeErrors.member(), equalities.member(), parseArgs.member(), typesMember, inspecting, formatting,
			{Name: "timers", Call: promisedTimers},
			{Name: "errnos", Call: func(h *native.Host, _ goja.FunctionCall) goja.Value {
				object := h.Runtime.NewObject()
				for number, name := range permit.ErrorNames() {
					_ = object.Set(strconv.Itoa(number), name)
				}
				return object
			}},
		},
		Missing: map[string]string{
			"MIMEType": "take a content type apart with a regular expression", "MIMEParams": "take a content type apart with a regular expression",
			"transferableAbortController": "use AbortController", "transferableAbortSignal": "use AbortSignal", "getSystemErrorMap": "use getSystemErrorName", "parseEnv": "use hatchet-js.json and process.env",
		},
		Types: utilTypes,
		Example: `import { format, inspect, parseArgs, promisify } from 'node:util'

console.log(format('%s has %d', 'a', 3), inspect({ a: { b: { c: {} } } }, { depth: 0 })) // -> a has 3 { a: [Object] }
const { values } = parseArgs({ args: ['-n', '5', '--dry'], options: { count: { type: 'string', short: 'n' }, dry: { type: 'boolean' } } })
console.log(values.count, values.dry) // -> 5 true
console.log(await promisify(setTimeout)(1, 'late')) // -> late`,
	}
	for _, name := range old {
		m.Members = append(m.Members, member{Name: name, Type: "(value: any): boolean", Doc: "For old packages."})
	}
	return m
}()

// utilTypesModule is node:util/types.
var utilTypesModule = func() native.Module {
	m := native.Module{
		Name: "node:util/types", Doc: "util.types: what an object is, whatever its prototype says.",
		Example: `import { isDate, isPromise } from 'node:util/types'

console.log(isDate(new Date()), isPromise({ then() {} })) // -> true false`,
	}
	for _, name := range []string{
		"isDate", "isMap", "isSet", "isWeakMap", "isWeakSet", "isRegExp", "isNativeError", "isPromise", "isProxy", "isArgumentsObject", "isNumberObject", "isStringObject",
		"isBooleanObject", "isBigIntObject", "isSymbolObject", "isBoxedPrimitive", "isAnyArrayBuffer", "isArrayBuffer", "isSharedArrayBuffer", "isArrayBufferView", "isDataView", "isTypedArray",
		"isAsyncFunction", "isGeneratorFunction", "isGeneratorObject", "isMapIterator", "isSetIterator", "isExternal", "isModuleNamespaceObject", "isKeyObject", "isCryptoKey",
		"isUint8Array", "isUint8ClampedArray", "isUint16Array", "isUint32Array", "isInt8Array", "isInt16Array", "isInt32Array", "isFloat32Array", "isFloat64Array", "isBigInt64Array", "isBigUint64Array",
	} {
		m.Members = append(m.Members, member{Name: name, Type: "(value: any): boolean", Doc: "Whether a value is one.", Value: func(h *native.Host) goja.Value {
			return h.Import("node:util", "types").(*goja.Object).Get(name)
		}})
	}
	return m
}()
