package node_test

import (
	"os"
	"os/user"
	"strconv"
	"strings"
	"testing"

	"github.com/hatchet-js/hatchet-js-worker/bindings/builtin/moduletest"
	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
)

const childNames = `const cp = require('child_process'); const promisify = (f) => f[Symbol.for('nodejs.util.promisify.custom')]; const exec = promisify(cp.exec), execFile = promisify(cp.execFile);`

func programs(t *testing.T) *moduletest.Machine {
	return moduletest.New(t, permit.Options{
		Environ: []string{"PATH=/usr/bin:/bin", "A=1", "B=2", "HATCHET_CLIENT_TOKEN=eyJ"}, Hidden: []string{"HATCHET_CLIENT_TOKEN"},
		Rules: permit.Rules{permit.Command: {Allow: []string{"sh", "cat", "echo", "env", "sleep", "gone"}}, permit.Env: {Allow: []string{"A"}}},
	})
}

func TestPrograms(t *testing.T) {
	m := programs(t)
	for source, want := range map[string]string{
		`return await exec('echo "a  b" \'c$d\' e\\ f')`:                                                                                               `{"stdout":"a  b c$d e f\n","stderr":""}`,
		`return await execFile('cat', [], { input: 'fed' })`:                                                                                           `{"stdout":"fed","stderr":""}`,
		`return (await execFile('env')).stdout`:                                                                                                        `"A=1\n"`,
		`return (await execFile('env', [], { env: { X: 1, LD_PRELOAD: 'x', NODE_OPTIONS: 'y', U: undefined } })).stdout`:                               `"X=1\n"`,
		`return await execFile('sh', ['-c', 'echo out; echo err >&2; exit 3']).catch((e) => [e.message, e.code, e.stdout, e.stderr, e.killed])`:        `["Command failed: sh -c echo out; echo err >&2; exit 3\nerr",3,"out\n","err\n",false]`,
		`return await execFile('sh', ['-c', 'kill -9 $$']).catch((e) => [e.code, e.signal])`:                                                           `[null,"SIGKILL"]`,
		`return await execFile('gone').catch((e) => [e.code, e.message, e.cmd])`:                                                                       `["ENOENT","ENOENT: no such file or directory, spawn gone","gone"]`,
		`return await execFile('sleep', ['600'], { timeout: 20 }).catch((e) => [e.killed, e.signal])`:                                                  `[true,"SIGTERM"]`,
		`return await execFile('sleep', ['600'], { signal: AbortSignal.timeout(20) }).catch((e) => [e.name, e.code])`:                                  `["AbortError","ABORT_ERR"]`,
		`return await execFile('cat', ['/dev/zero'], { maxBuffer: 10 }).catch((e) => e.code)`:                                                          `"ERR_CHILD_PROCESS_STDIO_MAXBUFFER"`,
		`return [cp.execSync('echo a').toString(), cp.execFileSync('echo', ['b'], { encoding: 'utf8' }), cp.spawnSync('sh', ['-c', 'exit 4']).status]`: `["a\n","b\n",4]`,
		`return await new Promise((done) => cp.exec('echo a', (error, stdout) => done([error, stdout])))`:                                              `[null,"a\n"]`,
		`return await new Promise((done) => cp.execFile('sh', ['-c', 'exit 2'], (error) => done(error.code)))`:                                         `2`,
		`const c = cp.spawn('cat'); c.stdin.write('one '); c.stdin.end('two'); c.stdout.setEncoding('utf8'); let text = ''; c.stdout.on('data', (d) => { text += d }); const code = await new Promise((done) => c.stdout.on('end', () => done(1))); return [text, c.pid > 0]`: `["one two",true]`,
		`const c = cp.spawn('sleep', ['600']); setTimeout(() => c.kill('SIGINT'), 10); return await new Promise((done) => c.on('close', (code, signal) => done([code, signal, c.killed, c.signalCode])))`:                                                                     `[null,"SIGINT",true,"SIGINT"]`,
		`const c = cp.spawn('gone'); return await new Promise((done) => c.on('error', (e) => done(e.code)))`:                                                                                                                                                                  `"ENOENT"`,
	} {
		m.Expect(t, childNames+source, want)
	}
}

