package node

import (
	_ "embed"
	"math/big"
	"runtime"
	"strings"
	"time"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
)

//go:embed process.js
var processScript string

var processModule = native.Module{
	Name: "node:process",
	Doc:  "What a script may know of the process it runs in. It is the global process as well.",
	Members: []member{
		{Name: "env", Type: ": Record<string, string | undefined>",
			Doc:   "The variables of the environment that may be read (--allow-env). Reading another throws NotCapable; packages from node_modules find it unset. Assigning sets it for this script alone. HATCHET_CLIENT_TOKEN is never there.",
			Value: func(h *native.Host) goja.Value { return h.Runtime.NewDynamicObject(newEnvironment(h)) }},
		{Name: "argv", Type: ": string[]", Doc: "The program's name alone: arguments of a run are its input.",
			Value: func(h *native.Host) goja.Value { return h.Value([]string{programName}) }},
		{Name: "execPath", Type: ": string", Doc: "The program's name.",
			Value: func(h *native.Host) goja.Value { return h.Value(programName) }},
		{Name: "execArgv", Type: ": string[]", Doc: "Empty.",
			Value: func(h *native.Host) goja.Value { return h.Value([]string{}) }},
		{Name: "title", Type: ": string", Doc: "The program's name.",
			Value: func(h *native.Host) goja.Value { return h.Value(programName) }},
		{Name: "platform", Type: ": string", Doc: "linux, darwin, win32 and so on.",
			Value: func(h *native.Host) goja.Value { return h.Value(platform) }},
		{Name: "arch", Type: ": string", Doc: "x64, arm64 and so on.",
			Value: func(h *native.Host) goja.Value { return h.Value(architecture()) }},
		{Name: "version", Type: ": string", Doc: "The version of Node whose documentation the modules follow.",
			Value: func(h *native.Host) goja.Value { return h.Value(nodeVersion) }},
		{Name: "versions", Type: ": Record<string, string>", Doc: "Empty: this is not Node, and packages that ask should know.",
			Value: func(h *native.Host) goja.Value { return h.Runtime.NewObject() }},
		{Name: "cwd", Type: "(): string", Doc: "The folder that relative paths start from: the worker's working directory.",
			Call: func(h *native.Host, _ goja.FunctionCall) goja.Value { return h.Value(permit.From(h.Context()).Dir()) }},
		{Name: "uptime", Type: "(): number", Doc: "Seconds since this VM was made.",
			Call: func(h *native.Host, _ goja.FunctionCall) goja.Value { return h.Value(sinceStart(h).Seconds()) }},
		{Name: "hrtime", Type: ": { (since?: [number, number]): [number, number]; bigint(): bigint }",
			Doc:   "The time since some point in the past as [seconds, nanoseconds], or since an earlier result.",
			Value: hrtime},
		{Name: "nextTick", Type: "(callback: (...args: any[]) => void, ...args: any[]): void", Doc: "Calls back before anything else that is waiting, in Node's order: before the promises of a timer's callback, after those of code that follows an await."},
		{Name: "stdout", Type: ": { write(text: string): boolean; isTTY: boolean }", Doc: "What is written goes to the task's log."},
		{Name: "stderr", Type: ": { write(text: string): boolean; isTTY: boolean }", Doc: "What is written goes to the task's log, as an error."},
		{Name: "on", Type: "(event: string, listener: (...args: any[]) => void): any", Doc: "Accepted and never called: a script does not own the process. Use ctx.signal to hear of the end of a task."},
		{Name: "once", Type: "(event: string, listener: (...args: any[]) => void): any", Doc: "As on."},
		{Name: "off", Type: "(event: string, listener: (...args: any[]) => void): any", Doc: "Undoes on."},
		{Name: "addListener", Type: "(event: string, listener: (...args: any[]) => void): any", Doc: "As on."},
		{Name: "removeListener", Type: "(event: string, listener: (...args: any[]) => void): any", Doc: "As off."},
		{Name: "listenerCount", Type: "(event: string): number", Doc: "0."},
		{Name: "emitWarning", Type: "(warning: string | Error): void", Doc: "Logs a warning."},
	},
	Script: processScript,
	Example: `import process from 'node:process'

const begun = process.hrtime.bigint()
process.nextTick((word) => console.log(word, process.hrtime.bigint() >= begun), 'later') // -> later true`,
	Natives: []member{{Name: "tick", Call: func(h *native.Host, call goja.FunctionCall) goja.Value {
		if callback, ok := goja.AssertFunction(call.Argument(0)); ok {
			h.VM.NextTick(callback, call.Arguments[1:]...)
		}
		return goja.Undefined()
	}}},
	Missing: map[string]string{
		"exit": "throw an Error to fail the task, or return to end it", "abort": "throw an Error to fail the task",
		"kill":  "call kill() on what spawn of node:child_process returned",
		"chdir": "use absolute paths: all tasks of the worker share its folder", "umask": "give the mode when you make a file",
		"stdin": "a task's input is its first argument", "binding": "native add-ons cannot be loaded", "dlopen": "native add-ons cannot be loaded",
		"memoryUsage": "memory is measured for the whole worker, see its /metrics", "pid": "the process is the worker's, not the script's",
		"getuid": "the process is the worker's, not the script's", "setuid": "the process is the worker's, not the script's",
	},
}

