// Package node gives scripts the modules of Node.js that glue code uses. They
// follow Node's documentation; where they do less, they say so when a script
// loads, or throw with what to use instead. What touches the world goes through
// bindings/permit.
package node

import (
	"slices"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
)

// Modules are the modules of this package.
func Modules() []native.Module {
	return slices.Concat([]native.Module{
		processModule, pathModule, fsModule, promisesModule, childModule, osModule, asyncHooksModule,
		bufferModule, stringDecoderModule, eventsModule, utilModule, utilTypesModule,
		timersModule, timersPromisesModule, urlModule, querystringModule,
		streamModule, streamPromisesModule, cryptoModule, zlibModule, assertModule, assertStrictModule,
		httpModule, httpsModule,
	}, smallModules, absentModules)
}

// Globals are the globals that Node has, by the modules they are.
func Globals() map[string]string {
	return map[string]string{"process": "node:process", "Buffer": "node:buffer Buffer"}
}

type member = native.Member[*native.Host]
