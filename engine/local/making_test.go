package local

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/hatchet-js/hatchet-js-worker/engine/local/cel"
	"github.com/hatchet-js/hatchet-js-worker/engine/local/core"
	"github.com/hatchet-js/hatchet-js-worker/engine/local/store"
)

// desk is a core with its journal, and no loop.
type desk struct {
	testing.TB
	journal *journal
	core    *core.Core
	seeds   int
	now     time.Time
}

func openDesk(tb testing.TB, path string) *desk {
	tb.Helper()
	file, err := store.Open(tb.Context(), path, store.Options{Format: journalFormat})
	if err != nil {
		tb.Fatal(err)
	}
	d := &desk{TB: tb, now: time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)}
	config := core.Config{KeepRuns: 1 << 30, Evaluator: cel.New()}
	d.journal = &journal{store: file, config: config, log: slog.New(slog.DiscardHandler), after: 1 << 40}
	if d.core, _, err = d.journal.recover(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	return d
}

func (d *desk) must(err error) {
	d.Helper()
	if err != nil {
		d.Fatal(err)
	}
}

func (d *desk) close() {
	d.journal.settle()
	d.must(d.journal.store.Close())
}

// do applies and journals a command.
func (d *desk) do(cmd core.Command) any {
	d.Helper()
	d.now = d.now.Add(time.Millisecond)
	record, err := core.Encode(cmd)
	d.must(err)
	effects := d.core.Apply(d.now, cmd)
	d.journal.add(d.now, record)
	d.must(d.journal.commit())
	for _, e := range effects {
		if reply, ok := e.(core.Reply); ok {
			if reply.Err != nil {
				d.Fatal(reply.Err)
			}
			return reply.Value
		}
	}
	return nil
}

func (d *desk) seed() string {
	d.seeds++
	return uuid.NewSHA1(uuid.Nil, fmt.Append(nil, d.seeds)).String()
}

func (d *desk) put(name string) {
	d.do(core.PutWorkflow{Definition: core.Definition{Name: name, Tasks: []core.TaskDefinition{{
		Name: name, Action: name + ":" + name, Retries: 2, Concurrency: []core.Concurrency{{Expression: "input.k", MaxRuns: 1, Strategy: "GROUP_ROUND_ROBIN"}},
	}}}})
}

func (d *desk) trigger(name string, n int) []string {
	items := make([]core.TriggerItem, n)
	for i := range items {
		items[i] = core.TriggerItem{Workflow: name, Input: fmt.Sprintf(`{"k":"%d","note":"leave at the door"}`, i%7)}
	}
	return d.do(core.Trigger{Seed: d.seed(), Items: items}).(core.TriggerReply).RunIDs
}

// step lets the loop's part of a snapshot go on once there is something to do.
func (d *desk) step() time.Duration {
	d.Helper()
	if d.journal.making != nil && !d.journal.busy() {
		<-d.journal.ready()
	}
	began := time.Now()
	d.must(d.journal.compact(context.Background(), d.core))
	return time.Since(began)
}

// compact goes on with a snapshot until it is in force and what it replaces is
// gone. Between two steps it calls meanwhile. It gives how long each step took.
func (d *desk) compact(meanwhile func()) (steps []time.Duration) {
	d.Helper()
	for d.journal.busy() { // what a snapshot before this one has replaced
		d.must(d.journal.compact(context.Background(), d.core))
	}
	after := d.journal.after
	d.journal.after, d.journal.last = 1, 0
	for first := true; first || d.journal.making != nil || d.journal.busy(); first = false {
		steps = append(steps, d.step())
		d.journal.after = after
		if m := d.journal.making; m != nil && m.done() && m.err != nil {
			d.Fatal(m.err)
		}
		meanwhile()
	}
	return steps
}

// stored is the snapshot in force.
func (d *desk) stored() (data []byte) {
	d.Helper()
	for past := d.journal.store.Past(d.journal.store.Mark()); ; {
		piece, _, err := past.Next(context.Background())
		d.must(err)
		if piece.Snapshot == nil {
			return data
		}
		data = append(data, piece.Snapshot...)
	}
}

