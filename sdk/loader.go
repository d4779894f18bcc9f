package sdk

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
	"github.com/hatchet-js/hatchet-js-worker/bindings/web"
	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
	"github.com/hatchet-js/hatchet-js-worker/scripts"
	"github.com/hatchet-js/hatchet-js-worker/scripts/bundle"
	"github.com/hatchet-js/hatchet-js-worker/scripts/diagnostic"
	"github.com/hatchet-js/hatchet-js-worker/scripts/discover"
	"github.com/hatchet-js/hatchet-js-worker/scripts/generation"
	"github.com/hatchet-js/hatchet-js-worker/scripts/isolate"
	"github.com/hatchet-js/hatchet-js-worker/sdk/js/typescript"
)

// loading is what the scripts of a worker, or of a check, are loaded with.
type loading struct {
	paths       []string
	files       fs.FS          // further scripts; nil = none
	natives     *natives       // nil = none
	modules     []NativeModule // that they may import beside the built-in ones
	permissions Permissions
	decided     func(permit.Kind, bool) // see permit.Options; nil = nobody
	isolation   Isolation
	loadTimeout time.Duration   // of a script, 0 = the default
	spawning    isolate.Options // of processes; Command, Environ and Memory are filled in
	clock       clock.Clock
	logger      *slog.Logger
	vm          vm.Options // of the scripts' VMs; Clock, Logger and MaxCPU are filled in
	check       bool       // nothing is to run
}

// loadedScripts is the set of scripts that some paths stand for, with what their
// runs take place in.
type loadedScripts struct {
	set     *scripts.Set
	paths   []string
	door    *permit.Door
	spawner *isolate.Spawner // nil unless runs have processes of their own
	heap    *vm.Heap         // nil unless it is watched
	dir     string           // temporary, of the files; "" if there are none
}

// close ends the processes, and the connections that no request uses, and removes
// what was copied.
func (s *loadedScripts) close() {
	if s.dir != "" {
		_ = os.RemoveAll(s.dir) // what is left is in the folder for that
	}
	web.CloseIdleConnections()
	if s.spawner != nil {
		s.spawner.Close()
	}
}

// scriptSet makes the set of scripts that paths stand for, and the door of their
// runs.
func scriptSet(l loading) (_ *loadedScripts, err error) {
	loaded := &loadedScripts{}
	if loaded.dir, err = unpack(l.files); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			loaded.close()
			err = inFiles(err, loaded.dir)
		}
	}()
	if loaded.dir != "" {
		l.paths = append(slices.Clone(l.paths), loaded.dir)
	}
	return loaded, loaded.load(l)
}

// load makes the set and what its runs take place in.
func (s *loadedScripts) load(l loading) error {
	base, err := os.Getwd()
	if err != nil {
		return fmt.Errorf("find the working folder: %w", err)
	}
	modules, err := registry(l.modules)
	if err != nil {
		return err
	}
	door, err := l.permissions.door(base, l)
	if err != nil {
		return err
	}
	l.vm.Clock, l.vm.Logger, l.vm.MaxCPU, l.vm.CPUAdvice = l.clock, l.logger, door.Limits().CPU, permit.LimitAdvice("cpu")
	s.door, s.paths = door, l.paths
	options := generation.Options{VM: l.vm, Modules: modules, Door: door, LoadTimeout: l.loadTimeout}
	if !l.check {
		if err := s.isolate(l, &options); err != nil {
			return err
		}
	}
	if l.natives != nil {
		options.Join = l.natives.join
	}
	s.set = scripts.New(l.paths, scripts.Options{
		Clock:      l.clock,
		Bundle:     bundle.Options{Base: base, Root: s.dir, Modules: modules, Packages: packages()},
		Generation: options,
	})
	return nil
}

// packages are the npm packages that scripts may import without having them.
func packages() []*bundle.Package { return []*bundle.Package{typescript.Face()} }

// pathError gives a path that holds no script the right kind.
func pathError(err error) error {
	switch {
	case errors.Is(err, discover.ErrEmpty):
		return withKind(err, ErrNothingToServe)
	case errors.Is(err, discover.ErrNotFound), errors.Is(err, discover.ErrNotScript):
		return withKind(err, ErrConfig)
	}
	return err
}

// allFiles describes every file of a snapshot.
func allFiles(s *scripts.Snapshot, now time.Time) []File {
	files := make([]File, len(s.Files))
	for i, file := range s.Files {
		files[i] = describeFile(file, now)
	}
	return files
}

// changedFiles describes what a reload did.
func changedFiles(s *scripts.Snapshot, now time.Time) []File {
	files := make([]File, len(s.Changes))
	for i, change := range s.Changes {
		files[i] = describeFile(change.File, now)
		files[i].Changes, files[i].Took = change.Diff, change.Took
		switch change.Kind {
		case scripts.Removed:
			files[i].Status, files[i].Workflows = FileRemoved, []DeclaredWorkflow{}
		case scripts.Renamed:
			files[i].Changes = append([]string{"was " + change.From}, change.Diff...)
		}
	}
	return files
}

