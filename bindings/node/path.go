package node

import (
	_ "embed"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
)

//go:embed path.js
var pathScript string

var pathModule = native.Module{
	Name: "node:path",
	Doc:  "Paths as text; nothing here looks at files. On Windows they are those of Windows.",
	Members: []member{
		{Name: "join", Type: "(...parts: string[]): string", Doc: "Joins parts with slashes (on Windows with backslashes) and normalizes the result."},
		{Name: "resolve", Type: "(...parts: string[]): string", Doc: "Makes an absolute path, going from right to left until it is one; then from process.cwd()."},
		{Name: "normalize", Type: "(path: string): string", Doc: "Takes out . and .. and repeated slashes."},
		{Name: "relative", Type: "(from: string, to: string): string", Doc: "The way from one path to another."},
		{Name: "dirname", Type: "(path: string): string", Doc: "A path without its last part."},
		{Name: "basename", Type: "(path: string, suffix?: string): string", Doc: "The last part of a path, without the suffix if it has it."},
		{Name: "extname", Type: "(path: string): string", Doc: "The extension with its dot; '' if there is none."},
		{Name: "parse", Type: "(path: string): ParsedPath", Doc: "Takes a path apart."},
		{Name: "format", Type: "(parts: Partial<ParsedPath>): string", Doc: "Puts a path together."},
		{Name: "isAbsolute", Type: "(path: string): boolean", Doc: "Whether a path begins with a slash, on Windows also with a drive and a slash."},
		{Name: "toNamespacedPath", Type: "(path: string): string", Doc: "Gives the path as it is; on Windows with the prefix of long paths."},
		{Name: "sep", Type: ": string", Doc: "'/', on Windows '\\\\'."},
		{Name: "delimiter", Type: ": string", Doc: "':', on Windows ';'."},
		{Name: "posix", Type: ": any", Doc: "Paths of POSIX, on every system."},
		{Name: "win32", Type: ": any", Doc: "Paths of Windows, on every system."},
	},
	Script: pathScript,
	Natives: []member{
		{Name: "windows", Call: func(h *native.Host, _ goja.FunctionCall) goja.Value { return h.Value(windows) }},
	},
	Missing: map[string]string{"matchesGlob": "use a regular expression"},
	Types:   "interface ParsedPath { root: string; dir: string; base: string; ext: string; name: string }",
	Example: `import { posix as path } from 'node:path'

const file = path.join('reports', '2026', '..', 'july.csv')
console.log(file, path.parse(file).name, path.relative('reports/a', 'reports/b')) // -> reports/july.csv july ../b`,
}
