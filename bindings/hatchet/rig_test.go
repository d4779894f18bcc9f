package hatchet_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dop251/goja"
	"go.uber.org/goleak"

	"github.com/hatchet-js/hatchet-js-worker/bindings/hatchet"
	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// rig is a script in a VM, with a host that notes what it is asked for.
type rig struct {
	t     *testing.T
	vm    *vm.VM
	realm *hatchet.Realm
	host  *host
}

func load(t *testing.T, source string, opts ...hatchet.Options) (*rig, error) {
	t.Helper()
	return loadIn(t, vm.New(vm.Options{}), source, opts...)
}

func loadIn(t *testing.T, v *vm.VM, source string, opts ...hatchet.Options) (*rig, error) {
	t.Helper()
	r := &rig{t: t, vm: v, host: &host{t: t}}
	r.realm = hatchet.Install(v, opts...)
	program, err := goja.Compile("test.js", source, true)
	if err != nil {
		t.Fatal(err)
	}
	err = v.Run(context.Background(), vm.Call{Name: "test.js", Start: func() (goja.Value, error) {
		return v.Runtime().RunProgram(program)
	}})
	r.realm.Freeze()
	return r, err
}

func mustLoad(t *testing.T, source string) *rig {
	t.Helper()
	r, err := load(t, source)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// invocation is an attempt of a task with an input.
func (r *rig) invocation(action, input string) *hatchet.Invocation {
	if input == "" {
		input = "{}"
	}
	return &hatchet.Invocation{
		Action: action, WorkflowRunID: "run-1", TaskRunID: "task-1",
		Payload: []byte(`{"input":` + input + `,"triggers":{"filter_payload":null}}`), Host: r.host,
	}
}

func (r *rig) invoke(inv *hatchet.Invocation) (string, error) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	output, err := r.realm.Invoke(ctx, inv)
	return string(output), err
}

// run runs the task of an action and returns its output.
func (r *rig) run(action, input string) (string, error) {
	r.t.Helper()
	return r.invoke(r.invocation(action, input))
}

func (r *rig) expect(action, input, want string) {
	r.t.Helper()
	if got, err := r.run(action, input); err != nil || got != want {
		r.t.Errorf("%s gave %s, %v; want %s", action, got, err, want)
	}
}

// body runs the body of an async handler.
func body(t *testing.T, source string) (*rig, string, error) {
	t.Helper()
	r := mustLoad(t, "workflow.task('t', async (input, ctx) => {\n"+source+"\n})")
	output, err := r.run("t:t", "")
	return r, output, err
}

func expectBody(t *testing.T, source, want string) *rig {
	t.Helper()
	r, got, err := body(t, source)
	if err != nil || got != want {
		t.Errorf("%s\ngave %s, %v; want %s", source, got, err, want)
	}
	return r
}

func taskError(t *testing.T, err error) *hatchet.TaskError {
	t.Helper()
	var failed *hatchet.TaskError
	if !errors.As(err, &failed) {
		t.Fatalf("no TaskError: %v", err)
	}
	return failed
}

// host answers from fields and notes everything as text.
type host struct {
	t *testing.T

	mu    sync.Mutex
	notes []string
	logs  []string

	results map[string]*hatchet.Result
	status  string
	fail    error
	started int
	hold    chan struct{} // when set, effects wait for it to be closed

	answers map[string]string // of the REST face, by method and path; a number is a refusal
	details *hatchet.Details
	streams map[string][]string
}

func (h *host) note(format string, args ...any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.notes = append(h.notes, fmt.Sprintf(format, args...))
}

