package local_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
	v1 "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
	"github.com/hatchet-js/hatchet-js-worker/engine/local"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// Whatever an engine has acknowledged is there after it was killed, at any
// moment, and everything ends as it should.
func TestKillLosesNothingAcknowledged(t *testing.T) {
	s := &survivor{t: t, data: filepath.Join(t.TempDir(), "dev.db"), born: make(chan struct{}), ledger: newLedger()}
	s.begin()
	s.define()
	w := newCrashWorker(s)
	ctx, stop := context.WithCancel(context.Background())
	var load sync.WaitGroup
	for range 4 {
		load.Go(func() { s.load(ctx) })
	}
	load.Go(func() { w.serve(ctx) })
	t.Cleanup(func() { stop(); load.Wait() })
	for round := range 12 {
		enough := s.ledger.size() + 60
		s.eventually("the engine acknowledges things", func() bool { return s.ledger.size() >= enough })
		time.Sleep(time.Duration(rand.IntN(80)) * time.Millisecond) // to strike anywhere
		s.current().process.kill()
		for range round % 3 { // and in the middle of a recovery
			_, kill := launch(t, s.data)
			time.Sleep(time.Duration(rand.IntN(60)) * time.Millisecond)
			kill()
		}
		s.begin()
		s.verify()
	}
	s.ledger.close()
	s.finish()
	stop()
	load.Wait()
	s.verify()
	t.Logf("acknowledged: %s", s.ledger)
}

// survivor is a client that lives on while engines come and go.
type survivor struct {
	t      *testing.T
	data   string
	ledger *ledger

	mu   sync.Mutex
	life *life
	born chan struct{} // closed when there is another life
}

// life is one life of the engine.
type life struct {
	*rig
	process process
}

// begin starts the next life.
func (s *survivor) begin() {
	s.t.Helper()
	p := spawn(s.t, s.data)
	next := &life{rig: attach(s.t, p), process: p}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.life = next
	close(s.born)
	s.born = make(chan struct{})
}

func (s *survivor) current() *life {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.life
}

func (s *survivor) eventually(what string, condition func() bool) {
	s.t.Helper()
	s.current().eventually(what, condition)
}

// lost says that a call may have died with its engine.
func lost(err error) bool {
	code := status.Code(err)
	return code == codes.Unavailable || code == codes.Canceled || errors.Is(err, io.EOF)
}

// once makes a call on the present life. It reports whether the engine
// acknowledged it.
func (s *survivor) once(ctx context.Context, call func(context.Context, *life) error) bool {
	err := call(ctx, s.current())
	if err != nil && !lost(err) {
		s.t.Errorf("a call came to %v", err)
	}
	return err == nil
}

