package scripts_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/hatchet-js/hatchet-js-worker/scripts"
	"github.com/hatchet-js/hatchet-js-worker/scripts/discover"
	"github.com/hatchet-js/hatchet-js-worker/scripts/watch"
)

func TestLoad(t *testing.T) {
	w := newWorld(t, `
-- w/billing.ts --
import { amount } from './lib/amount'
workflow('invoice').task('charge', (input: unknown) => ({ amount: amount() })).onFailure(() => {})
workflow.task('dunning', async () => 'sent')
-- w/lib/amount.ts --
export const amount = (): number => 7
-- w/broken.js --
workflow.task('a', () => {}
-- w/throws.js --
throw new Error('not today')
-- w/z.js --
workflow.task('z', () => 'z')
`)
	s := w.load()
	w.expect("files", files(s), strings.TrimSpace(`
billing.ts serving gen 1
broken.js not loaded
lib/amount.ts no workflow declared
throws.js not loaded
z.js serving gen 1`))
	w.expectWorkflows("invoice", "dunning", "z")
	w.expect("charge", run(s, "invoice:charge"), `{"amount":7}`)
	w.expect("dunning", run(s, "dunning:dunning"), `"sent"`)
	w.expect("z", run(s, "z:z"), `"z"`)
	if s.Runners["invoice:on-failure"] == nil && len(s.Runners) != 4 {
		t.Errorf("runners %v", s.Runners)
	}
	w.expect("broken", s.Files[1].Error.Error(), `w/broken.js:2:1: expected ")" but found end of file`)
	if got := s.Files[3].Error.Error(); !strings.HasPrefix(got, "w/throws.js:1:7: ") || !strings.Contains(got, "not today") {
		t.Errorf("throws: %s", got)
	}
	if s != w.set.Snapshot() {
		t.Error("Snapshot is another one")
	}
}

func TestLoadOfBadPaths(t *testing.T) {
	w := newWorld(t, "-- w/README.md --\n")
	if _, err := w.set.Load(context.Background()); !errors.Is(err, discover.ErrEmpty) {
		t.Errorf("empty folder: %v", err)
	}
	missing := scripts.New([]string{w.at("nowhere")}, scripts.Options{})
	if _, err := missing.Load(context.Background()); !errors.Is(err, discover.ErrNotFound) {
		t.Errorf("missing folder: %v", err)
	}
}

func TestLoadEndsWithItsContext(t *testing.T) {
	w := newWorld(t, "-- w/a.js --\nawait new Promise(() => setTimeout(() => {}, 1e6))\n")
	cause := errors.New("enough")
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(cause)
	if _, err := w.set.Load(ctx); !errors.Is(err, cause) {
		t.Errorf("got %v", err)
	}
}

func TestReloadOfAChangedFile(t *testing.T) {
	w := newWorld(t, "-- w/a.js --\n"+task("a", "1")+"-- w/b.js --\n"+task("b", "1"))
	first := w.load()
	second := w.save("-- w/a.js --\n" + task("a", "2"))
	w.expect("files", files(second), "a.js serving gen 2\nb.js serving gen 1")
	w.expect("changes", changes(second), "reloaded a.js")
	w.expect("a", run(second, "a:a"), `"2"`)
	w.expect("a on its first generation", run(first, "a:a"), `"1"`)
	if first.Files[1].Serving != second.Files[1].Serving {
		t.Error("b.js was loaded again")
	}
}

func TestReloadTellsWhatChanged(t *testing.T) {
	w := newWorld(t, "-- w/a.js --\nworkflow('a').task('charge', () => 1).retries(3).task('old', () => 2)\n")
	w.expect("changes", changes(w.load()), "loaded a.js: +workflow a")
	s := w.save("-- w/a.js --\nworkflow('a').task('charge', () => 1).retries(5).task('refund', () => 2)\n")
	w.expect("changes", changes(s), "reloaded a.js: charge: retries 3→5, +refund, -old")
	s = w.save("-- w/a.js --\nworkflow('a').task('charge', () => 1).retries(5)\nworkflow.task('b', () => 1)\n")
	w.expect("changes", changes(s), "reloaded a.js: a -refund, +workflow b")
}

