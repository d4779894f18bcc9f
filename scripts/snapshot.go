package scripts

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
	"github.com/hatchet-js/hatchet-js-worker/scripts/diagnostic"
	"github.com/hatchet-js/hatchet-js-worker/scripts/generation"
)

// Snapshot is what a set serves at one time. It never changes.
type Snapshot struct {
	// Files are all scripts, in the order they were discovered.
	Files []FileStatus
	// Workflows are those of all versions that serve, in the order of Files.
	Workflows []*workflow.Workflow
	// Runners run the tasks, on-failure tasks included, by their action ids
	// without namespace (workflow.ActionID).
	Runners map[string]generation.Runner
	// Tasks are the declarations of the same keys.
	Tasks map[string]*workflow.Task
	// Changes are what this load or reload did, in the order of Files, removed
	// ones last.
	Changes []Change
}

// State says how a file fares.
type State string

const (
	// Serving is a file whose last version serves.
	Serving State = "serving"
	// NoWorkflow is a file that loads and declares nothing.
	NoWorkflow State = "no workflow declared"
	// NotLoaded is a file whose last version does not load; the one before
	// serves on, if there is one.
	NotLoaded State = "not loaded"
)

// FileStatus is how one file fares.
type FileStatus struct {
	// Path is the absolute path by which the file was found, Name what people
	// are shown.
	Path, Name string
	State      State
	// Serving is the version that serves; nil if none ever loaded.
	Serving *generation.Generation
	// Error says why the file is not loaded; nil otherwise.
	Error *diagnostic.Error
	// Older are replaced versions that had runs when the snapshot was taken,
	// the oldest first; ask them for their number and Stats.
	Older []*generation.Generation

	imported map[string]string // workflows that another file serves, in lower case, and that file
}

// Workflows are the workflows that the file serves.
func (f FileStatus) Workflows() []*workflow.Workflow {
	if f.Serving == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(f.Serving.Workflows), func(w *workflow.Workflow) bool { return f.imported[strings.ToLower(w.Name)] != "" })
}

// ServedBy are the files that serve workflows which this file has by importing
// them, or declares and another hands to its worker; sorted.
func (f FileStatus) ServedBy() []string {
	return slices.Compact(slices.Sorted(maps.Values(f.imported)))
}

// OlderRuns is how many runs are in progress on replaced versions of the file.
func (f FileStatus) OlderRuns() int {
	runs := 0
	for _, g := range f.Older {
		runs += g.Stats().Running
	}
	return runs
}

// ChangeKind says what happened to a file.
type ChangeKind string

const (
	// Loaded is the first version of a file.
	Loaded ChangeKind = "loaded"
	// Reloaded is a further version of a file.
	Reloaded ChangeKind = "reloaded"
	// Failed is a file that does not load.
	Failed ChangeKind = "failed"
	// Restored is a file that did not load and now is again what serves.
	Restored ChangeKind = "restored"
	// Renamed is a file under a new path.
	Renamed ChangeKind = "renamed"
	// Removed is a file that is gone, with its workflows.
	Removed ChangeKind = "removed"
)

// Change is what happened to one file.
type Change struct {
	Kind ChangeKind
	// File is how the file fares after the change; of a removed one, what
	// served before.
	File FileStatus
	// From is the displayed name the file had before it was renamed.
	From string
	// Diff are words for what changed in the declarations, see workflow.Diff.
	Diff []string
	// Took is how long bundling and loading took.
	Took time.Duration
}

// diff says what differs in the declarations of two versions, either of which
// may be nil. Where a file declares several workflows their names come first.
func diff(old, new *generation.Generation) []string {
	before, after := declared(old), declared(new)
	prefixed := len(before) > 1 || len(after) > 1
	var words []string
	for _, w := range after {
		was := findWorkflow(before, w.Name)
		if was == nil {
			words = append(words, "+workflow "+w.Name)
			continue
		}
		for _, word := range workflow.Diff(was, w) {
			if prefixed {
				word = w.Name + " " + word
			}
			words = append(words, word)
		}
	}
	for _, w := range before {
		if findWorkflow(after, w.Name) == nil {
			words = append(words, "-workflow "+w.Name)
		}
	}
	return words
}

func declared(g *generation.Generation) []*workflow.Workflow {
	if g == nil {
		return nil
	}
	return g.Workflows
}

// findWorkflow finds a workflow by its name, in which case does not count.
func findWorkflow(list []*workflow.Workflow, name string) *workflow.Workflow {
	for _, w := range list {
		if strings.EqualFold(w.Name, name) {
			return w
		}
	}
	return nil
}
