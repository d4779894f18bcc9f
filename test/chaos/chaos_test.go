// Package chaos takes engines, connections and code away while runs are in
// flight, and checks that nothing is lost and nothing is recorded twice.
package chaos

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/sdk"
	"go.uber.org/goleak"
)

// The regular expression library keeps a clock running for a second after the
// last match that it timed.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/dlclark/regexp2/v2.runClock"))
}

// patience bounds every wait; it is far above what a slow machine needs.
const patience = 3 * time.Minute

// write puts a script into dir the way editors do: a new file renamed over the
// old one.
func write(t *testing.T, dir, name, text string) {
	t.Helper()
	fresh := filepath.Join(dir, "."+name+".new")
	if err := os.WriteFile(fresh, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(fresh, filepath.Join(dir, name)); err != nil {
		t.Fatal(err)
	}
}

// journal collects events and lets a test wait for one.
type journal struct {
	mu      sync.Mutex
	events  []sdk.Notice
	changed chan struct{}
}

func newJournal() *journal { return &journal{changed: make(chan struct{})} }

func (j *journal) observe(e sdk.Notice) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.events = append(j.events, e)
	close(j.changed)
	j.changed = make(chan struct{})
}

// await waits until the events so far satisfy enough.
func (j *journal) await(ctx context.Context, what string, enough func([]sdk.Notice) bool) error {
	for {
		j.mu.Lock()
		changed, done := j.changed, enough(j.events)
		j.mu.Unlock()
		if done {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("wait for %s: %w", what, context.Cause(ctx))
		}
	}
}

func count[T sdk.Notice](events []sdk.Notice, match func(T) bool) int {
	n := 0
	for _, e := range events {
		if typed, ok := e.(T); ok && match(typed) {
			n++
		}
	}
	return n
}

// serve runs a worker for dir on server until f returns.
func serve(ctx context.Context, t *testing.T, options sdk.Options, j *journal, f func() error) error {
	t.Helper()
	options.Observer = j.observe
	worker, err := sdk.New(options)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- worker.Run(ctx) }()
	err = j.await(ctx, "the worker to connect", func(events []sdk.Notice) bool {
		return count(events, func(s sdk.WorkerState) bool { return s.State == "connected" }) > 0
	})
	if err == nil {
		err = f()
	}
	stop()
	if ended := <-ended; err == nil {
		err = ended
	}
	return err
}

// triggerAll starts n runs and returns their ids.
func triggerAll(ctx context.Context, client *sdk.Client, workflow string, n int) ([]string, error) {
	ids := make([]string, n)
	for i := range ids {
		id, err := client.Trigger(ctx, workflow, json.RawMessage(fmt.Sprintf(`{"n":%d}`, i)), sdk.RunOptions{})
		if err != nil {
			return nil, fmt.Errorf("trigger %d: %w", i, err)
		}
		ids[i] = id
	}
	return ids, nil
}

// waitAll waits for every run and returns them in order.
func waitAll(ctx context.Context, client *sdk.Client, ids []string) ([]*sdk.Run, error) {
	runs := make([]*sdk.Run, len(ids))
	for i, id := range ids {
		run, err := client.Wait(ctx, id)
		if err != nil {
			return nil, fmt.Errorf("wait for run %d of %d (%s): %w", i, len(ids), id, err)
		}
		runs[i] = run
	}
	return runs, nil
}

func background(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}
