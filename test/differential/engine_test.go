package differential

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/hatchet-js/hatchet-js-worker/engine/local"
	"github.com/hatchet-js/hatchet-js-worker/sdk"
)

// watch keeps what a worker and an embedded engine tell, by run, and wakes who
// waits for it.
type watch struct {
	mu      sync.Mutex
	worker  map[string][]sdk.Notice
	engine  map[string][]local.Event
	changed chan struct{}
	serving chan error // what the worker says first
}

func newWatch() *watch {
	return &watch{
		worker: map[string][]sdk.Notice{}, engine: map[string][]local.Event{},
		changed: make(chan struct{}), serving: make(chan error, 1),
	}
}

func (w *watch) note(add func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	add()
	close(w.changed)
	w.changed = make(chan struct{})
}

// told is the observer of the worker.
func (w *watch) told(n sdk.Notice) {
	switch n := n.(type) {
	case sdk.TaskStarted:
		w.note(func() { w.worker[n.RunID] = append(w.worker[n.RunID], n) })
	case sdk.TaskFinished:
		w.note(func() { w.worker[n.RunID] = append(w.worker[n.RunID], n) })
	case sdk.ScriptsLoaded:
		for _, file := range n.Files {
			if file.Error != nil {
				w.say(fmt.Errorf("%s:%d: %s", file.Path, file.Error.Line, file.Error.Message))
			}
		}
	case sdk.ScriptsRefused:
		w.say(n.Err)
	case sdk.WorkerState:
		if n.State == "connected" {
			w.say(nil)
		}
	}
}

func (w *watch) say(err error) {
	select {
	case w.serving <- err:
	default:
	}
}

// happened is the observer of the embedded engine.
func (w *watch) happened(e local.Event) {
	var run string
	switch e := e.(type) {
	case local.TaskStarted:
		run = e.RunID
	case local.TaskFinished:
		run = e.RunID
	case local.RunFinished:
		run = e.RunID
	default:
		return
	}
	w.note(func() { w.engine[run] = append(w.engine[run], e) })
}

// until waits for something to become true of what is told; the watch is locked
// while it is asked.
func (w *watch) until(ctx context.Context, is func() bool) error {
	for {
		w.mu.Lock()
		done, changed := is(), w.changed
		w.mu.Unlock()
		if done {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// progress is which attempts of a run's tasks have begun and ended last.
type progress struct{ begun, ended map[string]int }

// progress reads what the worker has told of a run, or what the engine has: a
// worker knows the end of an attempt before the engine does, and its beginning
// after it.
func (w *watch) progress(run string, engine bool) progress {
	p := progress{map[string]int{}, map[string]int{}}
	for _, n := range w.worker[run] {
		switch n := n.(type) {
		case sdk.TaskStarted:
			p.begun[n.Task] = n.Number
		case sdk.TaskFinished:
			p.ended[n.Task] = n.Number
		}
	}
	if engine {
		clear(p.ended)
	}
	for _, e := range w.engine[run] {
		if e, ok := e.(local.TaskFinished); ok {
			p.ended[e.Task] = e.Attempt
		}
	}
	return p
}

// embedded runs an engine as long as the test, and tells how to join it.
func embedded(t *testing.T, w *watch) func(string) (string, bool) {
	engine := local.New(local.Options{GRPCAddr: "127.0.0.1:0", HTTPAddr: "127.0.0.1:0", Observer: w.happened})
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- engine.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	select {
	case <-engine.Started():
	case err := <-ended:
		ended <- err
		t.Fatal(err)
	}
	settings := map[string]string{
		"HATCHET_CLIENT_TOKEN":        engine.Token(),
		"HATCHET_CLIENT_HOST_PORT":    engine.Addr(),
		"HATCHET_CLIENT_SERVER_URL":   "http://" + engine.HTTPAddr(),
		"HATCHET_CLIENT_TLS_STRATEGY": "none",
	}
	return func(name string) (string, bool) {
		value, known := settings[name]
		return value, known
	}
}

// serve joins a worker for the plans, as long as the test.
func serve(t *testing.T, server sdk.Server, w *watch, plans []plan) {
	worker, err := sdk.New(sdk.Options{
		Server: server, Name: "differential", Slots: workerSlots, Drain: -1, Observer: w.told, Paths: []string{script(t, plans)},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- worker.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	select {
	case err = <-w.serving:
	case err = <-ended:
		ended <- err
	}
	if err != nil {
		t.Fatal(err)
	}
}

// script writes the file that declares the plans' workflows.
func script(t *testing.T, plans []plan) string {
	source, err := os.ReadFile(filepath.Join("testdata", "cases.js.txt"))
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(plans)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "cases.js")
	text := strings.Replace(string(source), "$PLANS", string(data), 1)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
