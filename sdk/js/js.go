// Package js holds the TypeScript declarations of what scripts find without
// importing anything.
package js

import _ "embed"

//go:embed hatchet.d.ts
var declarations string

// Declarations is the text of the .d.ts for the injected globals.
func Declarations() string { return declarations }
