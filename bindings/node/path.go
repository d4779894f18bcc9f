package node

import (
	_ "embed"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
)

//go:embed path.js
var pathScript string

var pathModule = native.Module{
	Name: "node:path",
	Doc:  "Paths as text; nothing here looks at files.",
	Members: []member{
		{Name: "join", Type: "(...parts: string[]): string", Doc: "Joins parts with slashes and normalizes the result."},
		{Name: "resolve", Type: "(...parts: string[]): string", Doc: "Makes an absolute path, going from right to left until it is one; then from process.cwd()."},
		{Name: "normalize", Type: "(path: string): string", Doc: "Takes out . and .. and repeated slashes."},
		{Name: "relative", Type: "(from: string, to: string): string", Doc: "The way from one path to another."},
		{Name: "dirname", Type: "(path: string): string", Doc: "A path without its last part."},
		{Name: "basename", Type: "(path: string, suffix?: string): string", Doc: "The last part of a path, without the suffix if it has it."},
		{Name: "extname", Type: "(path: string): string", Doc: "The extension with its dot; '' if there is none."},
		{Name: "parse", Type: "(path: string): ParsedPath", Doc: "Takes a path apart."},
		{Name: "format", Type: "(parts: Partial<ParsedPath>): string", Doc: "Puts a path together."},
		{Name: "isAbsolute", Type: "(path: string): boolean", Doc: "Whether a path begins with a slash."},
		{Name: "toNamespacedPath", Type: "(path: string): string", Doc: "Gives the path as it is."},
		{Name: "sep", Type: ": string", Doc: "'/'."},
		{Name: "delimiter", Type: ": string", Doc: "':'."},
		{Name: "posix", Type: ": any", Doc: "This module."},
	},
	Script: pathScript,
	Missing: map[string]string{
		"win32": "paths of Windows cannot be handled", "matchesGlob": "use a regular expression",
	},
	Types: "interface ParsedPath { root: string; dir: string; base: string; ext: string; name: string }",
}
