package scripttest

import (
	_ "embed"
)

// Module is the name under which tests import this package's face.
const Module = "hatchet:test"

//go:embed js/test.js
var testSource string

//go:embed js/run.js
var runSource string

//go:embed js/module.js
var moduleSource string

//go:embed js/expect.js
var expectSource string

// modules are the built-in modules of test files, for bundle.Options.
func modules() map[string]string {
	return map[string]string{
		Module:             testSource,
		Module + "/module": moduleSource,
		Module + "/run":    runSource,
		Module + "/expect": expectSource,
	}
}
