package node_test

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/hatchet-js/hatchet-js-worker/bindings/builtin/moduletest"
	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
)

// What is said of thenables in the reference is so.
func TestStoresWithinThenables(t *testing.T) {
	m := moduletest.New(t, permit.Options{})
	m.Expect(t, `const { AsyncLocalStorage, AsyncResource } = require('async_hooks'); const als = new AsyncLocalStorage()
const seen = (then) => als.run(5, async () => [await { then: then() } ?? null, als.getStore()])
return [await seen(() => (ok) => ok(als.getStore())), await seen(() => AsyncResource.bind((ok) => ok(als.getStore())))]`, `[[null,5],[5,5]]`)
}

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/dlclark/regexp2/v2.runClock"))
}

func TestPath(t *testing.T) {
	m := moduletest.New(t, permit.Options{Dir: "/base"})
	for source, want := range map[string]string{
		`join('/a', '..', 'b', './c//d', '')`:          "/b/c/d",
		`join()`:                                       ".",
		`join('a', '../..')`:                           "..",
		`join('a/', '/b/')`:                            "a/b/",
		`join('', '/x')`:                               "/x",
		`normalize('')`:                                ".",
		`normalize('./')`:                              "./",
		`normalize('/../a/./b/..')`:                    "/a",
		`normalize('../../a/..')`:                      "../..",
		`resolve('a', 'b')`:                            "/base/a/b",
		`resolve('/x', '/y', '../z')`:                  "/z",
		`resolve()`:                                    "/base",
		`resolve('/')`:                                 "/",
		`relative('/a/b/c', '/a/d')`:                   "../../d",
		`relative('/a', '/a')`:                         "",
		`relative('x', 'x/y')`:                         "y",
		`dirname('/a/b/')`:                             "/a",
		`dirname('/a')`:                                "/",
		`dirname('a')`:                                 ".",
		`dirname('')`:                                  ".",
		`dirname('//a')`:                               "//",
		`basename('/a/b.txt/')`:                        "b.txt",
		`basename('/a/b.txt', '.txt')`:                 "b",
		`basename('.txt', '.txt')`:                     ".txt",
		`basename('/')`:                                "",
		`extname('a.b.c')`:                             ".c",
		`extname('.bashrc')`:                           "",
		`extname('a.')`:                                ".",
		`extname('..')`:                                "",
		`extname('...')`:                               ".",
		`JSON.stringify(parse('/home/u/f.tar.gz'))`:    `{"root":"/","dir":"/home/u","base":"f.tar.gz","ext":".gz","name":"f.tar"}`,
		`JSON.stringify(parse('f'))`:                   `{"root":"","dir":"","base":"f","ext":"","name":"f"}`,
		`format({ dir: '/a', name: 'b', ext: 'txt' })`: "/a/b.txt",
		`format({ root: '/', base: 'b' })`:             "/b",
		`String(isAbsolute('/a') && !isAbsolute('a'))`: "true",
		`sep + delimiter + (posix.join === join)`:      "/:true",
	} {
		got, err := m.Run(t.Context(), "const p = require('node:path'); const { join, normalize, resolve, relative, dirname, basename, extname, parse, format, isAbsolute, sep, delimiter, posix } = p; return {v: "+source+"}.v")
		if wanted := quote(want); err != nil || got != wanted {
			t.Errorf("%s gave %s, %v; want %s", source, got, err, wanted)
		}
	}
	m.Refused(t, `return require('path').join('a', 7)`, "TypeError: path: argument 2 must be a string, got number")
	m.Refused(t, `return require('path').matchesGlob`, "TypeError: node:path has no matchesGlob here; use a regular expression")
}

func TestEnvironment(t *testing.T) {
	m := moduletest.New(t, permit.Options{
		Environ: []string{"A=1", "B=2", "STRIPE_KEY=sk", "HATCHET_CLIENT_TOKEN=eyJtoken", "COPY=x eyJtoken y", "HOME=/h"},
		Hidden:  []string{"HATCHET_CLIENT_TOKEN"},
		Rules:   permit.Rules{permit.Env: {Allow: []string{"A", "STRIPE_*", "HATCHET_CLIENT_TOKEN", "NONE"}, Ignore: []string{"HOME"}}},
	})
	m.Expect(t, `return [process.env.A, process.env.STRIPE_KEY, process.env.NONE, process.env.HOME, process.env.NODE_ENV]`, `["1","sk",null,null,"production"]`)
	m.Expect(t, `return [Object.keys(process.env), JSON.stringify(process.env), 'A' in process.env, {...process.env}]`,
		`[["A","STRIPE_KEY"],"{\"A\":\"1\",\"STRIPE_KEY\":\"sk\"}",true,{"A":"1","STRIPE_KEY":"sk"}]`)
	m.Expect(t, `process.env.X = 5; delete process.env.A; return [process.env.X, process.env.A, Object.keys(process.env)]`, `["5",null,["STRIPE_KEY","X"]]`)
	m.Expect(t, `return [process.env.HATCHET_CLIENT_TOKEN, typeof process.env.toString]`, `[null,"function"]`)
	m.Refused(t, `return process.env.B`, `NotCapable: Requires env access to "B", run again with --allow-env=B`)
	m.Expect(t, `try { process.env.B } catch (e) { return [e.name, e.message, e instanceof Error, /test\.js:2/.test(e.stack)] }`,
		`["NotCapable","Requires env access to \"B\", run again with --allow-env=B",true,true]`)
	all := moduletest.New(t, permit.Options{
		Environ: []string{"HATCHET_CLIENT_TOKEN=eyJtoken", "COPY=x eyJtoken y", "A=1"}, Hidden: []string{"HATCHET_CLIENT_TOKEN"}, Rules: permit.AllowAll(),
	})
	all.Expect(t, `return [process.env.HATCHET_CLIENT_TOKEN, process.env.COPY, Object.keys(process.env)]`, `[null,null,["A"]]`)
}

func TestProcess(t *testing.T) {
	m := moduletest.New(t, permit.Options{Dir: "/base"})
	m.Expect(t, `return [process.cwd(), process.argv.length, typeof process.hrtime.bigint(), process.hrtime(process.hrtime()).length, process.uptime() >= 0, process === require('process')]`,
		`["/base",1,"bigint",2,true,true]`)
	m.Expect(t, `const order = []; await new Promise((done) => { process.nextTick((x) => { order.push(x); done() }, 1) }); process.stdout.write('a\n'); process.on('exit', () => 1).once('x', () => 1); return order`, `[1]`)
	if len(m.Log) != 1 || m.Log[0] != "a" {
		t.Errorf("logged %q", m.Log)
	}
	m.Refused(t, `process.exit(1)`, "TypeError: node:process has no exit here; throw an Error to fail the task, or return to end it")
}

func quote(text string) string {
	quoted := `"`
	for _, r := range text {
		if r == '"' || r == '\\' {
			quoted += `\`
		}
		quoted += string(r)
	}
	return quoted + `"`
}
