package scripttest

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
)

// lanes are what happens at one moment: each list in its order, the lists as it
// comes. A parent waits for two children that it has started together.
var lanes = map[string][]Event{
	"a":  {{Kind: TaskStarted, RunID: "p", Workflow: "w", Task: "a"}, {Kind: TaskLogged, RunID: "p", Workflow: "w", Task: "a"}, {Kind: TaskFinished, RunID: "p", Workflow: "w", Task: "a"}},
	"b":  {{Kind: TaskStarted, RunID: "p", Workflow: "w", Task: "b"}, {Kind: TaskFinished, RunID: "p", Workflow: "w", Task: "b"}},
	"c1": {{Kind: TaskFinished, RunID: "c1", Workflow: "c", Task: "c"}, {Kind: RunFinished, RunID: "c1", Workflow: "c"}},
	"c2": {{Kind: TaskFinished, RunID: "c2", Workflow: "c", Task: "c"}, {Kind: RunFinished, RunID: "c2", Workflow: "c"}},
}

// shuffled merges the lanes in a random order.
func shuffled(names ...string) (events []Event) {
	left := map[string][]Event{}
	for _, name := range names {
		left[name] = lanes[name]
	}
	for len(left) > 0 {
		name := names[rand.IntN(len(names))]
		if events = append(events, left[name][:min(1, len(left[name]))]...); len(left[name]) <= 1 {
			delete(left, name)
		} else {
			left[name] = left[name][1:]
		}
	}
	return events
}

func words(events []Event) string {
	var list []string
	for _, e := range events {
		list = append(list, string(e.Kind)+" "+strings.TrimSpace(e.RunID+" "+e.Task))
	}
	return strings.Join(list, ", ")
}

// TestWhatHappensAtOnceIsToldInOneOrder hears of the same events in many orders.
func TestWhatHappensAtOnceIsToldInOneOrder(t *testing.T) {
	s := &session{test: &test{file: &file{workflows: []*workflow.Workflow{{Name: "w", Tasks: []*workflow.Task{
		{Name: "last", Parents: []string{"a", "b"}}, {Name: "b"}, {Name: "a"},
	}}}}}}
	later := start.Add(time.Hour)
	begin := []Event{
		{At: start, Kind: RunStarted, RunID: "p", Workflow: "w"},
		{At: start, Kind: RunStarted, RunID: "c1", Workflow: "c", Parent: "p", Task: "last"},
		{At: start, Kind: RunStarted, RunID: "c2", Workflow: "c", Parent: "p", Task: "last"},
	}
	at := func(events []Event) []Event {
		for i := range events {
			events[i].At = later
		}
		return events
	}
	want := words(begin) + ", started p b, finished p b, started p a, logged p a, finished p a, started p last, finished p last, done p"
	wantChildren := words(begin) + ", finished c1 c, done c1, finished c2 c, done c2, finished p last, done p"
	for range 200 {
		tasks := append(shuffled("a", "b"), Event{Kind: TaskStarted, RunID: "p", Workflow: "w", Task: "last"},
			Event{Kind: TaskFinished, RunID: "p", Workflow: "w", Task: "last"}, Event{Kind: RunFinished, RunID: "p", Workflow: "w"})
		if got := words(s.arranged(append(begin[:3:3], at(tasks)...))); got != want {
			t.Fatalf("tasks:\n%s\nwant\n%s", got, want)
		}
		children := append(shuffled("c1", "c2"), Event{Kind: TaskFinished, RunID: "p", Workflow: "w", Task: "last"}, Event{Kind: RunFinished, RunID: "p", Workflow: "w"})
		if got := words(s.arranged(append(begin[:3:3], at(children)...))); got != wantChildren {
			t.Fatalf("children:\n%s\nwant\n%s", got, wantChildren)
		}
	}
}

func TestAChildIsToldWhereItWasStarted(t *testing.T) {
	s := &session{test: &test{file: &file{}}}
	events := []Event{
		{Kind: RunStarted, RunID: "p", Workflow: "w"}, {Kind: TaskStarted, RunID: "p", Workflow: "w", Task: "a"}, {Kind: TaskLogged, RunID: "p", Workflow: "w", Task: "a"},
		{Kind: RunStarted, RunID: "c", Workflow: "c", Parent: "p", Task: "a"}, {Kind: RunStarted, RunID: "other", Workflow: "o"},
		{Kind: TaskStarted, RunID: "c", Workflow: "c", Task: "c"}, {Kind: RunFinished, RunID: "c", Workflow: "c"},
		{Kind: TaskFinished, RunID: "p", Workflow: "w", Task: "a"}, {Kind: RunFinished, RunID: "p", Workflow: "w"},
		{Kind: EventPushed}, {Kind: RunFinished, RunID: "other", Workflow: "o"},
	}
	want := "run p, started p a, logged p a, run c a, started c c, done c, finished p a, done p, run other, event , done other"
	if got := words(s.arranged(events)); got != want {
		t.Errorf("\n%s\nwant\n%s", got, want)
	}
}
