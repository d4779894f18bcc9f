// Package sdk is the Go face of hatchet-js-worker: it serves script files to a
// Hatchet engine, runs the embedded engine, and asks engines for things. The
// command hatchet-js-worker is its first customer and goes no deeper.
//
// # Serving scripts
//
// A [Worker] loads the scripts of files and folders, registers what they declare
// and runs it, until the context of [Worker.Run] ends; then it drains.
//
//	server, err := sdk.ServerFromEnv(os.LookupEnv, sdk.ServerOptions{})
//	…
//	worker, err := sdk.New(sdk.Options{Server: server, Paths: []string{"./workflows"}, Watch: true})
//	…
//	err = worker.Run(ctx)
//
// Options.Files takes scripts of an [fs.FS], such as an [embed.FS], or as text:
//
//	sdk.Options{Files: sdk.Sources{"greet.js": `workflow.task('greet', (input) => 'Hello ' + input.name)`}, …}
//
// # Without a server
//
// [WithLocal] runs an engine, a worker and a client in this process, on no port.
// [WithEngine] runs the engine alone, which may keep its runs in a file and
// listen for any Hatchet SDK; [Engine.Server] is what workers and clients take.
//
// # Asking an engine for things
//
// [WithClient] gives a [Client]: it triggers runs, waits for them, pushes events,
// lists, cancels and replays.
//
// # Giving scripts Go functions
//
// [Module] makes a module of Go functions that scripts import; [ModuleTypes]
// writes the declaration with which editors and tsc check their use.
//
//	billing := sdk.Module("billing", sdk.Func("charge", "Charges a card.", charge))
//	sdk.New(sdk.Options{Modules: []sdk.NativeModule{billing}, …})
//
// # Tasks of Go
//
// [Task] and [DurableTask] make tasks of Go functions. They are workflows of their
// own, or part of one that scripts declare, and run those of scripts as scripts
// run them.
//
//	charge := sdk.Task("charge", sdk.TaskOptions{Retries: 3}, func(ctx *sdk.Context, o Order) (Receipt, error) { … })
//	sdk.New(sdk.Options{Tasks: []sdk.NativeTask{charge}, …})
//
// # Watching and testing
//
// An [Observer] is told what a worker and an engine do, as [Notice] values.
// [Test] runs the tests of scripts on virtual time; package sdktest makes them
// tests of Go.
//
// Errors wrap the sentinels that a caller may branch on, such as [ErrConfig] and
// [ErrUnreachable]. Nothing here reads flags or the environment by itself, keeps
// global state or ends the process; two workers in one program work.
package sdk
