package node

import (
	_ "embed"

	"github.com/dop251/goja"
	"golang.org/x/net/idna"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
)

//go:embed url.js
var urlScript string

//go:embed querystring.js
var querystringScript string

const urlTypes = `export interface UrlObject {
  protocol?: string | null; slashes?: boolean | null; auth?: string | null; host?: string | null; port?: string | number | null; hostname?: string | null;
  hash?: string | null; search?: string | null; query?: any; pathname?: string | null; path?: string | null; href?: string;
}`

// domains turns the name of a host from one form into the other; what cannot be
// turned stays.
func domains(name string, turn func(string) (string, error)) member {
	return member{Name: name, Call: func(h *native.Host, call goja.FunctionCall) goja.Value {
		if turned, err := turn(call.Argument(0).String()); err == nil {
			return h.Value(turned)
		}
		return call.Argument(0)
	}}
}

// urlModule is node:url.
var urlModule = native.Module{
	Name: "node:url",
	Doc:  "Addresses. Prefer the class URL: parse, format and resolve are from before its standard.",
	Members: []member{
		global("URL", ": typeof globalThis.URL", "The global URL."),
		global("URLSearchParams", ": typeof globalThis.URLSearchParams", "The global URLSearchParams."),
		{Name: "fileURLToPath", Type: "(url: string | URL): string", Doc: "The path of a file: URL."},
		{Name: "pathToFileURL", Type: "(path: string): URL", Doc: "The file: URL of a path."},
		{Name: "urlToHttpOptions", Type: "(url: URL): any", Doc: "What http.request takes, of a URL."},
		{Name: "domainToASCII", Type: "(domain: string): string", Doc: "The name of a host with xn--; '' if it is none."},
		{Name: "domainToUnicode", Type: "(domain: string): string", Doc: "The name of a host without xn--; '' if it is none."},
		{Name: "parse", Type: "(url: string, parseQuery?: boolean, slashesDenoteHost?: boolean): UrlObject", Doc: "Takes an address apart, in the way from before URL."},
		{Name: "format", Type: "(url: string | URL | UrlObject, options?: { auth?: boolean; fragment?: boolean; search?: boolean; unicode?: boolean }): string", Doc: "Puts an address together."},
		{Name: "resolve", Type: "(from: string, to: string): string", Doc: "An address relative to another."},
		{Name: "resolveObject", Type: "(from: any, to: any): any", Doc: "resolve, as an object."},
		{Name: "Url", Type: ": any", Doc: "The class of what parse gives."},
	},
	Script:  urlScript,
	Natives: []member{nodeErrors.member(), domains("toASCII", idna.Lookup.ToASCII), domains("toUnicode", idna.Display.ToUnicode)},
	Types:   urlTypes,
	Example: `import { fileURLToPath, pathToFileURL } from 'node:url'

console.log(pathToFileURL('/data/a b.txt').href) // -> file:///data/a%20b.txt
console.log(fileURLToPath('file:///data/a%20b.txt')) // -> /data/a b.txt`,
}

// querystringModule is node:querystring.
var querystringModule = native.Module{
	Name: "node:querystring",
	Doc:  "Queries of addresses as objects. URLSearchParams does the same by a standard.",
	Members: []member{
		{Name: "parse", Type: "(text: string, separator?: string, equals?: string, options?: { maxKeys?: number; decodeURIComponent?: (text: string) => string }): Record<string, string | string[]>", Doc: "Takes a query apart; names that occur more than once have arrays."},
		{Name: "stringify", Type: "(object: any, separator?: string, equals?: string, options?: { encodeURIComponent?: (text: string) => string }): string", Doc: "Makes a query."},
		{Name: "decode", Type: "(text: string, separator?: string, equals?: string, options?: any): Record<string, string | string[]>", Doc: "parse."},
		{Name: "encode", Type: "(object: any, separator?: string, equals?: string, options?: any): string", Doc: "stringify."},
		{Name: "escape", Type: "(text: string): string", Doc: "Escapes a name or a value."},
		{Name: "unescape", Type: "(text: string): string", Doc: "Takes escapes out."},
		{Name: "unescapeBuffer", Type: "(text: string): any", Doc: "Takes escapes out and gives bytes."},
	},
	Script: querystringScript, Natives: []member{nodeErrors.member()},
	Example: `import querystring from 'node:querystring'

console.log(querystring.stringify({ a: 1, b: ['x', 'y z'] })) // -> a=1&b=x&b=y%20z`,
}