func TestProgramsRefused(t *testing.T) {
	m := programs(t)
	for source, want := range map[string]string{
		`return await exec('echo a | cat')`: `TypeError: exec: the character "|" would need a shell, and programs are started without one: quote it if it is meant as it is; ` +
			`or start a shell yourself, execFile('sh', ['-c', command]), which takes --allow-run=sh`,
		`return cp.exec('echo $HOME')`:                                    `TypeError: exec: the character "$" would need a shell`,
		`return cp.execSync('X=1 echo')`:                                  `TypeError: exec: setting a variable "X=1" would need a shell`,
		`return await exec('echo "a')`:                                    `TypeError: exec: a quote is not closed: "a`,
		`return await exec('')`:                                           `TypeError: exec: the command is empty`,
		`return cp.spawn('echo', [], { shell: true })`:                    `TypeError: spawn: there is no shell`,
		`return cp.spawn('echo', [], { detached: true })`:                 `TypeError: spawn: a program cannot outlive its run`,
		`return await execFile('ls')`:                                     `NotCapable: Requires run access to "ls", run again with --allow-run=ls`,
		`cp.spawn('ls'); await new Promise((go) => setTimeout(go, 1000))`: `NotCapable: Requires run access to "ls", run again with --allow-run=ls`,
		`return await execFile('echo', [], { cwd: '/' })`:                 `NotCapable: Requires read access to "/", run again with --allow-read=/`,
		`return cp.fork('x')`:                                             `TypeError: node:child_process has no fork here; there is no Node to run another script with; start a workflow with hatchet.run`,
	} {
		got, err := m.Run(t.Context(), childNames+source)
		if err == nil || !strings.HasPrefix(strings.TrimPrefix(err.Error(), "unhandled rejection: "), want) {
			t.Errorf("%s\ngave %s, %v\nwant %s", source, got, err, want)
		}
	}
}

// The run ends while a program goes on: it is killed.
func TestProgramsEndWithTheRun(t *testing.T) {
	m := programs(t)
	m.Expect(t, childNames+`cp.spawn('sleep', ['600']); execFile('sleep', ['600']).catch(() => {}); return 1`, `1`)
}

func TestOS(t *testing.T) {
	m := programs(t)
	m.Expect(t, `const os = require('os'); return [os.EOL, os.tmpdir(), os.availableParallelism() > 0, os.platform() === process.platform, os.endianness().length]`, `["\n","/tmp",true,true,2]`)
	m.Refused(t, `return require('os').homedir()`, `NotCapable: Requires env access to "HOME", run again with --allow-env=HOME`)
	m.Refused(t, `return require('os').hostname()`, `NotCapable: Requires sys access to "hostname", run again with --allow-sys=hostname`)
}

func TestWhatIsToldAboutTheMachine(t *testing.T) {
	m := moduletest.New(t, permit.Options{Dir: "/base", Rules: permit.Rules{permit.Sys: {All: true, Deny: []string{"loadavg"}}}})
	m.Expect(t, `const os = require('os'); const [cpu] = os.cpus(), all = Object.values(os.networkInterfaces()).flat()
		return [os.hostname().length > 0, typeof cpu.model, cpu.times.user >= 0, all.every((a) => a.cidr.startsWith(a.address + '/') && /^IPv[46]$/.test(a.family)), os.totalmem() > os.freemem(), os.uptime() > 0, typeof os.release(), typeof os.version()]`,
		`[true,"string",true,true,true,true,"string","string"]`)
	if _, err := user.LookupId(strconv.Itoa(os.Getuid())); err == nil {
		m.Expect(t, `return require('os').userInfo().uid`, strconv.Itoa(os.Getuid()))
	}
	m.Refused(t, `return require('os').loadavg()`, `NotCapable: Requires sys access to "loadavg", which is denied (--deny-sys)`)
}