func describeFile(file scripts.FileStatus, now time.Time) File {
	described := File{Path: file.Name, Status: FileLoaded, Workflows: []DeclaredWorkflow{}, OldRuns: file.OlderRuns(), ServedBy: file.ServedBy()}
	if file.Serving != nil {
		described.Generation, described.Took = file.Serving.Number, file.Serving.Took
	}
	switch file.State {
	case scripts.NotLoaded:
		described.Status, described.Error = FileFailed, fileError(file.Error)
	case scripts.NoWorkflow:
		described.Status = FileEmpty
	}
	for _, declared := range file.Workflows() {
		described.Workflows = append(described.Workflows, describeWorkflow(declared, now))
	}
	return described
}

func fileError(err *diagnostic.Error) *FileError {
	described := &FileError{Message: "does not load"}
	if err == nil || len(err.Diagnostics) == 0 {
		return described
	}
	first := err.Diagnostics[0]
	described.Message, described.Frame, described.Stack = first.Text, first.Frame, first.Stack
	described.File, described.Line, described.Column = first.File, first.Line, first.Column
	if described.File == "" {
		described.File = err.File
	}
	for _, note := range first.Notes {
		described.Notes = append(described.Notes, note.String())
	}
	for _, more := range err.Diagnostics[1:] {
		described.More = append(described.More, more.String())
	}
	return described
}

func describeWorkflow(declared *workflow.Workflow, now time.Time) DeclaredWorkflow {
	w := DeclaredWorkflow{
		Name: declared.Name, Kind: string(declared.Kind), Description: declared.Description,
		File: declared.Position.File, Line: declared.Position.Line, Column: declared.Position.Column,
		Events: declared.Events, Tasks: []DeclaredTask{}, Edges: [][2]string{},
	}
	for _, expression := range declared.Crons {
		if schedule, err := workflow.ParseCron(expression); err == nil {
			w.Crons = append(w.Crons, Cron{Expression: expression, Next: schedule.Next(now.UTC())})
		}
	}
	for _, task := range declared.Tasks {
		w.Tasks = append(w.Tasks, DeclaredTask{
			Name: task.Name, Durable: task.Durable, Parents: task.Parents, Retries: task.Retries,
			Timeout: workflow.FormatDuration(task.Timeout()), Line: task.Position.Line,
		})
		for _, parent := range task.Parents {
			w.Edges = append(w.Edges, [2]string{parent, task.Name})
		}
	}
	if declared.OnFailure != nil {
		w.OnFailure = declared.OnFailure.Name
	}
	return w
}

// LoadOptions of [Check].
type LoadOptions struct {
	Files       fs.FS          // further scripts, see [Options]; nil = none
	Clock       clock.Clock    // nil = the real one
	Modules     []NativeModule // Go functions that the scripts may import
	Tasks       []NativeTask   // tasks of Go that workflows of the scripts have
	Permissions Permissions    // for what the scripts do while they load
}

// Report is what [Check] found.
type Report struct {
	Files     []File `json:"files"`
	Workflows int    `json:"workflows"`
	Failed    int    `json:"failed"` // files that do not load
	// Warnings are doubtful permissions, and workers of a file that are one here.
	Warnings []string `json:"warnings,omitempty"`
}

// Check loads the scripts of paths and says what they declare; nothing is
// registered or run. A file that does not load is part of the report; the error
// says that a path is wrong.
func Check(ctx context.Context, paths []string, options LoadOptions) (*Report, error) {
	if options.Clock == nil {
		options.Clock = clock.Real()
	}
	natives, err := newNatives(options.Tasks)
	if err != nil {
		return nil, err
	}
	loaded, err := scriptSet(loading{
		paths: paths, files: options.Files, natives: natives, modules: options.Modules, permissions: options.Permissions, clock: options.Clock,
		logger: slog.New(slog.DiscardHandler), check: true,
	})
	if err != nil {
		return nil, err
	}
	defer loaded.close()
	snapshot, err := loaded.set.Load(ctx)
	if err != nil {
		return nil, pathError(err)
	}
	report := &Report{Files: allFiles(snapshot, options.Clock.Now()), Workflows: len(snapshot.Workflows)}
	for _, file := range report.Files {
		if file.Status == FileFailed {
			report.Failed++
		}
	}
	report.Warnings = append(loaded.doubts(snapshot, options.Permissions), joined(snapshot)...)
	return report, nil
}

// doubts are doubtful permissions.
func (s *loadedScripts) doubts(snapshot *scripts.Snapshot, permissions Permissions) []string {
	files := make([]string, len(snapshot.Files))
	for i, file := range snapshot.Files {
		files[i] = file.Path
	}
	dir, err := os.Getwd()
	if err != nil {
		return nil // the scripts were found from there a moment ago
	}
	config, err := permissions.find(dir, s.paths)
	if err != nil {
		return nil // it could be read a moment ago
	}
	return s.door.Doubts(files, config.Path)
}

// nothingServes is the error of a first load after which nothing can be served.
func nothingServes(files []File) error {
	var failed []string
	for _, file := range files {
		if file.Status == FileFailed {
			failed = append(failed, file.Path)
		}
	}
	if len(failed) == 0 {
		return withKind(errors.New("no file declares a workflow"), ErrNothingToServe)
	}
	return withKind(fmt.Errorf("no script loads: %s", strings.Join(failed, ", ")), ErrScripts)
}
