package web_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/dop251/goja"
	"go.uber.org/goleak"

	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
	"github.com/hatchet-js/hatchet-js-worker/bindings/web"
	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/dlclark/regexp2/v2.runClock"))
}

// run evaluates the body of an async function and returns its result as JSON.
func run(t *testing.T, source string) (string, error) {
	t.Helper()
	v := vm.New(vm.Options{})
	if _, err := web.Install(v); err != nil {
		t.Fatal(err)
	}
	return runIn(t, v, source)
}

func runIn(t *testing.T, v *vm.VM, source string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	result := ""
	err := v.Run(ctx, vm.Call{
		Start: func() (goja.Value, error) {
			return v.Runtime().RunScript("test.js", "(async () => {\n"+source+"\n})().then((v) => JSON.stringify(v))")
		},
		Settle: func(value goja.Value) error { result = value.String(); return nil },
	})
	return result, err
}

func expect(t *testing.T, source, want string) {
	t.Helper()
	if got, err := run(t, source); err != nil || got != want {
		t.Errorf("%s\ngave %s, %v; want %s", source, got, err, want)
	}
}

func TestGlobalsAreMadeOnFirstUse(t *testing.T) {
	expect(t, `return [typeof URL, 'URL' in globalThis, globalThis.hasOwnProperty('URL'), Object.keys(globalThis).includes('URL'), typeof unknownName]`,
		`["function",true,true,false,"undefined"]`)
	expect(t, `return [AbortController === globalThis.AbortController, URL === URL, new URL('http://a').searchParams instanceof URLSearchParams]`, `[true,true,true]`)
	expect(t, `globalThis.URLSearchParams = 5; globalThis.fetch = () => 'mine'; return [URLSearchParams, fetch(), typeof URL]`, `[5,"mine","function"]`)
	expect(t, `const names = []; for (const name in globalThis) names.push(name); return names.includes('fetch')`, `false`)
}

func TestEvents(t *testing.T) {
	for source, want := range map[string]string{
		`const t = new EventTarget(), out = []
		 const f = (e) => out.push(e.type, e.target === t, e.currentTarget === t, e.eventPhase)
		 t.addEventListener('a', f); t.addEventListener('a', f); t.addEventListener('a', { handleEvent(e) { out.push('object', this !== t) } })
		 t.dispatchEvent(new Event('a')); t.removeEventListener('a', f); t.dispatchEvent(new Event('a'))
		 return out`: `["a",true,true,2,"object",true,"object",true]`,
		`const t = new EventTarget(); let n = 0
		 t.addEventListener('a', () => n++, { once: true }); t.dispatchEvent(new Event('a')); t.dispatchEvent(new Event('a')); return n`: `1`,
		`const t = new EventTarget(), e = new Event('a', { cancelable: true }), out = []
		 t.addEventListener('a', (e) => { e.preventDefault(); e.stopImmediatePropagation() }); t.addEventListener('a', () => out.push('second'))
		 return [t.dispatchEvent(e), e.defaultPrevented, out]`: `[false,true,[]]`,
		`const e = new CustomEvent('c', { detail: { x: 1 } }); return [e.detail, e.type, e instanceof Event, new CustomEvent('d').detail]`: `[{"x":1},"c",true,null]`,
		`class Feed extends EventTarget { emit(n) { this.dispatchEvent(new CustomEvent('n', { detail: n })) } }
		 const f = new Feed(); let got; f.addEventListener('n', (e) => { got = e.detail }); f.emit(7); return got`: `7`,
		`const c = new AbortController(), t = new EventTarget(); let n = 0
		 t.addEventListener('a', () => n++, { signal: c.signal }); t.dispatchEvent(new Event('a')); c.abort(); t.dispatchEvent(new Event('a')); return n`: `1`,
		`try { new Event() } catch (e) { return e.name }`:                         `"TypeError"`,
		`try { new EventTarget().dispatchEvent({}) } catch (e) { return e.name }`: `"TypeError"`,
	} {
		expect(t, source, want)
	}
	_, err := run(t, `const t = new EventTarget(); t.addEventListener('a', () => { throw new Error('in a listener') }); t.dispatchEvent(new Event('a')); await null; return 1`)
	if err == nil || !strings.Contains(err.Error(), "in a listener") {
		t.Errorf("%v", err)
	}
}

