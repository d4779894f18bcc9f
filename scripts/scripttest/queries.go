package scripttest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
)

// queries are what the test can look at, by name. They answer at once.
var queries = map[string]operation{
	"id":        with(func(s *session, a runArgs) (any, error) { return orUndefined(s.runID(a.ID)), nil }),
	"run":       with((*session).runState),
	"runs":      with((*session).runList),
	"children":  with((*session).children),
	"events":    with((*session).eventsOf),
	"logs":      with((*session).logsOf),
	"waits":     with((*session).waitList),
	"timeline":  with(func(s *session, a runArgs) (any, error) { return s.timelineOf(s.runID(a.ID)), nil }),
	"order":     with((*session).order),
	"file":      with((*session).mockedFile),
	"calls":     with(func(s *session, a struct{ Mock int }) (any, error) { return s.doubles.calls(a.Mock), nil }),
	"now":       with(func(s *session, _ nothing) (any, error) { return s.clock.Now().UnixMilli(), nil }),
	"elapsed":   with(func(s *session, _ nothing) (any, error) { return shortSpan(s.elapsed()), nil }),
	"elapsedMs": with(func(s *session, _ nothing) (any, error) { return s.elapsed().Milliseconds(), nil }),
	"pending":   with((*session).pending),
	"pause": with(func(s *session, a struct{ Paused bool }) (any, error) {
		s.drive.pause(a.Paused)
		return nil, nil
	}),
}

func orUndefined(text string) any {
	if text == "" {
		return nil
	}
	return text
}

func (s *session) elapsed() time.Duration { return s.clock.Now().Sub(s.drive.start) }

// since is a time as milliseconds since the test's clock began; nil for a time
// that has not come.
func (s *session) since(t time.Time) *int64 {
	if t.IsZero() {
		return nil
	}
	ms := t.Sub(s.drive.start).Milliseconds()
	return &ms
}

// runShown is a run as scripts see it.
type runShown struct {
	ID       string          `json:"id"`
	Workflow string          `json:"workflow"`
	Status   string          `json:"status"`
	Input    json.RawMessage `json:"input,omitempty"`
	Output   json.RawMessage `json:"output,omitempty"`
	Error    string          `json:"error,omitempty"`
	Tasks    []taskShown     `json:"tasks"`
}

type taskShown struct {
	Name       string          `json:"name"`
	Status     string          `json:"status"`
	Attempts   int             `json:"attempts"`
	Skipped    bool            `json:"skipped"`
	Parked     bool            `json:"parked"`
	Output     json.RawMessage `json:"output,omitempty"`
	Error      string          `json:"error,omitempty"`
	StartedMs  *int64          `json:"startedMs,omitempty"`
	FinishedMs *int64          `json:"finishedMs,omitempty"`
}

func (s *session) show(run Run) runShown {
	shown := runShown{ID: run.ID, Workflow: run.Workflow, Status: run.Status, Input: run.Input, Output: run.Output, Error: run.Error, Tasks: []taskShown{}}
	for _, t := range run.Tasks {
		shown.Tasks = append(shown.Tasks, taskShown{
			Name: t.Name, Status: t.Status, Attempts: t.Attempts, Skipped: t.Skipped, Parked: t.Parked, Output: t.Output, Error: t.Error,
			StartedMs: s.since(t.Started), FinishedMs: s.since(t.Finished),
		})
	}
	return shown
}

func (s *session) runState(a runArgs) (any, error) {
	run, ok := s.run(a.ID)
	switch {
	case ok:
		return s.show(run), nil
	case strings.HasPrefix(a.ID, "later "):
		return runShown{Status: "QUEUED", Tasks: []taskShown{}}, nil
	}
	return nil, fmt.Errorf("no run %s", a.ID)
}

func (s *session) runList(a struct{ Workflow, Status string }) (any, error) {
	ids := []string{}
	for _, run := range s.world.Runs() {
		if (a.Workflow == "" || strings.EqualFold(a.Workflow, run.Workflow)) && (a.Status == "" || a.Status == run.Status) {
			ids = append(ids, run.ID)
		}
	}
	return ids, nil
}

func (s *session) children(a runArgs) (any, error) {
	id, ids := s.runID(a.ID), []string{}
	runs := s.world.Runs()
	slices.SortStableFunc(runs, func(a, b Run) int { return cmp.Compare(a.ChildIndex, b.ChildIndex) })
	for _, run := range runs {
		if run.Parent == id {
			ids = append(ids, run.ID)
		}
	}
	return ids, nil
}

func (s *session) logsOf(a runArgs) (any, error) {
	type line struct {
		Task    string `json:"task"`
		Level   string `json:"level"`
		Message string `json:"message"`
		AtMs    *int64 `json:"atMs"`
	}
	lines := []line{}
	for _, l := range s.world.Logs(s.runID(a.ID)) {
		lines = append(lines, line{l.Task, l.Level, l.Message, s.since(l.At)})
	}
	return lines, nil
}

