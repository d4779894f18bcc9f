package scripts_test

import (
	"os"
	"strings"
	"testing"

	"github.com/hatchet-js/hatchet-js-worker/scripts/watch"
)

func TestDuplicatesAtTheFirstLoad(t *testing.T) {
	w := newWorld(t, "-- w/a.js --\n\n"+task("Same", "a")+"-- w/b.js --\n"+task("same", "b")+"-- w/c.js --\n"+task("c", "c"))
	s := w.load()
	w.expect("files", files(s), "a.js serving gen 1\nb.js not loaded\nc.js serving gen 1")
	got := s.Files[1].Error.Error()
	if !strings.HasPrefix(got, "w/b.js:1:") || !strings.Contains(got, `workflow "same" is already declared at w/a.js:2:`) {
		t.Errorf("got %s", got)
	}
	if notes := s.Files[1].Error.Diagnostics[0].Notes; len(notes) != 1 || notes[0].File != "w/a.js" {
		t.Errorf("notes %+v", notes)
	}
}

func TestDuplicatesInOneFile(t *testing.T) {
	w := newWorld(t, "-- w/a.js --\n"+task("same", "a")+task("same", "b"))
	got := w.load().Files[0].Error.Error()
	if !strings.HasPrefix(got, "w/a.js:2:") || !strings.Contains(got, "w/a.js:1:") {
		t.Errorf("got %s", got)
	}
}

func TestTheFileThatServedANameKeepsIt(t *testing.T) {
	w := newWorld(t, "-- w/b.js --\n"+task("b", "b")+"-- w/c.js --\n"+task("c", "c"))
	w.load()
	s := w.save("-- w/a.js --\n" + task("b", "thief")) // sorts before b.js
	w.expect("files", files(s), "a.js not loaded\nb.js serving gen 1\nc.js serving gen 1")
	s = w.save("-- w/c.js --\n" + task("b", "thief"))
	w.expect("files", files(s), "a.js not loaded\nb.js serving gen 1\nc.js not loaded gen 1")
	w.expectWorkflows("b", "c")
	w.expect("b and c", run(s, "b:b")+run(s, "c:c"), `"b""c"`)

	s = w.delete("w/b.js") // the name is free: the first of those that want it gets it
	w.expect("files", files(s), "a.js serving gen 1\nc.js not loaded gen 1")
	w.expect("b", run(s, "b:b"), `"thief"`)
}

func TestAWorkflowMovesFromFileToFile(t *testing.T) {
	w := newWorld(t, "-- w/a.js --\n"+task("x", "a")+task("y", "a")+"-- w/b.js --\n"+task("z", "b"))
	w.load()
	s := w.save("-- w/a.js --\n" + task("y", "a") + "-- w/b.js --\n" + task("z", "b") + task("x", "b"))
	w.expect("files", files(s), "a.js serving gen 2\nb.js serving gen 2")
	w.expect("x", run(s, "x:x"), `"b"`)
}

func TestARejectedVersionTakesItsNamesBack(t *testing.T) {
	w := newWorld(t, "-- w/a.js --\n"+task("x", "a")+"-- w/b.js --\n"+task("y", "b"))
	w.load()
	// a.js gives up x and claims y, which b.js keeps; so a.js goes on with x,
	// and c.js, which seemed to get it, does not.
	s := w.save("-- w/a.js --\n" + task("y", "a") + "-- w/c.js --\n" + task("x", "c"))
	w.expect("files", files(s), "a.js not loaded gen 1\nb.js serving gen 1\nc.js not loaded")
	w.expect("x and y", run(s, "x:x")+run(s, "y:y"), `"a""b"`)
}

func TestARenamedFileKeepsItsNames(t *testing.T) {
	w := newWorld(t, "-- w/m.js --\n"+task("x", "m"))
	w.load()
	w.do(os.Rename(w.at("w/m.js"), w.at("w/z.js")))
	w.write("w/a.js", task("x", "thief")+task("other", "thief"))
	s := w.reload(watch.Batch{Removed: []string{w.at("w/m.js")}, Added: []string{w.at("w/a.js"), w.at("w/z.js")}})
	w.expect("files", files(s), "a.js not loaded\nz.js serving gen 1")
	w.expect("x", run(s, "x:x"), `"m"`)
}

func TestAnImportedWorkflowIsServedByTheFileThatDeclaresIt(t *testing.T) {
	w := newWorld(t, "-- w/a.js --\nimport { x } from './lib/x'\nexport const y = x\n-- w/lib/x.js --\nexport const x = "+task("x", "x")+"-- w/z.js --\nimport './lib/x'\n"+task("z", "z"))
	s := w.load()
	w.expect("files", files(s), "a.js no workflow declared\nlib/x.js serving gen 1\nz.js serving gen 1")
	w.expectWorkflows("x", "z")
	w.expect("x", run(s, "x:x"), `"x"`)

	s = w.save("-- w/lib/x.js --\n\n\nexport const x = " + task("x", "more"))
	w.expect("x", run(s, "x:x"), `"more"`)
	w.expectWorkflows("x", "z")
}