func TestAbortSignals(t *testing.T) {
	for source, want := range map[string]string{
		`const c = new AbortController(), out = []
		 c.signal.onabort = () => out.push('handler'); c.signal.addEventListener('abort', (e) => out.push(e.type))
		 c.abort(); c.abort('again'); return [out, c.signal.aborted, c.signal.reason.name, c.signal.reason instanceof DOMException, c.signal.reason.code]`: `[["handler","abort"],true,"AbortError",true,20]`,
		`const c = new AbortController(); c.abort('why'); try { c.signal.throwIfAborted() } catch (e) { return e }`:                         `"why"`,
		`return [AbortSignal.abort().aborted, AbortSignal.abort(5).reason, new AbortController().signal.reason === undefined]`:              `[true,5,true]`,
		`const s = AbortSignal.timeout(1); await new Promise((r) => s.addEventListener('abort', r)); return [s.reason.name, s.reason.code]`: `["TimeoutError",23]`,
		`const a = new AbortController(), b = new AbortController(), any = AbortSignal.any([a.signal, b.signal]); let n = 0
		 any.addEventListener('abort', () => n++); b.abort('b'); a.abort('a'); return [any.reason, n, AbortSignal.any([any]).reason, AbortSignal.any([]).aborted]`: `["b",1,"b",false]`,
		`const outer = new AbortController(), any = AbortSignal.any([AbortSignal.any([outer.signal])]); outer.abort('deep'); return any.reason`:                                                        `"deep"`,
		`try { new AbortSignal() } catch (e) { return e.name }`:                                                                                                                                        `"TypeError"`,
		`return [String(new DOMException('m', 'DataCloneError')), new DOMException('m', { cause: 5 }).cause, new DOMException() instanceof Error, Object.prototype.toString.call(new DOMException())]`: `["DataCloneError: m",5,true,"[object DOMException]"]`,
	} {
		expect(t, source, want)
	}
}

func TestText(t *testing.T) {
	for source, want := range map[string]string{
		`return [[...new TextEncoder().encode('aä€😀')], new TextEncoder().encode().length, new TextEncoder().encoding, new TextEncoder().encode('a') instanceof Uint8Array]`:                                                                                       `[[97,195,164,226,130,172,240,159,152,128],0,"utf-8",true]`,
		`const b = new Uint8Array(4); return [new TextEncoder().encodeInto('a€b', b), [...b], new TextEncoder().encodeInto('€€', b)]`:                                                                                                                              `[{"read":2,"written":4},[97,226,130,172],{"read":1,"written":3}]`,
		`return new TextDecoder().decode(new Uint8Array([97, 195, 164, 226, 130, 172, 240, 159, 152, 128]))`:                                                                                                                                                       `"aä€😀"`,
		`return new TextDecoder().decode(new Uint8Array([0xe2, 0x82, 0x41, 0xff, 0xc0, 0x80, 0xed, 0xa0, 0x80, 0xf0, 0x9f]))`:                                                                                                                                      `"�A�������"`,
		`const d = new TextDecoder(); return [d.decode(new Uint8Array([0xe2, 0x82]), { stream: true }), d.decode(new Uint8Array([0xac, 0xf0]), { stream: true }), d.decode()]`:                                                                                     `["","€","�"]`,
		`try { new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array([255])) } catch (e) { return e.name }`:                                                                                                                                              `"TypeError"`,
		`const bom = new Uint8Array([0xef, 0xbb, 0xbf, 97]); return [new TextDecoder().decode(bom), new TextDecoder('utf8', { ignoreBOM: true }).decode(bom).length]`:                                                                                              `["a",2]`,
		`return [new TextDecoder('latin1').decode(new Uint8Array([0x80, 0xe4, 0x41])), new TextDecoder('ISO-8859-1').encoding]`:                                                                                                                                    `["€äA","windows-1252"]`,
		`return [new TextDecoder('utf-16le').decode(new Uint8Array([0x61, 0, 0x3d, 0xd8, 0, 0xde, 0x3d, 0xd8])), new TextDecoder('utf-16be').decode(new Uint8Array([0, 0x61]))]`:                                                                                   `["a😀�","a"]`,
		`const d = new TextDecoder('utf-16le'); return [d.decode(new Uint8Array([0x61]), { stream: true }), d.decode(new Uint8Array([0, 0x3d, 0xd8]), { stream: true }), d.decode(new Uint8Array([0, 0xde]))]`:                                                     `["","a","😀"]`,
		`return new TextDecoder().decode(new Uint8Array([1, 97, 98, 2]).subarray(1, 3)) + new TextDecoder().decode(new Uint8Array([99]).buffer) + new TextDecoder().decode(new DataView(new Uint8Array([100]).buffer))`:                                            `"abcd"`,
		`try { new TextDecoder('klingon') } catch (e) { return [e.name, e.message] }`:                                                                                                                                                                              `["RangeError","TextDecoder: the encoding \"klingon\" is not known"]`,
		`return [new TextDecoder('sjis').decode(new Uint8Array([0x83, 0x65])), new TextDecoder('cp1250').decode(new Uint8Array([0x9a, 0xe8])), new TextDecoder('gbk').encoding]`:                                                                                   `["テ","šč","gbk"]`,
		`const d = new TextDecoder('big5', { fatal: true }); const first = d.decode(new Uint8Array([0xa4]), { stream: true }); const rest = d.decode(new Uint8Array([0xa4])); try { d.decode(new Uint8Array([0xff])) } catch (e) { return [first, rest, e.name] }`: `["","中","TypeError"]`,
		`try { new TextDecoder().decode('text') } catch (e) { return e.message }`:                                                                                                                                                                                  `"TextDecoder: the input must be an ArrayBuffer or a view of one, got a string"`,
	} {
		expect(t, source, want)
	}
}

