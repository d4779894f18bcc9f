package conformance

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/sdk"
)

// journal keeps what the worker of a scenario tells and wakes who waits for it.
type journal struct {
	mu      sync.Mutex
	notices []sdk.Notice
	at      []time.Duration // of each, since the scenario began
	began   time.Time
	changed chan struct{}
}

func newJournal() *journal { return &journal{began: time.Now(), changed: make(chan struct{})} }

func (j *journal) add(n sdk.Notice) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.notices = append(j.notices, n)
	j.at = append(j.at, time.Since(j.began))
	close(j.changed)
	j.changed = make(chan struct{})
}

// count counts the notices so far that match.
func (j *journal) count(match func(sdk.Notice) bool) int {
	n, _ := j.look(match)
	return n
}

func (j *journal) look(match func(sdk.Notice) bool) (n int, changed <-chan struct{}) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, notice := range j.notices {
		if match(notice) {
			n++
		}
	}
	return n, j.changed
}

// await waits until at least n notices match and returns how many do.
func (j *journal) await(ctx context.Context, n int, match func(sdk.Notice) bool) (int, error) {
	for {
		found, changed := j.look(match)
		if found >= n {
			return found, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return found, fmt.Errorf("%d of %d: %w", found, n, ctx.Err())
		}
	}
}

// String tells the story, for the report of a failed scenario.
func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	var story strings.Builder
	for i, notice := range j.notices {
		fmt.Fprintf(&story, "%8.3fs %T %+v\n", j.at[i].Seconds(), notice, notice)
	}
	return story.String()
}

// lines are the lines that tasks have logged.
func (j *journal) lines() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	var lines []string
	for _, notice := range j.notices {
		if logged, ok := notice.(sdk.TaskLogged); ok {
			lines = append(lines, logged.Message)
		}
	}
	return lines
}

// begun matches the beginning of an attempt of one of the workflow's tasks.
func begun(workflow string) func(sdk.Notice) bool {
	return func(n sdk.Notice) bool {
		started, ok := n.(sdk.TaskStarted)
		return ok && strings.EqualFold(started.Workflow, workflow)
	}
}

// letGo matches an attempt that waits and holds no VM.
func letGo(workflow string) func(sdk.Notice) bool {
	return func(n sdk.Notice) bool {
		parked, ok := n.(sdk.TaskParked)
		return ok && strings.EqualFold(parked.Workflow, workflow)
	}
}

// givenBack matches the end of an attempt that was given back while it waited.
func givenBack(workflow string) func(sdk.Notice) bool {
	return func(n sdk.Notice) bool {
		finished, ok := n.(sdk.TaskFinished)
		return ok && finished.Outcome == "evicted" && strings.EqualFold(finished.Workflow, workflow)
	}
}

// logged matches a line of a task's log.
func logged(text string) func(sdk.Notice) bool {
	return func(n sdk.Notice) bool {
		line, ok := n.(sdk.TaskLogged)
		return ok && line.Message == text
	}
}
