package node

import (
	_ "embed"
	"strings"

	"github.com/dop251/goja"
	"golang.org/x/net/idna"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
)

//go:embed readline.js
var readlineScript string

//go:embed diagnostics_channel.js
var diagnosticsScript string

// constant is a member that is the same everywhere.
func constant(name, typ, doc string, value any) member {
	return member{Name: name, Type: typ, Doc: doc, Value: func(h *native.Host) goja.Value {
		if value == nil {
			return goja.Null()
		}
		return h.Value(value)
	}}
}

// smallModules are those of which scripts need little.
var smallModules = []native.Module{
	{
		Name: "node:readline", Doc: "The lines of a stream: for await (const line of createInterface({ input })).",
		Members: []member{
			{Name: "createInterface", Type: "(options: { input: any; crlfDelay?: number; signal?: AbortSignal }): any", Doc: "Reads a stream line by line: for await, or the events line and close."},
			{Name: "Interface", Type: ": any", Doc: "The class of what createInterface gives."},
		},
		Script: readlineScript, Natives: []member{nodeErrors.member()},
		Missing: map[string]string{"promises": "a task has no terminal", "clearLine": "a task has no terminal", "cursorTo": "a task has no terminal", "moveCursor": "a task has no terminal", "clearScreenDown": "a task has no terminal", "emitKeypressEvents": "a task has no terminal"},
		Example: `import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'

for await (const line of createInterface({ input: Readable.from(['a\nb']) })) console.log(line) // -> a // -> b`,
	},
	{
		Name: "node:perf_hooks", Doc: "The global performance.",
		Members: []member{global("performance", ": typeof globalThis.performance", "The global performance.")},
		Missing: map[string]string{"PerformanceObserver": "use performance.now()", "monitorEventLoopDelay": "the worker's /metrics show what holds it", "createHistogram": "keep the numbers in an array", "PerformanceEntry": "use performance.now()"},
		Example: `import { performance } from 'node:perf_hooks'

console.log(typeof performance.now()) // -> number`,
	},
	{
		Name: "node:tty", Doc: "Whether there is a terminal: there is none.",
		Members: []member{{Name: "isatty", Type: "(fd: number): boolean", Doc: "false.", Call: func(h *native.Host, _ goja.FunctionCall) goja.Value { return h.Value(false) }}},
		Missing: map[string]string{"ReadStream": "a task has no terminal", "WriteStream": "a task has no terminal"},
		Example: `import { isatty } from 'node:tty'

console.log(isatty(1)) // -> false`,
	},
	{
		Name: "node:diagnostics_channel", Doc: "Messages between packages that do not know each other.",
		Members: []member{
			{Name: "channel", Type: "(name: string | symbol): any", Doc: "The channel of a name: publish, subscribe, unsubscribe, hasSubscribers."},
			{Name: "subscribe", Type: "(name: string | symbol, listener: (message: any, name: string | symbol) => void): void", Doc: "Hears of what is published."},
			{Name: "unsubscribe", Type: "(name: string | symbol, listener: (message: any, name: string | symbol) => void): boolean", Doc: "Undoes subscribe."},
			{Name: "hasSubscribers", Type: "(name: string | symbol): boolean", Doc: "Whether anybody hears."},
			{Name: "tracingChannel", Type: "(name: any): any", Doc: "Five channels for the beginning, the end and the failure of a call."},
			{Name: "Channel", Type: ": any", Doc: "The class of channels."},
		},
		Script: diagnosticsScript, Natives: []member{nodeErrors.member()},
		Example: `import { channel, subscribe } from 'node:diagnostics_channel'

subscribe('jobs', (message) => console.log(message.id)) // -> a
channel('jobs').publish({ id: 'a' })`,
	},
	{
		Name: "node:punycode", Doc: "Names of hosts with xn--, for old packages.",
		Members: []member{
			{Name: "toASCII", Type: "(domain: string): string", Doc: "The name of a host with xn--.", Call: turned(idna.Punycode.ToASCII)},
			{Name: "toUnicode", Type: "(domain: string): string", Doc: "The name of a host without xn--.", Call: turned(idna.Punycode.ToUnicode)},
			{Name: "encode", Type: "(text: string): string", Doc: "A text as Punycode.", Call: turned(encodePunycode)},
			{Name: "decode", Type: "(text: string): string", Doc: "Punycode as a text.", Call: turned(func(text string) (string, error) { return idna.Punycode.ToUnicode("xn--" + text) })},
		},
		Missing: map[string]string{"ucs2": "use Array.from(text) and String.fromCodePoint", "version": "ask process.version"},
		Example: `import { toASCII } from 'node:punycode'

console.log(toASCII('mañana.com')) // -> xn--maana-pta.com`,
	},
	{
		Name: "node:worker_threads", Doc: "What packages ask to learn that they are not in a thread.",
		Members: []member{
			constant("isMainThread", ": boolean", "true.", true), constant("parentPort", ": null", "null.", nil), constant("workerData", ": null", "null.", nil), constant("threadId", ": number", "0.", 0),
		},
		Missing: map[string]string{"Worker": "start a child run, which has a VM of its own", "MessageChannel": "use an EventTarget", "BroadcastChannel": "use hatchet.events", "MessagePort": "use an EventTarget"},
		Example: `import { isMainThread } from 'node:worker_threads'

console.log(isMainThread) // -> true`,
	},
	{
		Name: "node:cluster", Doc: "What packages ask to learn that they are not in a cluster.",
		Members: []member{constant("isPrimary", ": boolean", "true.", true), constant("isMaster", ": boolean", "true.", true), constant("isWorker", ": boolean", "false.", false)},
		Missing: map[string]string{"fork": "give the worker more slots, or start it again", "worker": "there are no workers of a cluster", "workers": "there are no workers of a cluster", "setupPrimary": "give the worker more slots, or start it again"},
		Example: `import { isPrimary } from 'node:cluster'

console.log(isPrimary) // -> true`,
	},
}

