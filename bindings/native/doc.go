// Package native makes Go functions members of JavaScript objects. Members are
// declared as data: one table gives the binding at run time, the TypeScript
// declaration and the reference text, so the three cannot drift apart.
//
// A built-in module is such a table with a name:
//
//	var Module = native.Module{
//		Name: "hatchet:dns", Doc: "Looks names up.",
//		Members: []native.Member[*native.Host]{
//			{Name: "lookup", Type: "(host: string): Promise<string[]>", Doc: "Gives the addresses of a host.", Length: 1,
//				Async: func(h *native.Host, call goja.FunctionCall) native.Work {
//					host := native.NonEmpty(h.Runtime, call.Argument(0), "lookup: the host")
//					return func(ctx context.Context) (any, error) { return addresses(ctx, host) }
//				}},
//		},
//	}
//
// Append it to the list in bindings/builtin, and scripts can import it, by name,
// as a whole and with require; hatchet.d.ts and the reference show it after go
// generate; importing what it does not have fails when the script loads.
//
// Async reads the arguments on the VM's goroutine, where it may throw, and
// returns work that runs on a goroutine of the run and must not touch the VM.
// Its context ends with the run and leads, by [permit.From], to the run's
// permissions, limits and what it has open: work reaches the network, files,
// the environment and programs through those alone. What members keep per VM is
// a [Local]; a part in JavaScript is the module's Script.
package native
