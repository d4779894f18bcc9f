package scripts

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
	"github.com/hatchet-js/hatchet-js-worker/scripts/diagnostic"
	"github.com/hatchet-js/hatchet-js-worker/scripts/generation"
)

// turnover is the change from one snapshot to the next: attempts were made,
// and it is to be decided which of them take effect.
type turnover struct {
	next     map[string]*entry
	order    []string
	attempts []*attempt
	gone     []*entry

	byEntry map[*entry]*attempt
}

// settle decides, makes the changes to the entries and describes the outcome.
func (u *turnover) settle() *Snapshot {
	u.byEntry = make(map[*entry]*attempt, len(u.attempts))
	for _, a := range u.attempts {
		u.byEntry[a.entry] = a
	}
	u.matchRenames()
	for u.rejectDuplicates() {
	}
	u.shareImported()
	s := &Snapshot{Runners: map[string]generation.Runner{}, Tasks: map[string]*workflow.Task{}}
	for _, path := range u.order {
		u.take(u.next[path], s)
	}
	for _, e := range u.gone {
		s.Changes = append(s.Changes, Change{Kind: Removed, File: e.status(), Diff: diff(e.serving, nil)})
		e.retire()
	}
	return s
}

// take makes the outcome of an entry's attempt that of the entry, and adds it
// to the snapshot.
func (u *turnover) take(e *entry, s *Snapshot) {
	var change Change
	worth := false
	if a := u.byEntry[e]; a != nil {
		change, worth = a.commit()
	}
	e.prune()
	change.File = e.status()
	s.add(change.File)
	if worth {
		s.Changes = append(s.Changes, change)
	}
}

// matchRenames finds files that are gone and came back under another path: with
// the same text, or with workflows of the same names.
func (u *turnover) matchRenames() {
	for _, a := range u.attempts {
		if !a.added || a.loaded == nil {
			continue
		}
		i := slices.IndexFunc(u.gone, func(e *entry) bool { return e.serving != nil && sameText(e.serving, a.loaded) })
		same := i >= 0
		if !same {
			i = slices.IndexFunc(u.gone, func(e *entry) bool { return e.serving != nil && sameNames(e.serving, a.loaded) })
		}
		if i < 0 {
			continue
		}
		a.from = u.gone[i]
		u.gone = slices.Delete(u.gone, i, i+1)
		a.loaded.Number = a.from.serving.Number
		if !same {
			a.loaded.Number++
		}
	}
}

func sameText(a, b *generation.Generation) bool {
	was, _ := a.Bundle.Source(a.File())
	is, _ := b.Bundle.Source(b.File())
	return was == is && sameNames(a, b)
}

func sameNames(a, b *generation.Generation) bool {
	return len(a.Workflows) > 0 && slices.Equal(names(a), names(b))
}

func names(g *generation.Generation) []string {
	list := make([]string, 0, len(g.Workflows))
	for _, w := range g.Workflows {
		list = append(list, strings.ToLower(w.Name))
	}
	slices.Sort(list)
	return list
}

// candidate is the version that will serve an entry as things stand, and
// whether it is a new one.
func (u *turnover) candidate(e *entry) (*generation.Generation, bool) {
	if a := u.byEntry[e]; a != nil && a.loaded != nil {
		return a.loaded, true
	}
	return e.serving, false
}

// served is the version that served an entry, or the file that it was.
func (u *turnover) served(e *entry) *generation.Generation {
	if a := u.byEntry[e]; a != nil {
		return a.before()
	}
	return e.serving
}

// rejectDuplicates fails new versions that declare a workflow which another
// file has: the one that served it before, or else the first that hands it to a
// worker, or else the first. A file whose new
// version is rejected goes on with its old one, and so may take a name back
// that seemed free: rejectDuplicates is called until it returns false.
func (u *turnover) rejectDuplicates() bool {
	owners := u.owners()
	rejected := false
	for _, path := range u.order {
		e := u.next[path]
		g, isNew := u.candidate(e)
		if !isNew {
			continue
		}
		var list []diagnostic.Diagnostic
		for _, w := range g.Workflows {
			if owner := owners[strings.ToLower(w.Name)]; owner.entry != e && !sameDeclaration(owner.workflow, w) {
				list = append(list, duplicate(g, w, owner.workflow))
			}
		}
		if len(list) > 0 {
			u.byEntry[e].reject(list)
			rejected = true
		}
	}
	return rejected
}

type owner struct {
	entry    *entry
	workflow *workflow.Workflow
	before   bool // it served the name before
	home     bool // the file itself declares it, and does not import it
}

