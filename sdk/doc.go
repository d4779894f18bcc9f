// Package sdk is the Go face of hatchet-js-worker: it serves script files to a
// Hatchet engine, runs the embedded engine, and asks engines for things. The
// command hatchet-js-worker is its first customer and goes no deeper.
//
//	server, err := sdk.ServerFromEnv(os.LookupEnv, sdk.ServerOptions{})
//	…
//	worker, err := sdk.New(sdk.Options{Server: server, Paths: []string{"./workflows"}, Watch: true})
//	…
//	err = worker.Run(ctx)
//
// [WithLocal] needs no server: it runs an engine, a worker and a client in this
// process. Nothing here reads flags or the environment by itself, keeps global
// state or ends the process; two workers in one program work.
package sdk
