package node

import (
	_ "embed"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
)

//go:embed child.js
var childScript string

const childTypes = `interface ExecOptions {
  cwd?: string | URL; env?: Record<string, string | undefined>; encoding?: string | null; timeout?: number; maxBuffer?: number;
  killSignal?: string | number; signal?: AbortSignal; input?: string | Uint8Array;
}
interface ChildProcess {
  readonly pid?: number; readonly exitCode: number | null; readonly signalCode: string | null; readonly killed: boolean;
  readonly stdin: any; readonly stdout: any; readonly stderr: any;
  kill(signal?: string | number): boolean;
  on(event: 'exit' | 'close', listener: (code: number | null, signal: string | null) => void): this;
  on(event: 'error', listener: (error: any) => void): this;
  on(event: string, listener: (...args: any[]) => void): this;
  once(event: string, listener: (...args: any[]) => void): this;
}
type ExecCallback = (error: any, stdout: any, stderr: any) => void;`

// childModule is node:child_process.
var childModule = native.Module{
	Name: "node:child_process",
	Doc: "Programs (--allow-run), always without a shell: of exec, the line is taken apart into words, and what only a shell could do is an error. A program gets the variables " +
		"of the environment that the script may read, or those of env, without LD_*, DYLD_* and NODE_OPTIONS. It ends with the run, with all that it has started.",
	Members: []member{
		{Name: "exec", Type: "(command: string, options?: ExecOptions | ExecCallback, callback?: ExecCallback): ChildProcess",
			Doc: "Runs a command line of words, quoted as for a shell. util.promisify(exec)(line) gives { stdout, stderr }."},
		{Name: "execFile", Type: "(file: string, args?: string[] | ExecOptions | ExecCallback, options?: ExecOptions | ExecCallback, callback?: ExecCallback): ChildProcess",
			Doc: "Runs a program with arguments. util.promisify(execFile)(file, args) gives { stdout, stderr }."},
		{Name: "spawn", Type: "(file: string, args?: string[] | ExecOptions, options?: ExecOptions): ChildProcess",
			Doc: "Starts a program and gives its streams: for await (const chunk of child.stdout), child.stdin.write."},
		{Name: "execSync", Type: "(command: string, options?: ExecOptions): any", Doc: "exec that waits, and holds the task's VM meanwhile; gives stdout."},
		{Name: "execFileSync", Type: "(file: string, args?: string[] | ExecOptions, options?: ExecOptions): any", Doc: "execFile that waits, and holds the task's VM meanwhile; gives stdout."},
		{Name: "spawnSync", Type: "(file: string, args?: string[] | ExecOptions, options?: ExecOptions): { status: number | null; signal: string | null; stdout: any; stderr: any; error?: any }",
			Doc: "Runs a program and waits, whatever its exit code."},
		{Name: "ChildProcess", Type: ": any", Doc: "The class of what spawn gives."},
	},
	Script: childScript,
	Natives: []member{
		{Name: "collect", Async: collect},
		{Name: "collectSync", Call: waiting(collect)},
		{Name: "start", Call: start},
		{Name: "words", Call: func(h *native.Host, call goja.FunctionCall) goja.Value {
			list, err := words(native.String(h.Runtime, call.Argument(0), "exec: the command"))
			if err != nil {
				native.Throw(h.Runtime, "exec: %v", err)
			}
			return h.Value(list)
		}},
	},
	Missing: map[string]string{"fork": "there is no Node to run another script with; start a workflow with hatchet.run"},
	Types:   childTypes,
	Example: `import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const { stdout } = await promisify(execFile)('echo', ['a', 'b c'])
console.log(stdout.trim()) // -> a b c`,
}