// until repeats a call over as many lives as it takes.
func (s *survivor) until(ctx context.Context, call func(context.Context, *life) error) {
	for ctx.Err() == nil {
		s.mu.Lock()
		life, born := s.life, s.born
		s.mu.Unlock()
		err := call(ctx, life)
		if err == nil {
			return
		}
		if !lost(err) {
			s.t.Errorf("a call came to %v", err)
			return
		}
		select {
		case <-born:
		case <-ctx.Done():
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func (s *survivor) define() {
	task := func(workflow, name string, parents ...string) *v1.CreateTaskOpts {
		return &v1.CreateTaskOpts{
			ReadableId: name, Action: workflow + ":" + name, Timeout: "10m", ScheduleTimeout: proto.String("10m"), Parents: parents}
	}
	flaky, remind := task("flaky", "work"), task("remind", "wait")
	flaky.Retries, flaky.BackoffFactor = 1, proto.Float32(1)
	remind.IsDurable = true
	for _, req := range []*v1.CreateWorkflowVersionRequest{
		{Name: "job", Tasks: []*v1.CreateTaskOpts{task("job", "work")}},
		{Name: "chain", Tasks: []*v1.CreateTaskOpts{task("chain", "a"), task("chain", "b", "a")}},
		{Name: "flaky", Tasks: []*v1.CreateTaskOpts{flaky}},
		{Name: "remind", Tasks: []*v1.CreateTaskOpts{remind}},
		{Name: "hear", Tasks: []*v1.CreateTaskOpts{task("hear", "work")}, EventTriggers: []string{"crash:*"}},
	} {
		s.current().register(req)
	}
}

// load triggers runs and pushes events until ctx is done or the ledger closed.
func (s *survivor) load(ctx context.Context) {
	for ctx.Err() == nil && !s.ledger.closed() {
		if rand.IntN(4) == 0 {
			s.push(ctx)
		} else {
			s.trigger(ctx, []string{"job", "chain", "flaky", "remind"}[rand.IntN(4)])
		}
		time.Sleep(time.Duration(rand.IntN(6)) * time.Millisecond)
	}
}

func (s *survivor) trigger(ctx context.Context, workflow string) {
	s.once(ctx, func(ctx context.Context, l *life) error {
		reply, err := l.workflows.TriggerWorkflow(ctx, &v1.TriggerWorkflowRequest{Name: workflow, Input: `{"n":1}`})
		if err == nil {
			s.ledger.note(func(l *ledger) { l.runs[reply.WorkflowRunId] = workflow })
		}
		return err
	})
}

func (s *survivor) push(ctx context.Context) {
	s.once(ctx, func(ctx context.Context, l *life) error {
		reply, err := l.events.Push(ctx, &contract.PushEventRequest{Key: "crash:" + uuid.NewString(), Payload: `{"e":1}`})
		if err == nil {
			s.ledger.note(func(l *ledger) { l.events[reply.EventId] = true })
		}
		return err
	})
}

// recorded is what an engine has of a run or a task.
type recorded struct {
	TaskExternalID     string `json:"taskExternalId"`
	WorkflowName       string
	Status             string
	Output             json.RawMessage
	RetryCount         int32
	AdditionalMetadata map[string]string
	Children           []recorded
}

// records asks the present life for all runs.
func (s *survivor) records() []recorded {
	s.t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: patience}
	var all []recorded
	for {
		path := fmt.Sprintf("http://%s/api/v1/stable/tenants/%s/workflow-runs?only_tasks=false&include_payloads=true&since=2000-01-01T00:00:00Z&limit=1000&offset=%d",
			s.current().process.httpAddr, local.DefaultTenantID, len(all))
		req, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, path, nil)
		if err != nil {
			s.t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+local.New(local.Options{}).Token())
		res, err := client.Do(req)
		if err != nil {
			s.t.Fatal(err)
		}
		text, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		var page struct{ Rows []recorded }
		if err == nil {
			err = json.Unmarshal(text, &page)
		}
		if err != nil {
			s.t.Fatalf("%s: %v", text, err)
		}
		if all = append(all, page.Rows...); len(page.Rows) < 1000 {
			return all
		}
	}
}

// verify holds the ledger against what the engine has. What is acknowledged
// while it looks is for the next time.
func (s *survivor) verify() {
	s.t.Helper()
	known := s.ledger.copy()
	tasks, heard := map[string]recorded{}, map[string]int{}
	for _, run := range s.records() {
		if _, again := tasks[run.TaskExternalID]; !again { // pages shift while runs are added
			heard[run.AdditionalMetadata["hatchet__event_id"]]++
		}
		tasks[run.TaskExternalID] = run
		for _, task := range run.Children {
			tasks[task.TaskExternalID] = task
		}
	}
	for id, workflow := range known.runs {
		if tasks[id].WorkflowName != workflow {
			s.t.Errorf("run %s of %s is not there, or is one of %q", id, workflow, tasks[id].WorkflowName)
		}
	}
	for id := range known.events {
		if heard[id] != 1 {
			s.t.Errorf("event %s has %d runs", id, heard[id])
		}
	}
	for id, output := range known.done {
		if got := tasks[id]; got.Status != "COMPLETED" || string(got.Output) != output {
			s.t.Errorf("task %s is %s %s, acknowledged as completed with %s", id, got.Status, got.Output, output)
		}
	}
	for id, retry := range known.failed {
		if got := tasks[id]; got.RetryCount <= retry {
			s.t.Errorf("task %s is in attempt %d, whose failure was acknowledged", id, got.RetryCount)
		}
	}
}

// finish waits until every acknowledged run has ended well.
func (s *survivor) finish() {
	s.t.Helper()
	known := s.ledger.copy()
	var ids []string
	for id := range known.runs {
		ids = append(ids, id)
	}
	l := s.current()
	results, err := l.results(l.ctx, ids...)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, id := range ids {
		for name, output := range results[id] {
			if output == "" || output[0] == '!' {
				s.t.Errorf("task %s of a run of %s came to %q", name, known.runs[id], output)
			}
		}
		if memo, kept := known.memos[id]; kept && results[id]["wait"] != memo {
			s.t.Errorf("the memo of run %s was %s and became %s", id, memo, results[id]["wait"])
		}
	}
	s.eventually("the runs of events end", func() bool {
		for _, run := range s.records() {
			if run.Status != "COMPLETED" {
				return false
			}
		}
		return true
	})
}