const (
	programName = "hatchet-js-worker"
	nodeVersion = "v22.0.0"
)

// platform is Node's word for the system.
var platform = nodePlatform(runtime.GOOS)

func nodePlatform(goos string) string {
	if goos == "windows" {
		return "win32"
	}
	return goos
}

// windows reports whether this is Windows, where some words of scripts differ.
const windows = runtime.GOOS == "windows"

// architecture is Node's word for the processor.
func architecture() string {
	switch runtime.GOARCH {
	case "amd64":
		return "x64"
	case "386":
		return "ia32"
	}
	return runtime.GOARCH
}

// started is when a VM was first asked for the time.
type started struct{ at time.Time }

func sinceStart(h *native.Host) time.Duration {
	now := h.VM.Options().Clock.Now()
	return now.Sub(native.Local(h, func() started { return started{now} }).at)
}

func hrtime(h *native.Host) goja.Value {
	sinceStart(h)
	object := native.Function(h.Runtime, "hrtime", 1, func(call goja.FunctionCall) goja.Value {
		passed := sinceStart(h)
		if since := call.Argument(0); !native.Missing(since) {
			parts := native.Elements(h.Runtime, since, "process.hrtime: the time")
			if len(parts) != 2 {
				native.Throw(h.Runtime, "process.hrtime: the time must be what hrtime returned, [seconds, nanoseconds]")
			}
			passed -= time.Duration(parts[0].ToInteger())*time.Second + time.Duration(parts[1].ToInteger())
		}
		return h.Value([]any{int64(passed / time.Second), int64(passed % time.Second)})
	})
	bigint := native.Function(h.Runtime, "bigint", 0, func(goja.FunctionCall) goja.Value {
		return h.Runtime.ToValue(big.NewInt(int64(sinceStart(h))))
	})
	_ = object.Set("bigint", bigint)
	return object
}

// environment is process.env of one VM: what may be read of the process's own,
// and what the script has set.
type environment struct {
	host *native.Host
	set  map[string]goja.Value // nil: deleted
}

func newEnvironment(h *native.Host) *environment {
	return &environment{host: h, set: map[string]goja.Value{}}
}

// probes are properties that the language and libraries look for on any object.
var probes = map[string]bool{
	"toJSON": true, "then": true, "constructor": true, "toString": true, "valueOf": true, "inspect": true,
	"hasOwnProperty": true, "isPrototypeOf": true, "propertyIsEnumerable": true, "toLocaleString": true,
	"__proto__": true, "__defineGetter__": true, "__defineSetter__": true, "__lookupGetter__": true, "__lookupSetter__": true,
	"nodeType": true, "asymmetricMatch": true, "$$typeof": true,
}

// Get reads a variable.
func (e *environment) Get(name string) goja.Value {
	value, err := e.lookup(name)
	if err != nil {
		e.host.Throw(err)
	}
	return value
}

// lookup gives a variable; nil is unset.
func (e *environment) lookup(name string) (goja.Value, error) {
	if value, set := e.set[name]; set {
		return value, nil
	}
	if probes[name] || name == "" {
		return nil, nil
	}
	ctx := e.host.Context()
	value, set, err := permit.From(ctx).Getenv(ctx, name)
	switch {
	case err != nil && name == "NODE_ENV":
		return e.host.Value("production"), nil // as where the bundler writes it
	case err != nil && strings.Contains(permit.PlaceOf(ctx).File, "node_modules/"):
		return nil, nil // a package asks for what it can do without
	case err != nil || !set:
		return nil, err
	}
	return e.host.Value(value), nil
}

// Set sets a variable for the script.
func (e *environment) Set(name string, value goja.Value) bool {
	e.set[name] = e.host.Value(value.String())
	return true
}

// Has reports whether a variable is set. Of one that may not be read it says so,
// for reading it then says why; assigning asks as well.
func (e *environment) Has(name string) bool {
	value, err := e.lookup(name)
	return value != nil || err != nil
}

// Delete unsets a variable for the script.
func (e *environment) Delete(name string) bool {
	e.set[name] = nil
	return true
}

// Keys are the names that may be read.
func (e *environment) Keys() []string {
	var names []string
	for _, name := range permit.From(e.host.Context()).Environ() {
		if _, own := e.set[name]; !own {
			names = append(names, name)
		}
	}
	for name, value := range e.set {
		if value != nil {
			names = append(names, name)
		}
	}
	return names
}