func (u *turnover) owners() map[string]owner {
	owners := map[string]owner{}
	for _, path := range u.order {
		e := u.next[path]
		g, _ := u.candidate(e)
		for _, w := range declared(g) {
			key := strings.ToLower(w.Name)
			now := owner{e, w, findWorkflow(declared(u.served(e)), w.Name) != nil, w.Position.File == g.File()}
			if held, taken := owners[key]; !taken || now.beats(held) {
				owners[key] = now
			}
		}
	}
	return owners
}

// beats reports whether o has a better right to the name than the one found
// before it.
func (o owner) beats(held owner) bool {
	if sameDeclaration(o.workflow, held.workflow) {
		if o.workflow.Handed != held.workflow.Handed {
			return o.workflow.Handed
		}
		if o.home != held.home {
			return o.home
		}
	}
	if o.before != held.before {
		return o.before
	}
	return o.workflow.Handed && !held.workflow.Handed
}

// sameDeclaration reports whether two files have a workflow because they import
// the one file that declares it, or one of them is that file. Any of them can
// serve it.
func sameDeclaration(a, b *workflow.Workflow) bool {
	return a.Position.File != "" && a.Position.File == b.Position.File
}

// shareImported has each workflow that several files have by importing it served
// by one of them.
func (u *turnover) shareImported() {
	owners := u.owners()
	for _, path := range u.order {
		e := u.next[path]
		e.imported = map[string]string{}
		g, _ := u.candidate(e)
		for _, w := range declared(g) {
			if key := strings.ToLower(w.Name); owners[key].entry != e {
				server, _ := u.candidate(owners[key].entry)
				e.imported[key] = server.File()
			}
		}
	}
}

func duplicate(g *generation.Generation, w, other *workflow.Workflow) diagnostic.Diagnostic {
	text := fmt.Sprintf("workflow %q is already declared at %s; give one of the two another name", w.Name, other.Position)
	return diagnostic.Diagnostic{
		Position: w.Position,
		Text:     text,
		Frame:    g.Bundle.Frame(w.Position, text),
		Notes:    []diagnostic.Note{{Position: other.Position, Text: fmt.Sprintf("workflow %q is declared here and serves", other.Name)}},
	}
}

func (a *attempt) reject(list []diagnostic.Diagnostic) {
	a.failure = &diagnostic.Error{File: a.loaded.File(), Diagnostics: list}
	a.loaded.Retire()
	a.loaded = nil
}

// commit makes the outcome of the attempt that of its entry, and describes it
// if it is worth a word.
func (a *attempt) commit() (Change, bool) {
	e, before := a.entry, a.before()
	failedBefore := e.failure
	e.failure, e.final, e.inputs = a.failure, a.final, a.inputs
	c := Change{Took: a.took}
	switch {
	case a.failure != nil:
		c.Kind = Failed
		repeated := failedBefore != nil && failedBefore.Detail() == a.failure.Detail()
		return c, a.touched || !repeated
	case a.same:
		c.Kind = Restored
		return c, failedBefore != nil
	}
	c.Diff = diff(before, a.loaded)
	switch {
	case a.from != nil:
		c.Kind, c.From = Renamed, before.File()
		e.older, e.serving = a.from.older, before
	case before == nil:
		c.Kind = Loaded
	default:
		c.Kind = Reloaded
	}
	e.replace(a.loaded)
	return c, true
}

// retire lets the last version of a file that is gone serve out its runs.
func (e *entry) retire() {
	if e.serving != nil {
		e.serving.Retire()
	}
}

func (e *entry) status() FileStatus {
	status := FileStatus{Path: e.path, Serving: e.serving, Error: e.failure, Older: e.older, imported: e.imported}
	switch {
	case e.failure != nil:
		status.State, status.Name = NotLoaded, e.failure.File
	case len(status.Workflows()) == 0:
		status.State, status.Name = NoWorkflow, e.serving.File()
	default:
		status.State, status.Name = Serving, e.serving.File()
	}
	return status
}

// add takes the workflows of a file into the snapshot.
func (s *Snapshot) add(status FileStatus) {
	s.Files = append(s.Files, status)
	for _, w := range status.Workflows() {
		s.Workflows = append(s.Workflows, w)
		for _, t := range w.Tasks {
			s.addTask(workflow.ActionID(w.Name, t.Name), t, status.Serving)
		}
		if w.OnFailure != nil {
			s.addTask(workflow.ActionID(w.Name, workflow.OnFailureTask), w.OnFailure, status.Serving)
		}
	}
}

func (s *Snapshot) addTask(action string, t *workflow.Task, g *generation.Generation) {
	s.Runners[action], s.Tasks[action] = g, t
}
