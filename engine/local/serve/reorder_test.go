package serve

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/local/core"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func chunk(index int64) core.TaskEvent {
	return core.TaskEvent{Kind: core.EventStream, RunID: "r", TaskID: "t", Index: &index, Payload: fmt.Append(nil, index)}
}

func words(events []core.TaskEvent) string {
	var out []string
	for _, e := range events {
		if e.Kind == core.EventStream {
			out = append(out, string(e.Payload))
		} else {
			out = append(out, string(e.Kind))
		}
	}
	return strings.Join(out, " ")
}

func TestReorder(t *testing.T) {
	var r reorder
	now := noon
	step := func(e core.TaskEvent, want string) {
		t.Helper()
		if got := words(r.add(e, now)); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	expire := func(after time.Duration, want string) {
		t.Helper()
		if patience, limited := r.patience(now); !limited || patience != after {
			t.Errorf("patience %v %v, want %v", patience, limited, after)
		}
		now = now.Add(after)
		if got := words(r.expire(now)); got != want {
			t.Errorf("expired %q, want %q", got, want)
		}
	}
	step(chunk(1), "")
	step(core.TaskEvent{Kind: core.EventStream, TaskID: "t", Payload: []byte("unnumbered")}, "unnumbered")
	step(chunk(0), "0 1")
	if _, limited := r.patience(now); limited {
		t.Error("nothing is held, and yet it waits")
	}
	step(chunk(3), "")
	expire(holdFor, "3")
	step(chunk(2), "2") // late
	step(chunk(5), "")
	step(core.TaskEvent{Kind: core.EventCompleted, RunID: "r", TaskID: "other"}, "COMPLETED")
	step(core.TaskEvent{Kind: core.EventFailed, RunID: "r", TaskID: "t"}, "")
	step(core.TaskEvent{Kind: core.EventFailed, RunID: "r", Final: true}, "")
	step(chunk(4), "4 5 FAILED")
	step(chunk(7), "")
	retried := chunk(1)
	retried.RetryCount = 1 // counts from 0 again
	step(retried, "")
	expire(lingerFor, "7 1 FAILED")
}

func TestTheEndOfATaskDoesNotWaitForEver(t *testing.T) {
	var r reorder
	if got := words(r.add(chunk(2), noon)); got != "" {
		t.Errorf("got %q", got)
	}
	if got := words(r.add(core.TaskEvent{Kind: core.EventCompleted, RunID: "r", TaskID: "t"}, noon)); got != "" {
		t.Errorf("got %q", got)
	}
	if got := words(r.expire(noon.Add(lingerFor))); got != "2 COMPLETED" {
		t.Errorf("got %q", got)
	}
}
