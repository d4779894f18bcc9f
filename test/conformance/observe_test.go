package conformance

import (
	"flag"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/hatchet-js/hatchet-js-worker/engine/client"
	"github.com/hatchet-js/hatchet-js-worker/sdk"
	"github.com/rogpeppe/go-internal/testscript"
)

// current is the run that observations are about.
func current(ts *testscript.TestScript) *sdk.Run {
	if r := of(ts).latest; r != nil {
		return r
	}
	ts.Fatalf("no run has been waited for")
	return nil
}

func taskOf(ts *testscript.TestScript, name string) *sdk.TaskRun {
	r := current(ts)
	var names []string
	for i := range r.Tasks {
		if r.Tasks[i].Name == name {
			return &r.Tasks[i]
		}
		names = append(names, r.Tasks[i].Name)
	}
	ts.Fatalf("the run has no task %q, only %s", name, strings.Join(names, ", "))
	return nil
}

func status(ts *testscript.TestScript, neg bool, args []string) {
	args = arguments(ts, neg, args, 1, 1, nil)
	if r := current(ts); r.Status != args[0] {
		ts.Fatalf("the run is %s, want %s; error: %s", r.Status, args[0], r.Error)
	}
}

func output(ts *testscript.TestScript, neg bool, args []string) {
	args = arguments(ts, neg, args, 1, 1, nil)
	if r := current(ts); r.Status != sdk.StatusCompleted {
		ts.Fatalf("the run is %s: %s", r.Status, r.Error)
	}
	ts.Check(sameJSON(args[0], current(ts).Output))
}

func task(ts *testscript.TestScript, neg bool, args []string) {
	args = arguments(ts, neg, args, 2, 3, nil)
	found := taskOf(ts, args[0])
	if found.Status != args[1] {
		ts.Fatalf("task %s is %s, want %s; error: %s", args[0], found.Status, args[1], found.Error)
	}
	if len(args) > 2 {
		ts.Check(sameJSON(args[2], found.Output))
	}
}

func failure(ts *testscript.TestScript, neg bool, args []string) {
	args = arguments(ts, neg, args, 1, 2, nil)
	message := current(ts).Error
	if len(args) > 1 {
		message = taskOf(ts, args[0]).Error
	}
	pattern, err := regexp.Compile(args[len(args)-1])
	ts.Check(err)
	if !pattern.MatchString(message) {
		ts.Fatalf("the error is %q, want %s", message, pattern)
	}
}

func attempts(ts *testscript.TestScript, neg bool, args []string) {
	args = arguments(ts, neg, args, 2, 2, nil)
	s, id := of(ts), current(ts).ID
	eventually(ts, func() error { // the count may come after the end of the run
		ctx, cancel := s.within()
		defer cancel()
		r, err := s.client.Run(ctx, id)
		if err != nil {
			return err
		}
		s.latest = r
		if got := taskOf(ts, args[0]).Attempts; strconv.Itoa(got) != args[1] {
			return fmt.Errorf("task %s has %d attempts, want %s", args[0], got, args[1])
		}
		return nil
	})
}

func tasks(ts *testscript.TestScript, neg bool, args []string) {
	args = arguments(ts, neg, args, 1, 1, nil)
	if n := len(current(ts).Tasks); strconv.Itoa(n) != args[0] {
		ts.Fatalf("the run has %d tasks, want %s", n, args[0])
	}
}

func running(ts *testscript.TestScript, neg bool, args []string) { awaitNotices(ts, neg, args, begun) }

func parked(ts *testscript.TestScript, neg bool, args []string) { awaitNotices(ts, neg, args, letGo) }

func evicted(ts *testscript.TestScript, neg bool, args []string) {
	awaitNotices(ts, neg, args, givenBack)
}

// awaitNotices waits until the worker told of the workflow args[0] as often as
// args[1] says, or once.
func awaitNotices(ts *testscript.TestScript, neg bool, args []string, match func(string) func(sdk.Notice) bool) {
	args = arguments(ts, neg, args, 1, 2, nil)
	n := 1
	if len(args) > 1 {
		var err error
		n, err = strconv.Atoi(args[1])
		ts.Check(err)
	}
	s := of(ts)
	ctx, cancel := s.within()
	defer cancel()
	_, err := s.seen.await(ctx, n, match(args[0]))
	ts.Check(err)
}