func (s *session) waitList(a runArgs) (any, error) {
	type shown struct {
		Task    string   `json:"task"`
		What    string   `json:"what"`
		Sleep   string   `json:"sleep,omitempty"`
		SleepMs int64    `json:"sleepMs,omitempty"`
		Events  []string `json:"events"`
		Child   string   `json:"child,omitempty"`
		Done    bool     `json:"done"`
	}
	list := []shown{}
	for _, w := range s.world.Waits(s.runID(a.ID)) {
		one := shown{Task: w.Task, What: w.What, Events: append([]string{}, w.Events...), Child: w.Child, Done: w.Done}
		if w.Sleep > 0 {
			one.Sleep, one.SleepMs = shortSpan(w.Sleep), w.Sleep.Milliseconds()
		}
		list = append(list, one)
	}
	return list, nil
}

// order lists the tasks of a run in the order in which they first started.
func (s *session) order(a runArgs) (any, error) {
	id, names, seen := s.runID(a.ID), []string{}, map[string]bool{}
	for _, e := range s.happened(id) {
		if e.Kind == TaskStarted && !seen[e.Task] {
			seen[e.Task] = true
			names = append(names, e.Task)
		}
	}
	return names, nil
}

func (s *session) eventsOf(a runArgs) (any, error) {
	type shown struct {
		Kind   string `json:"kind"`
		Task   string `json:"task,omitempty"`
		Status string `json:"status,omitempty"`
		Text   string `json:"text,omitempty"`
		AtMs   *int64 `json:"atMs"`
	}
	list := []shown{}
	for _, e := range s.happened(s.runID(a.ID)) {
		list = append(list, shown{string(e.Kind), e.Task, e.Status, e.Text, s.since(e.At)})
	}
	return list, nil
}

// pending tells what time will bring next.
func (s *session) pending(nothing) (any, error) {
	type shown struct {
		Next    *int64   `json:"nextMs"`
		Waiting []string `json:"waiting"`
	}
	out := shown{Waiting: []string{}}
	if next, ok := s.drive.clock.Next(); ok {
		out.Next = s.since(next)
	}
	for _, run := range s.world.Runs() {
		if !run.Done {
			out.Waiting = append(out.Waiting, s.waitsOf(run.ID))
		}
	}
	return out, nil
}

// waitsOf says what a run waits for.
func (s *session) waitsOf(held string) string {
	run, ok := s.run(held)
	if !ok {
		return "a run that is to start later"
	}
	what := s.openWaits(run)
	if what == "" {
		what = "its tasks: " + states(run)
	}
	return fmt.Sprintf("run of %s waits for %s", run.Workflow, what)
}

func (s *session) openWaits(run Run) string {
	var open []string
	for _, w := range s.world.Waits(run.ID) {
		if !w.Done {
			open = append(open, w.String())
		}
	}
	return strings.Join(open, " and ")
}

// waited lists what a run has waited for.
func (s *session) waited(id string) string {
	var names []string
	for _, w := range s.world.Waits(id) {
		names = append(names, w.String())
	}
	if len(names) == 0 {
		return "nothing"
	}
	return strings.Join(names, ", ")
}

func states(run Run) string {
	var names []string
	for _, t := range run.Tasks {
		if t.Status == "QUEUED" || t.Status == "RUNNING" {
			names = append(names, t.Name+" is "+t.Status)
		}
	}
	if len(names) == 0 {
		return "none has started"
	}
	return strings.Join(names, ", ")
}

// String names a wait as a person would.
func (w Wait) String() string {
	var parts []string
	if w.Sleep > 0 {
		parts = append(parts, "sleep "+shortSpan(w.Sleep))
	}
	for _, key := range w.Events {
		parts = append(parts, fmt.Sprintf("event %q", key))
	}
	if w.Child != "" {
		parts = append(parts, "child "+w.Child)
	}
	if len(parts) == 0 {
		return w.What
	}
	return strings.Join(parts, " or ")
}

// meets says whether the wait is one that run.parked asks for.
func (w Wait) meets(a parkedArgs, sleep time.Duration) bool {
	if a.Sleep != "" && w.Sleep != sleep || a.Child != "" && !strings.EqualFold(a.Child, w.Child) {
		return false
	}
	if a.Event == "" {
		return true
	}
	for _, key := range w.Events {
		if key == a.Event {
			return true
		}
	}
	return false
}

func spanOf(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	return workflow.ParseDuration(text)
}

// stuck says why nothing can go on, for a deadlock.
func (s *session) stuck() string { return s.drive.describe() }

// busiest names what happened most often, for a clock that runs away.
func (s *session) busiest() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	counts := map[string]int{}
	for _, e := range s.events {
		switch {
		case e.Kind == RunStarted:
			counts[fmt.Sprintf("run of %s (%s)", e.Workflow, e.Text)]++
		case e.Kind == TaskFinished && e.RetryIn >= 0:
			counts["retry of "+e.Task]++
		case e.Kind == TaskParked:
			counts["wait of "+e.Task]++
		}
	}
	return top(counts, 3)
}