func TestABrokenSaveKeepsWhatServes(t *testing.T) {
	w := newWorld(t, "-- w/a.js --\n"+task("a", "1"))
	w.load()
	for _, broken := range []string{
		"workflow.task('a', () => {\n", "throw new Error('1')\n", "import './gone'\n", "workflow.task('a', { nonsense: 1 }, () => 1)\n",
		"workflow('a').task('x', { parents: ['gone'] }, () => 1)\n",
	} {
		s := w.save("-- w/a.js --\n" + broken)
		w.expect("files", files(s), "a.js not loaded gen 1")
		w.expect("changes", changes(s), "failed a.js")
		w.expect("a", run(s, "a:a"), `"1"`)
		w.expectWorkflows("a")
		if d := s.Changes[0].File.Error.Diagnostics[0]; d.Line != 1 && d.Line != 2 || !strings.Contains(d.Frame, "^ ") {
			t.Errorf("%q: %+v", broken, d)
		}
	}
	s := w.save("-- w/a.js --\n" + task("a", "2"))
	w.expect("files", files(s), "a.js serving gen 2")
	w.expect("a", run(s, "a:a"), `"2"`)
}

func TestUndoingABrokenSave(t *testing.T) {
	w := newWorld(t, "-- w/a.js --\n"+task("a", "1"))
	first := w.load()
	w.save("-- w/a.js --\n(\n")
	s := w.save("-- w/a.js --\n" + task("a", "1"))
	w.expect("files", files(s), "a.js serving gen 1")
	w.expect("changes", changes(s), "restored a.js")
	if s.Files[0].Serving != first.Files[0].Serving {
		t.Error("the same content is another generation")
	}
}

func TestAHelperReloadsItsImportersOnly(t *testing.T) {
	w := newWorld(t, `
-- w/a.js --
import { v } from '../lib/shared.js'
workflow.task('a', () => v)
-- w/b.js --
import { v } from './inner.js'
workflow.task('b', () => v)
-- w/inner.js --
export { v } from '../lib/shared.js'
-- w/c.js --
workflow.task('c', () => 'c')
-- lib/shared.js --
export const v = 1
`)
	first := w.load()
	s := w.save("-- lib/shared.js --\nexport const v = 2\n")
	w.expect("files", files(s), "a.js serving gen 2\nb.js serving gen 2\nc.js serving gen 1\ninner.js no workflow declared")
	w.expect("a and b", run(s, "a:a")+run(s, "b:b"), "22")
	if first.Files[2].Serving != s.Files[2].Serving {
		t.Error("c.js was loaded again")
	}
	s = w.save("-- lib/shared.js --\nexport const\n")
	w.expect("changes", changes(s), "failed a.js\nfailed b.js\nfailed inner.js")
	w.expect("a", run(s, "a:a"), "2")
	if got := s.Changes[0].File.Error.Error(); !strings.HasPrefix(got, "lib/shared.js:2:1: ") {
		t.Errorf("got %s", got)
	}
	s = w.save("-- lib/shared.js --\nexport const v = 3\n")
	w.expect("a and b", run(s, "a:a")+run(s, "b:b"), "33")
}

func TestAFileThatFailsToEvaluateIsNotTriedAgainInVain(t *testing.T) {
	w := newWorld(t, "-- w/a.js --\nimport { fails } from './fails.js'\nfails()\n-- w/fails.js --\nexport const fails = () => { throw new Error(Math.random()) }\n-- w/b.js --\n"+task("b", "1"))
	before := w.load().Files[0].Error
	s := w.save("-- w/b.js --\n" + task("b", "2"))
	if s.Files[0].Error != before {
		t.Error("it was tried again")
	}
	s = w.save("-- w/fails.js --\nexport const fails = () => {}\n")
	w.expect("files", files(s), "a.js no workflow declared\nb.js serving gen 2\nfails.js no workflow declared")
}

