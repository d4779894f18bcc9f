package node_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hatchet-js/hatchet-js-worker/bindings/builtin/moduletest"
	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
)

func files(t *testing.T) (*moduletest.Machine, string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.txt"), []byte("héllo\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "sub/deep"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "sub/deep/b.txt"), []byte("b"), 0o644); err != nil {
		t.Fatal(err)
	}
	return moduletest.New(t, permit.Options{Dir: dir, Rules: permit.Rules{permit.Read: {Allow: []string{"."}}, permit.Write: {Allow: []string{"."}}}}), dir
}

const fsNames = "const fs = require('fs'), p = require('node:fs/promises');"

func TestFiles(t *testing.T) {
	m, dir := files(t)
	for _, c := range []struct{ source, want string }{
		{`return [await p.readFile('a.txt', 'utf8'), fs.readFileSync('a.txt', { encoding: 'hex' }), (await p.readFile('a.txt')).length, Buffer.isBuffer(fs.readFileSync('a.txt'))]`,
			`["héllo\n","68c3a96c6c6f0a",7,true]`},
		{`return await p.readFile(new URL('file://' + process.cwd() + '/a.txt'), 'base64')`, `"aMOpbGxvCg=="`},
		{`await p.writeFile('n.txt', 'one'); await p.appendFile('n.txt', Buffer.from(' two')); fs.appendFileSync('n.txt', '20', 'hex'); return fs.readFileSync('n.txt', 'utf8')`, `"one two "`},
		{`await p.writeFile('n.txt', 'x', { flag: 'wx' }).catch((e) => { globalThis.e = e }); return [e.code, e.syscall, e.path, e.message, e.errno]`,
			`["EEXIST","open","n.txt","EEXIST: file exists, open 'n.txt'",-17]`},
		{`return await p.readFile('none').catch((e) => [e.name, e.code, e.message])`, `["Error","ENOENT","ENOENT: no such file or directory, open 'none'"]`},
		{`try { fs.readFileSync('none') } catch (e) { return [e.code, e instanceof Error, /test\.js:2/.test(e.stack)] }`, `["ENOENT",true,true]`},
		{`return [await p.mkdir('x/y/z', { recursive: true }), fs.mkdirSync('x/y', { recursive: true }), fs.existsSync('x/y/z'), fs.existsSync('nope')]`,
			`["` + dir + `/x",null,true,false]`},
		{`fs.rmdirSync('x/y/z'); await p.rm('x', { recursive: true }); await p.rm('x', { force: true }); return fs.existsSync('x')`, `false`},
		{`return [await p.readdir('.'), (await p.readdir('sub', { recursive: true })), (await p.readdir('.', { withFileTypes: true })).map((d) => [d.name, d.isDirectory(), d.isFile()])]`,
			`[["a.txt","n.txt","sub"],["deep","deep/b.txt"],[["a.txt",false,true],["n.txt",false,true],["sub",true,false]]]`},
		{`const s = await p.stat('a.txt'); return [s.size, s.isFile(), s.isDirectory(), s.mtime instanceof Date, s.mtimeMs > 1e12, (s.mode & 0o777).toString(8)]`, `[7,true,false,true,true,"644"]`},
		{`await p.rename('n.txt', 'm.txt'); await p.copyFile('m.txt', 'sub/c.txt'); await p.copyFile('m.txt', 'sub/c.txt', fs.constants.COPYFILE_EXCL).catch((e) => { globalThis.e = e }); return [e.code, e.dest ?? e.path, fs.readdirSync('sub')]`,
			`["EEXIST","sub/c.txt",["c.txt","deep"]]`},
		{`await p.access('a.txt', fs.constants.R_OK); return await p.access('none').catch((e) => e.code)`, `"ENOENT"`},
		{`const d = await p.mkdtemp('tmp-'); return [d.length, fs.statSync(d).isDirectory()]`, `[10,true]`},
		{`await p.chmod('m.txt', '600'); await p.truncate('m.txt', 2); await p.utimes('m.txt', 10, new Date(20000)); const s = fs.statSync('m.txt'); return [(s.mode & 0o777).toString(8), s.mtimeMs, s.size]`, `["600",20000,2]`},
		{`return await new Promise((done) => fs.readFile('a.txt', 'utf8', (error, text) => done([error, text])))`, `[null,"héllo\n"]`},
		{`return await new Promise((done) => fs.readFile('none', (error, text) => done([error.code, text])))`, `["ENOENT",null]`},
		{`const f = await p.open('h.txt', 'w+'); await f.write('hello world'); await f.write(Buffer.from('XY'), 0, 1, 6); const b = Buffer.alloc(5); const r = await f.read(b, 0, 5, 6); await f.close(); return [r.bytesRead, b.toString(), await f.stat().catch((e) => e.code)]`,
			`[5,"Xorld","EBADF"]`},
		{`const out = [], each = fs.createReadStream('a.txt', { encoding: 'utf8', highWaterMark: 2 })[Symbol.asyncIterator](); for (let r; !(r = await each.next()).done;) out.push(r.value); return out.join('|')`, `"h|él|lo|\n"`},
		{`const w = fs.createWriteStream('w.txt'); w.write('a'); w.write(Buffer.from('b')); await new Promise((done) => w.end('c', done)); return [fs.readFileSync('w.txt', 'utf8'), w.bytesWritten]`, `["abc",3]`},
		{`const w = fs.createWriteStream('piped.txt'); fs.createReadStream('a.txt', { start: 1, end: 2 }).pipe(w); await new Promise((done) => w.on('finish', done)); return fs.readFileSync('piped.txt', 'utf8')`, `"é"`},
		{`return await new Promise((done) => fs.createReadStream('none').on('error', (e) => done(e.code)).on('data', () => 1))`, `"ENOENT"`},
		{`return [fs.promises === p, typeof fs.readFile, fs.readFile.name]`, `[true,"function","readFile"]`},
	} {
		m.Expect(t, fsNames+c.source, c.want)
	}
}