func (h *host) expect(want ...string) {
	h.t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	if got := strings.Join(h.notes, "\n"); got != strings.Join(want, "\n") {
		h.t.Errorf("the host was asked for\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
}

func (h *host) expectLogs(want ...string) {
	h.t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	if got := strings.Join(h.logs, "\n"); got != strings.Join(want, "\n") {
		h.t.Errorf("logged\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
}

func (h *host) wait(ctx context.Context) error {
	if h.hold != nil {
		select {
		case <-h.hold:
		case <-ctx.Done():
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return h.fail
}

func describe(q hatchet.RunRequest) string {
	text := fmt.Sprintf("%s %s", q.Workflow, q.Input)
	if q.AdditionalMetadata != nil {
		text += " metadata " + string(q.AdditionalMetadata)
	}
	if q.Priority != 0 {
		text += fmt.Sprintf(" priority %d", q.Priority)
	}
	if q.Sticky {
		text += " sticky"
	}
	if q.Key != "" {
		text += " key " + q.Key
	}
	if q.Parent != nil {
		text += fmt.Sprintf(" child %d of %s/%s", q.Parent.ChildIndex, q.Parent.WorkflowRunID, q.Parent.TaskRunID)
	}
	return text
}

func (h *host) Trigger(ctx context.Context, q hatchet.RunRequest) (string, error) {
	if err := h.wait(ctx); err != nil {
		return "", err
	}
	h.note("trigger %s", describe(q))
	h.mu.Lock()
	defer h.mu.Unlock()
	h.started++
	return fmt.Sprintf("child-%d", h.started), nil
}

func (h *host) TriggerMany(ctx context.Context, many []hatchet.RunRequest) ([]string, error) {
	if err := h.wait(ctx); err != nil {
		return nil, err
	}
	var ids []string
	for i, q := range many {
		h.note("trigger many %s", describe(q))
		ids = append(ids, fmt.Sprintf("many-%d", i+1))
	}
	return ids, nil
}

func (h *host) Result(ctx context.Context, id string) (*hatchet.Result, error) {
	if result := h.results[id]; result != nil {
		return result, nil
	}
	<-ctx.Done() // a run that never ends
	return nil, ctx.Err()
}

func (h *host) Status(_ context.Context, id string) (string, error) {
	h.note("status %s", id)
	return h.status, h.fail
}

func (h *host) Cancel(ctx context.Context, ids ...string) error {
	h.note("cancel %s", strings.Join(ids, " "))
	return h.wait(ctx)
}

func (h *host) PushEvent(ctx context.Context, e hatchet.Event) (string, error) {
	if err := h.wait(ctx); err != nil {
		return "", err
	}
	h.note("push %s %s %s priority %d scope %q", e.Key, e.Payload, e.AdditionalMetadata, e.Priority, e.Scope)
	return "event-1", nil
}

func (h *host) BulkPushEvents(_ context.Context, events []hatchet.Event) ([]string, error) {
	var ids []string
	for i, e := range events {
		h.note("bulk %s %s %s priority %d scope %q", e.Key, e.Payload, e.AdditionalMetadata, e.Priority, e.Scope)
		ids = append(ids, fmt.Sprintf("event-%d", i+1))
	}
	return ids, h.fail
}

func (h *host) RefreshTimeout(_ context.Context, d time.Duration) error {
	h.note("refresh %v", d)
	return h.fail
}

func (h *host) ReleaseSlot(context.Context) error {
	h.note("release")
	return h.fail
}

func (h *host) PutStream(ctx context.Context, index int64, chunk []byte) error {
	if err := h.wait(ctx); err != nil {
		return err
	}
	h.note("stream %d %s", index, chunk)
	return nil
}

func (h *host) Log(level hatchet.Level, message string, fields []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	text := string(level) + " " + message
	if fields != nil {
		text += " " + string(fields)
	}
	h.logs = append(h.logs, text)
}

func (h *host) Worker() hatchet.Worker {
	return hatchet.Worker{ID: "w-1", Name: "tester", Labels: map[string]any{"gpu": "yes", "cores": int32(8)}, Workflows: []string{"orders"}}
}

func (h *host) UpsertLabels(ctx context.Context, labels map[string]any) error {
	h.note("labels %v", labels)
	return h.wait(ctx)
}

func (h *host) REST(ctx context.Context, q hatchet.APIRequest) (*hatchet.APIAnswer, error) {
	if err := h.wait(ctx); err != nil {
		return nil, err
	}
	text := q.Method + " " + q.Path
	answer := h.answers[text]
	if len(q.Query) > 0 {
		text += "?" + q.Query.Encode()
	}
	if q.Body != nil {
		text += " " + string(q.Body)
	}
	h.note("%s", text)
	if code, err := strconv.Atoi(answer); err == nil {
		return nil, &hatchet.APIError{Status: code, Message: "refused"}
	}
	return &hatchet.APIAnswer{Body: []byte(answer), JSON: json.Valid([]byte(answer))}, nil
}

// workflowUUID is the id of every workflow.
const workflowUUID = "00000000-0000-4000-8000-0000000000aa"

func (h *host) FindWorkflow(_ context.Context, name string) ([]byte, error) {
	h.note("find %s", name)
	return []byte(`{"name":"` + name + `","metadata":{"id":"` + workflowUUID + `"}}`), h.fail
}

func (h *host) WireName(workflow string) string { return "dev_" + workflow }

func (h *host) Details(_ context.Context, id string) (*hatchet.Details, error) {
	h.note("details %s", id)
	return h.details, h.fail
}

func (h *host) PutRateLimit(ctx context.Context, key string, limit int, window string) error {
	h.note("rate limit %s %d %s", key, limit, window)
	return h.wait(ctx)
}

func (h *host) Follow(ctx context.Context, id string, each func(hatchet.RunEvent) error) error {
	h.note("listen %s", id)
	for _, chunk := range h.streams[id] {
		if chunk == "…" { // goes on for ever
			<-ctx.Done()
			return context.Cause(ctx)
		}
		if err := each(hatchet.RunEvent{OfTask: true, What: hatchet.Streamed, ID: "t-1", RunID: id, Payload: []byte(chunk)}); err != nil {
			return err
		}
	}
	return h.fail
}
