// Package sdk is the Go face of hatchet-js-worker: it serves script files to a
// Hatchet engine, beside tasks of Go, runs the embedded engine, and asks engines
// for things. The command hatchet-js-worker is its first customer and goes no
// deeper.
//
// # In ten lines
//
//	//go:embed workflows
//	var files embed.FS
//
//	worker, err := sdk.New(sdk.Options{Server: sdk.Embedded(), Files: files})
//	…
//	err = worker.RunWith(ctx, func(ctx context.Context, c *sdk.Client) error {
//		run, err := c.RunAndWait(ctx, "invoice", Invoice{Cents: 4200}, sdk.RunOptions{})
//		…
//		return run.Decode(&receipt)
//	})
//
// # Serving scripts
//
// A [Worker] loads scripts, registers what they declare and runs it, until the
// context of [Worker.Run] ends; then it drains. The scripts are files and folders
// (Paths), which it follows as they change (Watch), an [fs.FS] such as an
// [embed.FS], or text (Files, see [Sources]).
//
//	server, err := sdk.ServerFromEnv(os.LookupEnv, sdk.ServerOptions{})
//	…
//	worker, err := sdk.New(sdk.Options{Server: server, Paths: []string{"./workflows"}, Watch: true})
//	…
//	err = worker.Run(ctx)
//
// # Without a server
//
// [Embedded] is a server inside this process, on no port, that keeps its runs in
// memory or in a file. [WithLocal] is the shortest way to run something with it.
// [WithEngine] runs such an engine alone; it may listen for any Hatchet SDK.
//
// # Asking an engine for things
//
// [Worker.RunWith] and [WithClient] give a [Client]: it triggers runs, waits for
// them, pushes events, lists, cancels and replays.
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
// # What scripts may reach
//
// Scripts reach nothing outside of their VM but what [Permissions] grant: by
// rules, by a hatchet-js.json, or by a function of the program that decides.
//
// # Watching and testing
//
// An [Observer] is told what a worker and an engine do, as [Notice] values: loads
// and reloads, attempts, lines of logs. A Logger takes what concerns the program's
// operator; HealthAddress opens a port with probes and Prometheus metrics.
// [Test] runs the tests of scripts on virtual time; package sdktest makes them
// tests of Go.
//
// # Errors and state
//
// Errors wrap the sentinels that a caller may branch on, such as [ErrConfig] and
// [ErrUnreachable]. Nothing here reads flags or the environment by itself, keeps
// global state or ends the process; two workers in one program work.
package sdk