func saw(ts *testscript.TestScript, neg bool, args []string) {
	count, least := 1, 0
	args = arguments(ts, false, args, 1, 1, func(f *flag.FlagSet) {
		f.IntVar(&count, "count", 1, "")
		f.IntVar(&least, "least", 0, "")
	})
	s := of(ts)
	if neg {
		if n := s.seen.count(logged(args[0])); n > 0 {
			ts.Fatalf("tasks have logged %q %d times", args[0], n)
		}
		return
	}
	ctx, cancel := s.within()
	defer cancel()
	n, err := s.seen.await(ctx, max(count, least), logged(args[0]))
	if err != nil || least == 0 && n > count {
		ts.Fatalf("tasks have logged %q %d times, want %d; all lines: %q", args[0], n, max(count, least), s.seen.lines())
	}
}

func lines(ts *testscript.TestScript, neg bool, args []string) {
	args = arguments(ts, neg, args, 0, 100, nil)
	if got := of(ts).seen.lines(); !slices.Equal(got, args) {
		ts.Fatalf("tasks have logged %q, want %q", got, args)
	}
}

func gaps(ts *testscript.TestScript, neg bool, args []string) {
	args = arguments(ts, neg, args, 1, 100, nil)
	at := times(ts)
	if len(at) != len(args)+1 {
		ts.Fatalf("tasks have logged %d times, want %d", len(at), len(args)+1)
	}
	for i, text := range args {
		least, err := strconv.Atoi(text)
		ts.Check(err)
		if gap := at[i+1] - at[i]; gap < least {
			ts.Fatalf("gap %d is %d ms, want at least %d", i+1, gap, least)
		}
	}
}

func spread(ts *testscript.TestScript, neg bool, args []string) {
	args = arguments(ts, neg, args, 1, 1, nil)
	least, err := strconv.Atoi(args[0])
	ts.Check(err)
	at := times(ts)
	if got := slices.Max(at) - slices.Min(at); got < least {
		ts.Fatalf("the times that tasks have logged lie %d ms apart, want at least %d", got, least)
	}
}

// times reads the lines logged so far as times in milliseconds.
func times(ts *testscript.TestScript) []int {
	var at []int
	for _, line := range of(ts).seen.lines() {
		n, err := strconv.Atoi(line)
		ts.Check(err)
		at = append(at, n)
	}
	if len(at) == 0 {
		ts.Fatalf("no task has logged a time")
	}
	return at
}

// logs compares the lines that the engine keeps. The REST face may learn of
// them late.
func logs(ts *testscript.TestScript, neg bool, args []string) {
	args = arguments(ts, neg, args, 1, 100, nil)
	s, id := of(ts), current(ts).ID
	eventually(ts, func() error {
		got, err := s.logs(id, args[0])
		if err == nil && !slices.Equal(got, args[1:]) {
			err = fmt.Errorf("the log of %s is %q, want %q", args[0], got, args[1:])
		}
		return err
	})
}

// logs reads a task's log (hatchet-protocol.md section 6.10).
func (s *session) logs(runID, task string) ([]string, error) {
	ctx, cancel := s.within()
	defer cancel()
	details, err := s.details(runID)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(details.Tasks, func(t client.TaskResult) bool { return t.Name == task })
	if at < 0 {
		return nil, fmt.Errorf("the run has no task %s", task)
	}
	query := url.Values{"limit": {"1000"}, "order_by_direction": {"ASC"}}
	path := "/api/v1/stable/tasks/" + details.Tasks[at].TaskRunID + "/logs?" + query.Encode()
	var answer struct {
		Rows []struct{ Message string }
	}
	if err := s.rest(ctx, http.MethodGet, path, &answer); err != nil {
		return nil, err
	}
	found := make([]string, len(answer.Rows))
	for i, row := range answer.Rows {
		found[i] = row.Message
	}
	return found, nil
}

// details is where a run stands.
func (s *session) details(runID string) (*client.RunDetails, error) {
	ctx, cancel := s.within()
	defer cancel()
	return client.New(s.conn, client.Options{}).Details(ctx, runID)
}