func TestFilesRefused(t *testing.T) {
	m, dir := files(t)
	outside := filepath.Join(filepath.Dir(dir), "outside")
	for source, want := range map[string]string{
		`return await p.readFile('../outside')`:                         `NotCapable: Requires read access to "` + outside + `", run again with --allow-read=` + outside,
		`return fs.existsSync('../outside')`:                            `NotCapable: Requires read access to "` + outside + `", run again with --allow-read=` + outside,
		`return await p.readFile(new URL('file:///proc/self/environ'))`: `NotCapable: Requires read access to "/proc/self/environ", which shows what processes hold and is open to no script`,
		`return await p.readFile(new URL('http://a/b'))`:                `TypeError: readFile: the path must be a URL such as file:///data/a.txt, got http://a/b`,
		`return await p.readFile(7)`:                                    `TypeError: readFile: the path must be a string, a Buffer or a file: URL, got a number`,
		`return await p.readFile('a.txt', 'utf9')`:                      `TypeError: readFile: unknown encoding "utf9"; use one of utf8, utf-8, latin1, binary, ascii, base64, base64url, hex, utf16le, utf-16le, ucs2`,
		`return await p.writeFile('b.txt')`:                             `TypeError: writeFile: the data must be a string, a Buffer, or an ArrayBuffer or a view of one, got undefined`,
		`return await p.open('b.txt', 'q')`:                             `TypeError: open: unknown flag "q"; use r, r+, w, wx, w+, wx+, a, ax, a+ or ax+`,
		`return fs.readFile('a.txt')`:                                   `TypeError: fs.readFile: the callback must be a function; without one use fs.promises.readFile or fs.readFileSync`,
		`return fs.watch('a.txt')`:                                      `TypeError: node:fs has no watch here; look again with stat and a timer`,
		`return await p.rm('sub')`:                                      `EISDIR: is a directory, rm 'sub'`,
		`fs.readFile('a.txt', () => { throw new Error('in a callback') }); await new Promise((go) => setTimeout(go, 1000))`: `in a callback`,
	} {
		got, err := m.Run(t.Context(), fsNames+source)
		if err == nil || strings.TrimPrefix(err.Error(), "unhandled rejection: ") != want {
			t.Errorf("%s\ngave %s, %v\nwant %s", source, got, err, want)
		}
	}
}

// What a run leaves behind on a VM does not reach what the next may do: the
// door keeps its own state, in Go.
func TestPollutionGivesNoPermission(t *testing.T) {
	m, dir := files(t)
	m.Expect(t, fsNames+`
		Object.prototype.allow = true; Object.prototype.recursive = true; Object.prototype.flag = 'w'
		Array.prototype.includes = () => true; Function.prototype.call = function () { return true }
		Promise.prototype.finally = () => 1
		return 1`, `1`)
	outside := filepath.Join(filepath.Dir(dir), "outside")
	m.Refused(t, fsNames+`return await p.readFile('../outside')`, `NotCapable: Requires read access to "`+outside+`", run again with --allow-read=`+outside)
	m.Refused(t, fsNames+`return (() => {}).constructor('return process')().env.HOME`, `NotCapable: Requires env access to "HOME", run again with --allow-env=HOME`)
	m.Refused(t, fsNames+`return p.readFile.constructor.constructor('return this')().process.getuid()`, `TypeError: node:process has no getuid here; the process is the worker's, not the script's`)
}
