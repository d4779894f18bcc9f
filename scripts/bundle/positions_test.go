package bundle_test

import (
	"strings"
	"testing"

	"github.com/dop251/goja"
)

// frames are the places of a stack that lie in files.
func frames(stack string) []string {
	var list []string
	for _, line := range strings.Split(strings.TrimSpace(stack), "\n")[1:] {
		line = strings.TrimPrefix(strings.TrimSpace(line), "at ")
		if open := strings.LastIndexByte(line, '('); strings.HasSuffix(line, ")") && open > 0 {
			head := line[:open]
			if place, inner, found := strings.Cut(head, " ("); found { // name (file:1:2(3))
				head = inner
				_ = place
			}
			line = head
		}
		list = append(list, line)
	}
	return list
}

func expectFirstFrames(t *testing.T, stack string, want ...string) {
	t.Helper()
	got := frames(stack)
	for i, place := range want {
		if i >= len(got) || !strings.HasSuffix(got[i], place) || strings.HasSuffix(place, got[i]) && place != got[i] {
			t.Errorf("frame %d is not %s in:\n%s", i, place, stack)
			return
		}
	}
}

func TestPositionsOfTypeScript(t *testing.T) {
	dir := folder(t, `
-- src/main.ts --
interface Order {
  id: string
}

enum E { A }
async function pay(order: Order): Promise<void> {
    if (order.id) { const x: any = null; throw new Error('declined') }
}
class Shop {
  private readonly n: number = 1;
  async buy<T extends Order>(o: T) { return (await Promise.resolve(1), pay)(o) }
}
await new Shop().buy({ id: '1' })
`)
	stack := stackOf(t, dir, "src/main.ts")
	expectFirstFrames(t, stack, "src/main.ts:7:48", "src/main.ts:11:72", "src/main.ts:13:18")
}

func TestPositionsAfterLoweringAwaitAndImports(t *testing.T) {
	dir := folder(t, `
-- main.js --
import { each } from './lib/each.ts'
import thrower from 'pkg'
await null
for await (const x of each()) {
  using y = { [Symbol.dispose]() {} }
  thrower(x)
}
-- lib/each.ts --
export async function* each(): AsyncGenerator<number> { yield 1 }
-- node_modules/pkg/package.json --
{"main":"index.js"}
-- node_modules/pkg/index.js --
'use strict';
// comment
module.exports = function thrower(x) {
  /* ä */ return x.y.z
}
`)
	stack := stackOf(t, dir, "main.js")
	expectFirstFrames(t, stack, "node_modules/pkg/index.js:4:22", "main.js:6:3")
}

func TestPositionsOnLinesThatAreNotASCII(t *testing.T) {
	dir := folder(t, "-- main.js --\nconst s = '😀ßäö漢'; /* ü */ const f = (a) => { throw new Error(s) }; 'ü'; f(1)\n")
	stack := stackOf(t, dir, "main.js")
	// Columns count UTF-16 units from 1: the emoji takes two.
	expectFirstFrames(t, stack, "main.js:1:54", "main.js:1:75")
}

func TestNamesAreShownAsTheyAre(t *testing.T) {
	dir := folder(t, "-- my folder/größe %41 [1] #2?.js --\n\nnull.x\n")
	expectFirstFrames(t, stackOf(t, dir, "my folder/größe %41 [1] #2?.js"), "my folder/größe %41 [1] #2?.js:2:6")
}

func TestFilesBehindLinksShowTheirLogicalNames(t *testing.T) {
	dir := folder(t, `
-- ..2026_01/main.js --
import { f } from './lib.js'
f()
-- ..2026_01/lib.js --
export function f() { throw new Error('x') }
-- ..data -> ..2026_01 --
-- main.js -> ..data/main.js --
-- lib.js -> ..data/lib.js --
`)
	expectFirstFrames(t, stackOf(t, dir, "main.js"), "lib.js:1:29", "main.js:2:1")
	b := mustBuild(t, dir, "main.js")
	if want := dir + "/lib.js " + dir + "/main.js"; strings.Join(paths(b.Inputs), " ") != want {
		t.Errorf("inputs %v, want %v", b.Inputs, want)
	}
	if text, ok := b.Source("lib.js"); !ok || !strings.Contains(text, "throw") {
		t.Errorf("source of lib.js: %q, %v", text, ok)
	}
}

func TestFilesOutsideOfTheBaseShowTheirWholePath(t *testing.T) {
	dir := folder(t, "-- a/main.js --\nimport '../b/lib.js'\n-- b/lib.js --\nnull.x\n")
	b, err := buildAt(dir+"/a", dir+"/a/main.js")
	if err != nil {
		t.Fatal(err)
	}
	_, end := run(t, b)
	stack := end.Result().(*goja.Object).Get("stack").String()
	expectFirstFrames(t, stack, dir+"/b/lib.js:1:6")
}

func TestNoFrameLeadsToGeneratedCode(t *testing.T) {
	dir := folder(t, "-- main.js --\nconst f = async () => { await null; null.x }\nawait f()\n")
	for _, frame := range frames(stackOf(t, dir, "main.js")) {
		if !strings.Contains(frame, "main.js:") || strings.Contains(frame, "<") {
			t.Errorf("frame %q", frame)
		}
	}
}
