package differential

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/sdk"
	"go.uber.org/goleak"
	"golang.org/x/sync/errgroup"
)

var (
	cases = flag.Uint64("cases", 60, "how many random workflows are run")
	seed  = flag.Uint64("seed", 1, "the seed of the first one; the others follow")
)

const (
	// patience bounds one run; it is far above what a slow engine needs.
	patience = 3 * time.Minute
	// atOnce is how many runs are under way; they mostly wait.
	atOnce = 8
	// workerSlots are enough for all tasks of those that hang.
	workerSlots = 100
	// serverSettles is what it may take until a server has applied the report of
	// an attempt whose end the worker told. The embedded engine tells itself.
	serverSettles = 2 * time.Second
)

func TestMain(m *testing.M) {
	flag.Parse()
	goleak.VerifyTestMain(m)
}

func TestEmbedded(t *testing.T) {
	w := newWatch()
	b := bench{lookup: embedded(t, w), watch: w, inside: true}
	b.run(t)
}

func TestServer(t *testing.T) {
	if os.Getenv("HATCHET_CLIENT_TOKEN") == "" {
		t.Skip("HATCHET_CLIENT_TOKEN is not set")
	}
	b := bench{lookup: os.LookupEnv, watch: newWatch(), settles: serverSettles}
	b.run(t)
}

// bench is an engine with a worker that serves all plans.
type bench struct {
	lookup  func(string) (string, bool)
	watch   *watch
	settles time.Duration
	inside  bool // the engine itself is watched
	client  *sdk.Client
}

func (b *bench) run(t *testing.T) {
	plans := make([]plan, *cases)
	for i := range plans {
		plans[i] = newPlan(*seed+uint64(i), !b.inside || i%2 == 0)
	}
	server, err := sdk.ServerFromEnv(b.lookup, sdk.ServerOptions{Namespace: "d" + strings.ToLower(rand.Text())[:10]})
	if err != nil {
		t.Fatal(err)
	}
	serve(t, server, b.watch, plans)
	err = sdk.WithClient(context.Background(), server, sdk.ClientOptions{}, func(client *sdk.Client) error {
		b.client = client
		var group errgroup.Group
		group.SetLimit(atOnce)
		for _, p := range plans {
			group.Go(func() error {
				if err := b.try(p); err != nil {
					t.Errorf("seed %d: %s\n%v", p.Seed, p, err)
				}
				return nil
			})
		}
		return group.Wait()
	})
	if err != nil {
		t.Error(err)
	}
}

// String is the plan as JSON.
func (p plan) String() string {
	text, _ := json.Marshal(p) // nothing in it can fail
	return string(text)
}

// try runs a plan and tells everything that is not as foretold.
func (b *bench) try(p plan) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	fates, sure := p.foretell()
	if !sure {
		return errors.New("the plan is not certain")
	}
	id, err := b.client.Trigger(ctx, p.Name, nil, sdk.RunOptions{})
	if err != nil {
		return err
	}
	if p.Cancel {
		if err := b.cancel(ctx, p, id, fates); err != nil {
			return err
		}
	}
	run, err := b.client.Wait(ctx, id)
	if err != nil {
		return fmt.Errorf("run %s: %w", id, err)
	}
	told := fates
	if p.Cancel && !b.inside {
		told = allCancelled(fates)
	}
	wrong := append(p.compare(run, told), b.listed(ctx, p, id, whole(fates)))
	wrong = append(wrong, b.watch.attempts(id, p, fates)...)
	if b.inside {
		wrong = append(wrong, b.watch.invariants(id, p, fates)...)
	}
	return errors.Join(wrong...)
}

// allCancelled is what a server tells over gRPC of a run that was cancelled:
// it calls those tasks cancelled, too, that had ended. The list of runs and the
// dashboard do not.
func allCancelled(fates map[string]outcome) map[string]outcome {
	all := map[string]outcome{}
	for name, what := range fates {
		if name == onFailureTask && !what.ran {
			all[name] = what // it was skipped because all others were cancelled
			continue
		}
		all[name] = outcome{cancelled, what.ran}
	}
	return all
}

// cancel cancels the run when nothing moves but what hangs.
func (b *bench) cancel(ctx context.Context, p plan, id string, fates map[string]outcome) error {
	if err := b.watch.until(ctx, func() bool { return p.still(b.watch.progress(id, b.inside), fates) }); err != nil {
		return fmt.Errorf("run %s does not come to rest: %w", id, err)
	}
	timer := time.NewTimer(b.settles)
	defer timer.Stop()
	<-timer.C
	return b.client.Cancel(ctx, id)
}

