package scripttest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
)

// Once is one run of a workflow on virtual time, of which nothing is expected.
type Once struct {
	Workflow string
	Input    json.RawMessage // an object
	Metadata json.RawMessage // an object; nil = none
	Priority int             // 0 = the workflow's own
	// Scripts are the absolute paths of the files that are served.
	Scripts []string
	Start   time.Time // where the clock begins
}

// Ran is what became of it.
type Ran struct {
	ID       string          `json:"id"`
	Workflow string          `json:"workflow"`
	Status   string          `json:"status"`
	Output   json.RawMessage `json:"output"`
	Error    string          `json:"error"`
	Tasks    []Task          `json:"tasks"`
	Logs     []LogLine       `json:"logs"`
	Timeline string          `json:"-"` // of all runs
	Virtual  time.Duration   `json:"-"` // that passed
}

// RunOnce runs a workflow on virtual time, with the timeout of the options on the
// wall clock. The error says that the scripts do not load, or that the run cannot
// end, as when it waits for an event; what happened until then is returned, too.
func RunOnce(ctx context.Context, o Options, once Once) (*Ran, error) {
	dir, err := os.MkdirTemp("", "hatchet-js-run-")
	if err != nil {
		return nil, err
	}
	ran, err := once.in(ctx, dir, o)
	return ran, errors.Join(err, os.RemoveAll(dir))
}

func (c Once) in(ctx context.Context, dir string, o Options) (*Ran, error) {
	path := filepath.Join(dir, "run.test.js")
	if err := os.WriteFile(path, []byte(c.source()), 0o600); err != nil {
		return nil, err
	}
	f, err := load(ctx, path, o)
	if err != nil {
		return nil, err
	}
	r := &runner{options: o, clock: clock.Real(), recordings: newRecordings(o)}
	s := r.session(f.tests[0], 1)
	s.actual = true
	err = s.play(ctx)
	ran := &Ran{Workflow: c.Workflow}
	if s.drive != nil {
		ran.Timeline, ran.Virtual = s.timeline(), s.passed()
	}
	if failed := s.failure(err); failed != nil {
		return ran, errors.New(failed.Message)
	}
	return ran, json.Unmarshal([]byte(s.lines[0].Text), ran)
}

// source is the text of a test that makes the run.
func (c Once) source() string {
	var text strings.Builder
	fmt.Fprintf(&text, "import { test } from %q\n", Module)
	for _, script := range c.Scripts {
		fmt.Fprintf(&text, "import %s\n", jsonOf(script))
	}
	fmt.Fprintf(&text, `test('run', { start: %d }, async (t) => {
  const metadata = %s
  const run = await t.run(%s, JSON.parse(%s), { priority: %s, ...(metadata && { metadata }) })
  const { id, workflow, status, output, error, tasks } = run
  t.log(JSON.stringify({ id, workflow, status, output, error, tasks, logs: run.logs() }))
})
`, c.Start.UnixMilli(), orNull(c.Metadata), jsonOf(c.Workflow), jsonOf(string(c.Input)), priorityOf(c.Priority))
	return text.String()
}

// jsonOf quotes a text, which always can be.
func jsonOf(text string) string {
	quoted, _ := json.Marshal(text)
	return string(quoted)
}

func orNull(text json.RawMessage) string {
	if len(text) == 0 {
		return "null"
	}
	return string(text)
}

func priorityOf(n int) string {
	if n == 0 {
		return "undefined"
	}
	return fmt.Sprint(n)
}
