package node

import (
	_ "embed"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
)

//go:embed async_hooks.js
var asyncHooksScript string

const asyncHooksTypes = `export interface AsyncLocalStorage<T> {
  getStore(): T | undefined;
  run<R>(store: T, callback: () => R): R;
  run<R, A extends any[]>(store: T, callback: (...args: A) => R, ...args: A): R;
  exit<R, A extends any[]>(callback: (...args: A) => R, ...args: A): R;
  enterWith(store: T): void;
  disable(): void;
}
export interface AsyncResource {
  runInAsyncScope<R>(callback: (this: any, ...args: any[]) => R, thisArg?: any, ...args: any[]): R;
  bind<F extends (...args: any[]) => any>(callback: F): F;
  asyncId(): number; triggerAsyncId(): number; emitDestroy(): this;
}`

// flow is what an asynchronous flow of control carries, as scripts hold it.
type flow struct{ context any }

// asyncHooksModule is node:async_hooks.
var asyncHooksModule = native.Module{
	Name: "node:async_hooks",
	Doc:  "Values that follow a flow of control: through await, promises, timers and callbacks of other modules.",
	Members: []member{
		{Name: "AsyncLocalStorage", Type: ": { new <T>(): AsyncLocalStorage<T>; bind<F extends (...args: any[]) => any>(callback: F): F; snapshot(): <R, A extends any[]>(callback: (...args: A) => R, ...args: A) => R }",
			Doc: "A value for all that a function calls and starts: run(value, callback), getStore(). Within the method then of an object that is no promise, as of some query builders, there is none; " +
				"after its await there is. AsyncResource.bind keeps it there, too."},
		{Name: "AsyncResource", Type: ": { new (type: string, options?: any): AsyncResource; bind<F extends (...args: any[]) => any>(callback: F): F }",
			Doc: "Keeps the values of where it was made, for callbacks that come from elsewhere."},
	},
	Script: asyncHooksScript,
	Natives: []member{
		nodeErrors.member(),
		{Name: "flow", Call: func(h *native.Host, _ goja.FunctionCall) goja.Value {
			return h.Runtime.ToValue(&flow{h.VM.AsyncContext()})
		}},
		{Name: "enter", Call: func(h *native.Host, call goja.FunctionCall) goja.Value {
			if f, ok := call.Argument(0).Export().(*flow); ok {
				h.VM.SetAsyncContext(f.context)
			}
			return goja.Undefined()
		}},
		{Name: "get", Call: func(h *native.Host, call goja.FunctionCall) goja.Value {
			value, _ := h.VM.AsyncValue(call.Argument(0)).(goja.Value)
			return value
		}},
		{Name: "set", Call: func(h *native.Host, call goja.FunctionCall) goja.Value {
			var value any
			if len(call.Arguments) > 1 {
				value = call.Argument(1)
			}
			h.VM.SetAsyncValue(call.Argument(0), value)
			return goja.Undefined()
		}},
	},
	Missing: map[string]string{
		"createHook": "what happens inside the engine cannot be observed; use AsyncLocalStorage", "executionAsyncId": "use AsyncLocalStorage to tell flows of control apart",
		"triggerAsyncId": "use AsyncLocalStorage to tell flows of control apart", "executionAsyncResource": "use AsyncLocalStorage to tell flows of control apart",
	},
	Types: asyncHooksTypes,
	Example: `import { AsyncLocalStorage } from 'node:async_hooks'

const request = new AsyncLocalStorage()
const pause = () => new Promise((done) => setTimeout(done, 1))
const handle = async () => { await pause(); return request.getStore() }
console.log(await Promise.all([request.run('a', handle), request.run('b', handle)])) // -> [ 'a', 'b' ]`,
}
