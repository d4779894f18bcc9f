// Package js holds what describes the script face to people and editors: the
// TypeScript declarations of the globals, and their reference, README.md.
package js

import (
	_ "embed"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/sdk/js/internal/declare"
)

//go:generate go run ./internal/write

//go:embed hatchet.d.ts
var declarations string

//go:embed modules.d.ts
var modules string

// Modules is the text of the .d.ts of the built-in modules.
func Modules() string { return modules }

// Declarations is the text of the .d.ts of everything that scripts find without
// importing anything.
func Declarations() string { return declarations }

// Declare is the text of the .d.ts of one module.
func Declare(module *native.Module) string { return declare.Module(module) }

//go:embed test.d.ts
var testDeclarations string

// TestDeclarations is the text of the .d.ts of the module hatchet:test. It
// refers to [Declarations].
func TestDeclarations() string { return testDeclarations }