func (d *desk) snapshot() []byte {
	d.Helper()
	data, err := d.core.Snapshot()
	d.must(err)
	return data
}

// A snapshot that is made beside the core, while commands go on, is byte by byte
// the one of the core itself at its beginning; so is what a restart makes of it.
func TestASnapshotBesideTheCoreIsTheCores(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dev.db")
	d := openDesk(t, path)
	d.put("one")
	d.put("two")
	worker := d.do(core.RegisterWorker{Seed: d.seed(), Name: "w", Actions: []string{"one:one"}, Slots: map[string]int32{"default": 3}}).(core.RegisterWorkerReply).WorkerID
	d.do(core.WorkerConnected{WorkerID: worker, SessionID: d.seed()})
	for round := range 3 {
		d.trigger("one", 500)
		ids := d.trigger("two", 500)
		d.do(core.Cancel{IDs: ids[:100]})
		want, steps := d.snapshot(), 0
		d.compact(func() {
			if steps++; steps < 50 {
				d.do(core.Cancel{IDs: d.trigger("two", 3)[:1]})
			}
		})
		if got := d.stored(); !bytes.Equal(got, want) {
			t.Fatalf("round %d: the snapshot is not that of the core when it began", round)
		}
		want = d.snapshot()
		d.close()
		d = openDesk(t, path)
		if !bytes.Equal(d.snapshot(), want) {
			t.Fatalf("round %d: a restart gives another state", round)
		}
		d.seeds, d.now = 1000*(round+1), d.now.Add(time.Duration(round+1)*time.Hour)
	}
	d.close()
}

// broken is an evaluator that fails.
type broken struct{ core.Evaluator }

func (broken) Eval(core.Environment, string, map[string]json.RawMessage) (any, error) {
	panic("broken")
}

// A snapshot that is dropped half way leaves nothing behind, and one that cannot
// be made beside the core is made of the core.
func TestASnapshotThatIsNotFinished(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dev.db")
	d := openDesk(t, path)
	d.put("one")
	d.trigger("one", 1000)
	for steps := range 4 {
		d.journal.after = 1
		for range steps + 1 {
			d.step()
		}
		d.journal.settle()
	}
	d.journal.after = 1 << 40
	want := d.snapshot()
	config := d.journal.config
	config.Evaluator = broken{config.Evaluator}
	for d.journal.making = begin(d.journal.store, config); d.journal.making != nil; {
		d.step()
	}
	if got := d.stored(); !bytes.Equal(got, want) || d.journal.store.Appended() != 0 {
		t.Errorf("the snapshot of the core is not in force, %d bytes of journal are left", d.journal.store.Appended())
	}
	d.close()
}

// BenchmarkSnapshotPause is how long the loop stands still at most for a snapshot
// of so many queued runs, and how long the whole takes:
//
//	go test ./engine/local -run - -bench SnapshotPause -benchtime 1x
func BenchmarkSnapshotPause(b *testing.B) {
	for _, queued := range []int{10_000, 100_000} {
		b.Run(fmt.Sprint(queued), func(b *testing.B) {
			d := openDesk(b, filepath.Join(b.TempDir(), "dev.db"))
			defer d.close()
			d.put("one")
			for range queued / 100 {
				d.trigger("one", 100)
			}
			var steps []time.Duration
			for b.Loop() {
				steps = append(steps, d.compact(func() {})...)
			}
			slices.Sort(steps)
			b.ReportMetric(float64(steps[len(steps)/2].Microseconds())/1000, "median-step-ms")
			b.ReportMetric(float64(steps[len(steps)*99/100].Microseconds())/1000, "p99-step-ms")
			b.ReportMetric(float64(steps[len(steps)-1].Microseconds())/1000, "longest-step-ms")
			b.ReportMetric(float64(len(d.stored()))/float64(queued), "stored-B/run")
			runtime.KeepAlive(d)
		})
	}
}