func TestAMissingImportThatAppears(t *testing.T) {
	w := newWorld(t, "-- w/a.js --\nimport { v } from './late.js'\nworkflow.task('a', () => v)\n-- w/b.js --\n"+task("b", "b"))
	w.expect("files", files(w.load()), "a.js not loaded\nb.js serving gen 1")
	s := w.save("-- w/b.js --\n" + task("b", "2"))
	w.expect("changes", changes(s), "reloaded b.js") // a.js fails as before: not worth a word
	s = w.save("-- w/late.js --\nexport const v = 'v'\n")
	w.expect("changes", changes(s), "loaded a.js: +workflow a\nloaded late.js")
	w.expect("a", run(s, "a:a"), `"v"`)
}

func TestSettingsReloadWhatTheyConcern(t *testing.T) {
	w := newWorld(t, `
-- w/a.js --
import { v } from '#v'
workflow.task('a', () => v)
-- w/package.json --
{ "imports": { "#v": "./one.js" } }
-- w/one.js --
export const v = 1
-- w/two.js --
export const v = 2
`)
	w.load()
	s := w.save("-- w/package.json --\n{ \"imports\": { \"#v\": \"./two.js\" } }\n")
	w.expect("a", run(s, "a:a"), "2")
	w.expect("changes", changes(s), "reloaded a.js")
}

func TestDeletedFiles(t *testing.T) {
	w := newWorld(t, "-- w/a.js --\n"+task("a", "a")+"-- w/b.js --\n"+task("b", "b")+"-- w/c.js --\n(\n")
	first := w.load()
	s := w.delete("w/a.js", "w/c.js")
	w.expect("files", files(s), "b.js serving gen 1")
	w.expect("changes", changes(s), "removed a.js: -workflow a\nremoved c.js")
	w.expectWorkflows("b")
	w.expect("a", run(s, "a:a"), "no runner")
	w.expect("a of the first snapshot", run(first, "a:a"), `"a"`)
	w.expect("everything", files(w.delete("w")), "")
	w.expectWorkflows()
	s = w.save("-- w/a.js --\n" + task("a", "again"))
	w.expect("files", files(s), "a.js serving gen 1")
}

func TestAFileThatIsAwayForAMomentServesOn(t *testing.T) {
	w := newWorld(t, "-- w/a.js --\n"+task("a", "a")+"-- w/b.js --\n"+task("b", "b"))
	w.load()
	w.do(os.Rename(w.at("w/b.js"), w.at("w/b.js~")))
	s := w.save("-- w/a.js --\n" + task("a", "2")) // b.js is not said to be removed
	w.expect("changes", changes(s), "reloaded a.js")
	w.expect("b", run(s, "b:b"), `"b"`)
	w.do(os.Rename(w.at("w/b.js~"), w.at("w/b.js")))
	s = w.reload(watch.Batch{Changed: []string{w.at("w/b.js")}})
	w.expect("files", files(s), "a.js serving gen 2\nb.js serving gen 1")
	w.expect("changes", changes(s), "")
}

func TestRenamedFiles(t *testing.T) {
	w := newWorld(t, "-- w/a.js --\n"+task("a", "1")+"-- w/b.js --\n"+task("b", "1"))
	w.load()
	w.save("-- w/a.js --\n" + task("a", "2"))
	w.do(os.Rename(w.at("w/a.js"), w.at("w/moved.js")))
	s := w.reload(watch.Batch{Removed: []string{w.at("w/a.js")}, Added: []string{w.at("w/moved.js")}})
	w.expect("changes", changes(s), "renamed moved.js from a.js")
	w.expect("files", files(s), "b.js serving gen 1\nmoved.js serving gen 2")
	w.expectWorkflows("b", "a")

	w.do(os.Remove(w.at("w/moved.js")))
	w.write("w/again.ts", task("a", "3"))
	s = w.reload(watch.Batch{Removed: []string{w.at("w/moved.js")}, Added: []string{w.at("w/again.ts")}})
	w.expect("changes", changes(s), "renamed again.ts from moved.js")
	w.expect("files", files(s), "again.ts serving gen 3\nb.js serving gen 1")
	w.expect("a", run(s, "a:a"), `"3"`)
}
