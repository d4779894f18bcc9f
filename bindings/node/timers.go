package node

import (
	_ "embed"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
)

//go:embed timers_promises.js
var timersPromisesScript string

// timersModule is node:timers: the globals.
var timersModule = native.Module{
	Name: "node:timers",
	Doc:  "The global timers.",
	Members: []member{
		global("setTimeout", ": typeof globalThis.setTimeout", "The global setTimeout."),
		global("clearTimeout", ": typeof globalThis.clearTimeout", "The global clearTimeout."),
		global("setInterval", ": typeof globalThis.setInterval", "The global setInterval."),
		global("clearInterval", ": typeof globalThis.clearInterval", "The global clearInterval."),
		global("setImmediate", ": (callback: (...args: any[]) => void, ...args: any[]) => any", "The global setImmediate."),
		global("clearImmediate", ": (immediate: any) => void", "The global clearImmediate."),
		{Name: "promises", Type: ": typeof import('node:timers/promises').default", Doc: "node:timers/promises.",
			Value: func(h *native.Host) goja.Value { return h.Import("node:timers/promises", "") }},
	},
	Example: `import { setTimeout } from 'node:timers'

console.log(await new Promise((done) => setTimeout(done, 1, 'late'))) // -> late`,
}

const waitType = "options?: { signal?: AbortSignal; ref?: boolean }): "

// timersPromisesModule is node:timers/promises.
var timersPromisesModule = native.Module{
	Name: "node:timers/promises",
	Doc:  "Timers that promise.",
	Members: []member{
		{Name: "setTimeout", Type: "<T = void>(delay?: number, value?: T, " + waitType + "Promise<T>", Doc: "Gives the value after some milliseconds."},
		{Name: "setImmediate", Type: "<T = void>(value?: T, " + waitType + "Promise<T>", Doc: "Gives the value once what is waiting has run."},
		{Name: "setInterval", Type: "<T = void>(delay?: number, value?: T, " + waitType + "AsyncIterableIterator<T>", Doc: "Gives the value again and again, for for await."},
		{Name: "scheduler", Type: ": { wait(delay: number, options?: { signal?: AbortSignal }): Promise<void>; yield(): Promise<void> }", Doc: "wait and yield."},
	},
	Script:  timersPromisesScript,
	Natives: []member{nodeErrors.member()},
	Example: `import { setTimeout as pause } from 'node:timers/promises'

console.log(await pause(1, 'late')) // -> late
console.log(await pause(1000, 0, { signal: AbortSignal.abort() }).catch((e) => e.code)) // -> ABORT_ERR`,
}
