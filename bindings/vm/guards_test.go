package vm_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
)

// What would end the process, not the task: the memory, or the stack of Go that
// natives recurse on.
func TestNativesAreRefusedWhatEndsTheProcess(t *testing.T) {
	for source, want := range map[string]string{
		`new Uint8Array(1e13)`:                                           "Uint8Array of 10000000000000 bytes: the limit for one call is 268435456",
		`new Float64Array(1e12)`:                                         "Float64Array of 8000000000000 bytes",
		`new Int8Array('1e13')`:                                          "Int8Array of",
		`new Uint16Array({ length: 1e12 })`:                              "Uint16Array of",
		`class Mine extends Uint32Array {}; new Mine(1e12)`:              "Uint32Array of",
		`Uint8Array.from({ length: 1e12 })`:                              "TypedArray.from of",
		`const a = []; a.push(a); a.flat(Infinity)`:                      "the array contains itself",
		`const a = [], b = [a, a]; a.push(b, b); a.flat(Infinity)`:       "the array contains itself",
		`let a = []; for (let i = 0; i < 1e5; i++) a = [a]; a.flat(1e9)`: "nested deeper than 500 levels",
		`new RegExp('(?:'.repeat(1e6) + ')'.repeat(1e6))`:                "nested deeper than 500 levels",
		`new RegExp('([)]'.repeat(1e6) + ')'.repeat(1e6))`:               "nested deeper than 500 levels",
		`Array(1e6).join('x'.repeat(1e6))`:                               "Array.prototype.join of 1000000000000 bytes",
		`const a = []; a.length = 2 ** 32 - 1; a.flat(Infinity)`:         "Array.prototype.flat of",
		`const a = []; a.length = 4e9; a.map((x) => x)`:                  "Array.prototype.map of 4000000000 elements: the limit for one call is 10000000",
		`const a = []; a.length = 4e9; a.sort()`:                         "Array.prototype.sort of",
		`const a = []; a.length = 4e9; a.toSorted()`:                     "Array.prototype.toSorted of",
		`const a = []; a.length = 4e9; a.toReversed()`:                   "Array.prototype.toReversed of",
		`const a = []; a.length = 4e9; a.toSpliced(1, 1)`:                "Array.prototype.toSpliced of",
		`const a = []; a.length = 4e9; a.with(1, 1)`:                     "Array.prototype.with of",
		`Array.prototype.map.call({ length: 1e12 }, String)`:             "Array.prototype.map of",
		`(() => 1).apply(null, { length: 1e9 })`:                         "apply of 1000000000 elements: the limit for one call is 10000000",
		`Reflect.apply(() => 1, null, { length: 1e9 })`:                  "Reflect.apply of",
		`BigInt.asUintN(1e12, -1n)`:                                      "BigInt.asUintN of 125000000000 bytes",
		`BigInt.asIntN(1e12, 5n)`:                                        "BigInt.asIntN of",
		`Reflect.construct(Date, { length: 1e9 })`:                       "Reflect.construct of",
	} {
		_, err := run(t.Context(), vm.New(vm.Options{}), source)
		var script *vm.ScriptError
		if !errors.As(err, &script) || !strings.Contains(err.Error(), want) || script.Position.Line != 2 {
			t.Errorf("%s: got %v; want %q", source, err, want)
		}
	}
}

func TestGuardedNativesAreAsTheLanguageSays(t *testing.T) {
	for source, want := range map[string]string{
		`return [1, [2, [3, [4]]]].flat(Infinity).join() + [1, [2, [3]]].flat().length + [[1], , [2]].flat(9).length`:                                                                              "1,2,3,432",
		`const a = new Array(2e5).fill(7, 65000, -5); return [a[64999], a[65000], a[199994], a[199995], a.length, a.indexOf(7)].join()`:                                                            ",7,7,,200000,65000",
		`const a = new Array(1e5).fill(1, -3); return a.indexOf(1) + '' + (a.fill(2) === a) + a.every((x) => x === 2) + new Array(1e5).fill(1, 9, 3).at(5)`:                                        "99997truetrueundefined",
		`return [3, 1, 2].sort().map((x) => x * 2).toSorted((a, b) => b - a).with(0, 'w').toReversed().toSpliced(0, 1).join()`:                                                                     "4,w",
		`return Math.max.apply(null, [1, 3, 2]) + Reflect.apply(Math.max, null, { length: 1, 0: 4 }) + Reflect.construct(Date, [5]).getTime() + (function () { return arguments.length }).apply()`: "12",
		`return new RegExp('([()]+)'.repeat(600)).source.length`:                                                                                                                                   "4200",
		`return new Uint8Array([1, 2, 300]).join() + Uint8Array.from(['1', '2'], Number).join('') + new Uint8Array(new ArrayBuffer(8), 2, 3).length`:                                               "1,2,44123",
		`const a = new Float64Array(3); return a.constructor === Float64Array && a instanceof Float64Array && Float64Array.BYTES_PER_ELEMENT === 8`:                                                "true",
		`return Object.getPrototypeOf(Uint8Array) === Object.getPrototypeOf(Int8Array) && Uint8Array.name + Uint8Array.length`:                                                                     "Uint8Array3",
		`class Mine extends Uint8Array { get first() { return this[0] } } const m = Mine.of(5); return m.first + '' + (m instanceof Mine) + (m instanceof Uint8Array)`:                             "5truetrue",
		`return new Uint8Array(new Set([1, 2])).length + new Uint8Array().length + '' + new Uint8Array(3).map((x) => x + 1).slice(1).subarray(1).join()`:                                           "21",
		`try { new Uint8Array(-1) } catch (e) { return e.name }`:                                                                                                                                   "RangeError",
		`try { Uint8Array = 5; return Uint8Array } finally { }`:                                                                                                                                    "5",
		`return structuredClone(new Uint16Array([1, 2])).join() + ArrayBuffer.isView(new Int8Array(1)) + new TextTest().n; function TextTest() { this.n = typeof Uint8Array }`:                     "1,2truefunction",
	} {
		expect(t, source, want)
	}
}

// A long fill is stopped by an interrupt, not abandoned.
func TestALongFillIsInterrupted(t *testing.T) {
	orphans := &vm.Orphans{}
	v := vm.New(vm.Options{AbandonAfter: 30 * time.Second, Orphans: orphans})
	ctx, cancel := context.WithTimeoutCause(t.Context(), 100*time.Millisecond, errLimit)
	defer cancel()
	_, err := run(ctx, v, `for (;;) Array(1e7).fill(0)`)
	var interrupted *vm.InterruptError
	if !errors.As(err, &interrupted) || interrupted.Position.Line != 2 || orphans.Total() != 0 {
		t.Errorf("got %v with %d orphans", err, orphans.Total())
	}
}

func TestManyRejectionsWithHandlers(t *testing.T) {
	expect(t, `const all = await Promise.allSettled(Array.from({ length: 50_000 }, (_, i) => Promise.reject(i))); return all.length`, "50000")
	_, err := run(t.Context(), vm.New(vm.Options{}),
		`const ps = [1, 2, 3].map((n) => Promise.reject(new Error('e' + n))); ps[0].catch(() => {}); ps[2].catch(() => {}); await null`)
	if err == nil || err.Error() != "unhandled rejection: e2" {
		t.Errorf("got %v", err)
	}
}
