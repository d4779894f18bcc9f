package web_test

import (
	"errors"
	"testing"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
	"github.com/hatchet-js/hatchet-js-worker/bindings/web"
)

func TestWhatCanBeCloned(t *testing.T) {
	expect(t, `const f = structuredClone({ list: [new File(['ab'], 'n.txt', { type: 'text/plain', lastModified: 5 })] }).list[0]
		return [f instanceof File, f.name, f.type, f.lastModified, await f.text(), (await structuredClone(new Blob(['x'])).text())]`, `[true,"n.txt","text/plain",5,"ab","x"]`)
	expect(t, `const e = structuredClone(new DOMException('m', 'AbortError')); return [e instanceof DOMException, e.name, e.message]`, `[true,"AbortError","m"]`)
	expect(t, `return [new URL('http://a'), new Headers(), new Response(''), new EventTarget(), new ReadableStream(), new AbortController().signal, new MessageChannel().port1].map((value) => {
		try { structuredClone({ value }); return 'cloned' } catch (e) { return e.name } }).join()`,
		`"DataCloneError,DataCloneError,DataCloneError,DataCloneError,DataCloneError,DataCloneError,DataCloneError"`)
	expect(t, `class URL2 { get [Symbol.toStringTag]() { return 'URL' } }; return structuredClone(Object.assign(new URL2(), { a: 1 }))`, `{"a":1}`)
	expect(t, `const b = new ArrayBuffer(4); try { structuredClone([b, () => {}], { transfer: [b] }) } catch (e) { return [e.name, b.byteLength] }`, `["DataCloneError",4]`)
}

func TestNavigator(t *testing.T) {
	expect(t, `return [navigator.userAgent, navigator.hardwareConcurrency > 0, navigator.language, navigator.languages]`, `["hatchet-js-worker",true,"en-US",["en-US"]]`)
}

// A run does not wait for messages that nobody can send.
func TestPortsKeepNoRunAlive(t *testing.T) {
	expect(t, `const { port1, port2 } = new MessageChannel(); port2.onmessage = () => {}; new BroadcastChannel('n').onmessage = () => {}; return 1`, `1`)
	_, err := run(t, `await new Promise((resolve) => { new MessageChannel().port1.onmessage = resolve })`)
	var stalled *vm.StalledError
	if !errors.As(err, &stalled) {
		t.Errorf("got %v", err)
	}
}

// Channels end with the run that made them; those of a file that was loaded stay.
func TestChannelsOfOtherRunsAreDeaf(t *testing.T) {
	door, err := permit.NewDoor(permit.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	v := vm.New(vm.Options{})
	if _, err := web.Install(v); err != nil {
		t.Fatal(err)
	}
	enter := func(id, source string) (got string) {
		t.Helper()
		run, ctx := door.Enter(t.Context(), permit.Task{Workflow: "w", Task: "a", Run: id})
		defer run.Leave()
		err := v.Run(ctx, vm.Call{
			Start: func() (goja.Value, error) {
				return v.Runtime().RunString("(async () => {\n" + source + "\n})()")
			},
			Settle: func(value goja.Value) error { got = value.String(); return nil },
		})
		if err != nil {
			t.Errorf("%s: %v", source, err)
		}
		return got
	}
	enter("", `globalThis.heard = []; globalThis.kept = new BroadcastChannel('n'); kept.onmessage = (e) => heard.push('loaded ' + e.data)`)
	enter("1", `new BroadcastChannel('n').onmessage = (e) => heard.push('first ' + e.data)`)
	got := enter("2", `new BroadcastChannel('n').onmessage = (e) => heard.push('second ' + e.data)
		new BroadcastChannel('n').postMessage(1); await new Promise((resolve) => setTimeout(resolve, 1)); return heard.join()`)
	if want := "loaded 1,second 1"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
