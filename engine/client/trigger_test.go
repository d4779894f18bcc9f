package client

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hatchet-js/hatchet-js-worker/engine/transport"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"

	v1 "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
)

func TestTrigger(t *testing.T) {
	e := newEngine(t)
	c := connect(t, e.hostPort, "", Options{Namespace: "dev_"})
	id, err := c.Trigger(within(t), "Order", []byte(`{"a":1}`), RunOptions{
		AdditionalMetadata: json.RawMessage(`{"m":"x"}`), Priority: 3, DesiredWorkerID: "w", Key: "k",
		Parent: &Parent{WorkflowRunID: "r", TaskRunID: "t", ChildIndex: 0},
	})
	if err != nil || id != "run of dev_order" {
		t.Fatalf("%q, %v", id, err)
	}
	if _, err := c.Trigger(within(t), "dev_order", nil, RunOptions{}); err != nil {
		t.Fatal(err)
	}
	for i, text := range []string{
		`name: "dev_order" input: "{\"a\":1}" parent_id: "r" parent_task_run_external_id: "t" child_index: 0 child_key: "k"
		 additional_metadata: "{\"m\":\"x\"}" desired_worker_id: "w" priority: 3`,
		`name: "dev_order" input: "{}"`,
	} {
		want := &v1.TriggerWorkflowRequest{}
		if err := prototext.Unmarshal([]byte(text), want); err != nil {
			t.Fatal(err)
		}
		if !proto.Equal(e.triggers[i], want) {
			t.Errorf("request %d: got %v, want %v", i, e.triggers[i], want)
		}
	}
	if got := e.metadata.Get("authorization"); len(got) != 1 || got[0] != "Bearer "+token(e.hostPort, "") {
		t.Errorf("authorization %q", got)
	}
}

func TestTriggerRefuses(t *testing.T) {
	e := newEngine(t)
	c := connect(t, e.hostPort, "", Options{})
	big := []byte(`{"a":"` + strings.Repeat("x", transport.MaxMessage) + `"}`)
	for want, item := range map[string]TriggerItem{
		`trigger workflow "": no workflow is named`:           {},
		"the input must be a JSON object, it is an array":     {Workflow: "w", Input: []byte(" [1]")},
		"the input must be a JSON object, it is null":         {Workflow: "w", Input: []byte("null")},
		"the input must be a JSON object, it is a number":     {Workflow: "w", Input: []byte("1")},
		"the input must be a JSON object, it is a string":     {Workflow: "w", Input: []byte(`"x"`)},
		"the input must be a JSON object, it is a boolean":    {Workflow: "w", Input: []byte("true")},
		"the input must be a JSON object, it is not JSON":     {Workflow: "w", Input: []byte("{a}")},
		"the additional metadata must be a JSON object, it i": {Workflow: "w", Options: RunOptions{AdditionalMetadata: []byte("1")}},
		"priority 4: must be 1 (low), 2":                      {Workflow: "w", Options: RunOptions{Priority: 4}},
		"the input has 4194312 bytes, and a run may have 419": {Workflow: "w", Input: big},
	} {
		if _, err := c.Trigger(within(t), item.Workflow, item.Input, item.Options); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
		ids, err := c.TriggerMany(within(t), []TriggerItem{{Workflow: "good"}, item})
		if err == nil || len(ids) != 0 || !strings.Contains(err.Error(), "item 1") {
			t.Errorf("want %q of item 1, got %v, %v", want, ids, err)
		}
	}
	if len(e.triggers) != 0 {
		t.Errorf("%d runs were started", len(e.triggers))
	}
	e.refuse = []error{status.Error(codes.InvalidArgument, "workflow names not found: w")}
	_, err := c.Trigger(within(t), "w", nil, RunOptions{})
	if status.Code(err) != codes.InvalidArgument || err.Error() != `trigger workflow "w": workflow names not found: w (InvalidArgument)` {
		t.Errorf("got %v", err)
	}
}

func TestTriggerManyInChunks(t *testing.T) {
	e := newEngine(t)
	c := connect(t, e.hostPort, "", Options{})
	items := make([]TriggerItem, 1200)
	for i := range items {
		items[i] = TriggerItem{Workflow: "w", Input: fmt.Appendf(nil, `{"n":%d}`, i)}
	}
	ids, err := c.TriggerMany(within(t), items)
	if err != nil || len(ids) != 1200 {
		t.Fatalf("%d ids, %v", len(ids), err)
	}
	if !slices.Equal(e.bulks, []int{500, 500, 200}) {
		t.Errorf("sizes of the requests: %v", e.bulks)
	}
	for i, id := range ids {
		if want := fmt.Sprint("run ", i); id != want || e.triggers[i].Input != string(items[i].Input) {
			t.Fatalf("item %d has id %q and input %s", i, id, e.triggers[i].Input)
		}
	}
	e.bulks = nil
	wide := make([]TriggerItem, 10) // of a megabyte each
	for i := range wide {
		wide[i] = TriggerItem{Workflow: "w", Input: []byte(`{"a":"` + strings.Repeat("x", 1<<20) + `"}`)}
	}
	if ids, err := c.TriggerMany(within(t), wide); err != nil || len(ids) != 10 {
		t.Fatalf("%d ids, %v", len(ids), err)
	}
	if !slices.Equal(e.bulks, []int{3, 3, 3, 1}) {
		t.Errorf("sizes of the large requests: %v", e.bulks)
	}
	if ids, err := c.TriggerMany(within(t), nil); err != nil || len(ids) != 0 {
		t.Errorf("no items: %v, %v", ids, err)
	}
}

func TestTriggerManyKeepsWhatWasStarted(t *testing.T) {
	e := newEngine(t)
	c := connect(t, e.hostPort, "", Options{})
	e.refuse = []error{nil, status.Error(codes.PermissionDenied, "no")}
	ids, err := c.TriggerMany(within(t), slices.Repeat([]TriggerItem{{Workflow: "w"}}, 700))
	if len(ids) != 500 || !transport.IsUnauthorized(err) || !strings.Contains(err.Error(), "trigger 700 runs: after the first 500") {
		t.Errorf("%d ids, %v", len(ids), err)
	}
}

func TestRetriedTrigger(t *testing.T) {
	e := newEngine(t)
	c := connect(t, e.hostPort, "", Options{})
	e.refuse = []error{status.Error(codes.Unavailable, "restarting"), status.Error(codes.ResourceExhausted, "rate limit")}
	if _, err := c.Trigger(within(t), "w", nil, RunOptions{}); err != nil || len(e.triggers) != 1 {
		t.Errorf("%d runs, %v", len(e.triggers), err)
	}
}

func TestCancelledContext(t *testing.T) {
	e := newEngine(t)
	c := connect(t, e.hostPort, "", Options{})
	ctx, cancel := context.WithCancelCause(context.Background())
	cause := fmt.Errorf("enough")
	cancel(cause)
	if _, err := c.Trigger(ctx, "w", nil, RunOptions{}); err == nil || !strings.HasSuffix(err.Error(), "enough") {
		t.Errorf("got %v", err)
	}
}
