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
	return core.TaskEvent{Kind: core.EventStream, TaskID: "t", Index: &index, Payload: fmt.Append(nil, index)}
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
	step := func(e core.TaskEvent, want string) {
		t.Helper()
		if got := words(r.add(e, noon)); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	step(chunk(1), "")
	step(core.TaskEvent{Kind: core.EventStream, TaskID: "t", Payload: []byte("unnumbered")}, "unnumbered")
	step(chunk(0), "0 1")
	step(chunk(3), "")
	if !r.holding() || r.patience(noon.Add(time.Second)) != 4*time.Second {
		t.Errorf("patience %v", r.patience(noon.Add(time.Second)))
	}
	if got := words(r.expire(noon.Add(4 * time.Second))); got != "" {
		t.Errorf("gave up too early on %q", got)
	}
	if got := words(r.expire(noon.Add(5 * time.Second))); got != "3" || r.holding() {
		t.Errorf("expired %q", got)
	}
	step(chunk(2), "2") // late
	step(chunk(5), "")
	retried := chunk(1)
	retried.RetryCount = 1 // counts from 0 again
	step(retried, "")
	step(core.TaskEvent{Kind: core.EventCompleted, TaskID: "other"}, "COMPLETED")
	if got := words(r.add(core.TaskEvent{Kind: core.EventFailed, TaskID: "t"}, noon)); got != "5 1 FAILED" && got != "1 5 FAILED" {
		t.Errorf("an end lets out %q", got)
	}
	step(core.TaskEvent{Kind: core.EventCompleted, Final: true}, "COMPLETED")
}