func TestBase64(t *testing.T) {
	expect(t, `return [btoa('hällo\x00\xff'), atob('aORsbG8A/w=='), atob(' aGk '), atob('aGk'), btoa(''), atob('')]`, `["aORsbG8A/w==","hällo\u0000ÿ","hi","hi","",""]`)
	expect(t, `const out = []; for (const f of [() => btoa('€'), () => atob('a'), () => atob('a*==')]) { try { f() } catch (e) { out.push(e.name) } } return out`,
		`["InvalidCharacterError","InvalidCharacterError","InvalidCharacterError"]`)
}

func TestURLs(t *testing.T) {
	expect(t, `const u = new URL('../b?x=1&y=ä#h', 'https://user@example.com:8080/a/c'); u.searchParams.append('z', '2'); return [u.href, u.host, u.searchParams.get('y')]`,
		`["https://user@example.com:8080/b?x=1&y=%C3%A4&z=2#h","example.com:8080","ä"]`)
	expect(t, `const u = new URL('http://a/b?q=1'); u.search = '?z=5'; const v = new URL('http://a/b'); v.searchParams.set('y', '2'); return [u.href, u.searchParams.get('z'), v.href, String(v), JSON.stringify(v), v.search]`,
		`["http://a/b?z=5","5","http://a/b?y=2","http://a/b?y=2","\"http://a/b?y=2\"","?y=2"]`)
	expect(t, `const u = new URL('http://u:p@a:81/b?x=1#f'); u.hostname = 'c'; u.port = '443'; u.protocol = 'https'; u.pathname = '/q w'; u.hash = 'g'; u.username = 'me'; return [u.href, new URL('mailto:a@b.c?x').pathname]`,
		`["https://me:p@c/q%20w?x=1#g","a@b.c"]`)
	expect(t, `return [URL.canParse('nope'), URL.canParse('nope', 'http://a'), URL.parse('x', 'http://a').href, URL.parse('x')]`, `[false,true,"http://a/x",null]`)
	expect(t, `try { new URL('nope') } catch (e) { return [e instanceof TypeError, e.code] }`, `[true,"ERR_INVALID_URL"]`)
	expect(t, `return new URLSearchParams({ a: '1', b: 'x y' }).toString()`, `"a=1&b=x+y"`)
}

func TestPerformanceUsesTheClockOfTheVM(t *testing.T) {
	c := clock.NewVirtual(time.Unix(100, 0))
	v := vm.New(vm.Options{Clock: c})
	if _, err := web.Install(v); err != nil {
		t.Fatal(err)
	}
	c.Advance(1500 * time.Microsecond)
	if got, err := runIn(t, v, `return [performance.now(), performance.timeOrigin, new Event('e').timeStamp]`); err != nil || got != "[1.5,100000,1.5]" {
		t.Errorf("%s, %v", got, err)
	}
}

func TestCrypto(t *testing.T) {
	expect(t, `const a = crypto.randomUUID(); return [/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(a), a !== crypto.randomUUID()]`, `[true,true]`)
	expect(t, `const b = new Uint32Array(64); const same = crypto.getRandomValues(b) === b; const part = new Uint8Array(10); crypto.getRandomValues(part.subarray(2, 10))
		return [same, new Set(b).size > 60, part[0], part[1]]`, `[true,true,0,0]`)
	expect(t, `const out = []; for (const f of [() => crypto.getRandomValues(new Float32Array(1)), () => crypto.getRandomValues([]), () => crypto.getRandomValues(new Uint8Array(70000))]) { try { f() } catch (e) { out.push(e.name) } } return out`,
		`["TypeMismatchError","TypeMismatchError","QuotaExceededError"]`)
}