// still reports whether all tasks that end by themselves have, and all that
// hang do.
func (p plan) still(now progress, fates map[string]outcome) bool {
	for name, what := range fates {
		t := p.find(name)
		switch {
		case !what.ran:
		case t.Hangs && t.Timeout == "":
			if now.begun[name] == 0 {
				return false
			}
		case now.ended[name] < t.attempts():
			return false
		}
	}
	return true
}

// compare holds a final run to what was foretold.
func (p plan) compare(run *sdk.Run, fates map[string]outcome) (wrong []error) {
	complain := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }
	if want := whole(fates); run.Status != want {
		complain("the run is %s, want %s", run.Status, want)
	}
	if len(run.Tasks) != len(fates) {
		complain("the run has %d tasks, want %d", len(run.Tasks), len(fates))
	}
	for _, task := range run.Tasks {
		what, known := fates[task.Name]
		if !known {
			complain("the run has a task %s", task.Name)
			continue
		}
		status := what.fate
		if status == skipped {
			status = completed
		}
		if task.Status != string(status) {
			complain("task %s is %s, want %s; its error is %q", task.Name, task.Status, status, task.Error)
			continue
		}
		if got, want := parsed(task.Output), p.output(task.Name, fates); !reflect.DeepEqual(got, want) {
			complain("task %s put out %v, want %v", task.Name, got, want)
		}
		t := p.find(task.Name)
		if last := fmt.Sprintf("no %d", t.attempts()-1); what.fate == failed && !t.Hangs && task.Error != last {
			complain("task %s failed with %q, want %q", task.Name, task.Error, last)
		}
		if task.Attempts != 0 && what.ran && task.Attempts != t.attempts() {
			complain("task %s had %d attempts, want %d", task.Name, task.Attempts, t.attempts())
		}
	}
	return wrong
}

func parsed(text json.RawMessage) (value any) {
	if len(text) > 0 && json.Unmarshal(text, &value) != nil {
		return string(text)
	}
	return value
}

// output is what a task puts out: nil unless it completes.
func (p plan) output(name string, fates map[string]outcome) any {
	switch what := fates[name]; {
	case what.fate == skipped:
		return map[string]any{"skipped": true}
	case what.fate != completed:
		return nil
	case name == onFailureTask:
		return map[string]any{"handled": true}
	}
	t, parents := p.find(name), map[string]any{}
	for _, parent := range t.Parents {
		parents[parent] = p.output(parent, fates)
	}
	return map[string]any{"n": float64(t.N), "parents": parents}
}

// listed waits until the list of runs tells what became of a run.
func (b *bench) listed(ctx context.Context, p plan, id, want string) error {
	for {
		runs, err := b.client.Runs(ctx, sdk.RunFilter{Workflows: []string{p.Name}})
		if err == nil && len(runs) == 1 && runs[0].ID == id && runs[0].Status == want {
			return nil
		}
		if b.inside || err != nil {
			return fmt.Errorf("the list of runs says %+v, %v, want run %s %s", runs, err, id, want)
		}
		timer := time.NewTimer(serverSettles / 4)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return fmt.Errorf("the list of runs says %+v in the end, want run %s %s", runs, id, want)
		}
	}
}

func TestPlansAreVaried(t *testing.T) {
	seen := map[string]int{}
	for i := range uint64(400) {
		p := newPlan(i, i%2 == 0)
		fates, sure := p.foretell()
		if !sure {
			t.Fatalf("seed %d is not certain: %s", i, p)
		}
		for name, what := range fates {
			seen[fmt.Sprintf("%s %t", what.fate, what.ran)]++
			seen["retried"] += min(p.find(name).Fails, 1)
		}
		if p.Cancel {
			seen["cancelled runs"]++
		}
		for _, one := range p.Tasks {
			for what, is := range map[string]bool{
				"skipIf": one.Skip != nil, "cancelIf": len(one.Stop) > 0, "waitFor": one.Require != nil, "sleep": one.Sleep != "",
				"timeout": one.Timeout != "", "fatal": one.Fatal,
			} {
				if is {
					seen[what]++
				}
			}
		}
		if again := newPlan(i, i%2 == 0); !reflect.DeepEqual(p, again) {
			t.Fatalf("seed %d gives different plans", i)
		}
	}
	want := []string{
		"COMPLETED true", "FAILED true", "CANCELLED true", "CANCELLED false", "SKIPPED true", "SKIPPED false",
		"retried", "cancelled runs", "skipIf", "cancelIf", "waitFor", "sleep", "timeout", "fatal",
	}
	for _, what := range want {
		if seen[what] < 5 {
			t.Errorf("%s: %d", what, seen[what])
		}
	}
	t.Log(seen, slices.Sorted(maps.Keys(seen)))
}