func turned(turn func(string) (string, error)) func(*native.Host, goja.FunctionCall) goja.Value {
	return func(h *native.Host, call goja.FunctionCall) goja.Value {
		text, err := turn(call.Argument(0).String())
		if err != nil {
			native.Throw(h.Runtime, "punycode: %v", err)
		}
		return h.Value(text)
	}
}

// encodePunycode encodes a text of which some is not ASCII; what is all ASCII ends
// in a hyphen.
func encodePunycode(text string) (string, error) {
	encoded, err := idna.Punycode.ToASCII(text)
	if bare, changed := strings.CutPrefix(encoded, "xn--"); changed || err != nil {
		return bare, err
	}
	return encoded + "-", nil
}

// absentModules are those that are not there, and what to use instead.
var absentModules = func() (list []native.Module) {
	for name, instead := range map[string]string{
		"net": "use fetch, or node:http; other protocols have modules of their own, as hatchet:sql and hatchet:smtp", "tls": "use fetch or node:https, which check certificates",
		"dns": "connect by name: names are looked up, and checked, when a connection is made", "dns/promises": "connect by name: names are looked up, and checked, when a connection is made",
		"dgram": "use fetch; datagrams cannot be sent", "http2": "use fetch, which speaks HTTP/2 with servers that do", "vm": "import the code, or make a function with new Function",
		"v8": "use structuredClone to copy values; memory is measured for the whole worker, see its /metrics", "module": "import what you need: scripts are bundled when they load", "inspector": "use console.log; the engine has no debugger",
		"repl": "use hatchet-js-worker dev, which loads a script anew when it is saved", "readline/promises": "a task has no terminal; a task's input is its first argument", "sys": "use node:util",
		"constants": "use constants of node:fs and node:crypto", "domain": "use try and catch, or node:async_hooks", "trace_events": "use OpenTelemetry, which the worker speaks", "wasi": "WebAssembly is not there",
		"test": "use hatchet:test", "stream/web": "the classes of web streams are globals", "stream/consumers": "use new Response(Readable.toWeb(stream)), or toArray() of a Readable", "sqlite": "use hatchet:sql", "sea": "this is a single program already",
		"path/posix": "use posix of node:path", "path/win32": "use win32 of node:path", "inspector/promises": "use console.log; the engine has no debugger",
	} {
		list = append(list, native.Module{Name: "node:" + name, Absent: instead})
	}
	return list
}()
