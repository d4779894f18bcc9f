package local_test

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"strings"
	"testing"

	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
	v1 "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
	"github.com/hatchet-js/hatchet-js-worker/engine/local"
	"google.golang.org/grpc/codes"
)

// echo answers every task with its name.
func echo(_ context.Context, a *contract.AssignedAction) (string, error) {
	return `{"task":"` + a.TaskName + `"}`, nil
}

func TestATaskRunsFromTriggerToResult(t *testing.T) {
	for name, options := range map[string]local.Options{
		"in process": {},
		"over TCP":   {GRPCAddr: "127.0.0.1:0", HTTPAddr: "127.0.0.1:0"},
	} {
		t.Run(name, func(t *testing.T) {
			r := start(t, options)
			r.put("greet", "hello")
			w, _ := r.work(echo, "greet:hello")
			id := r.trigger("greet", `{"name":"Ada"}`)
			if got := r.result(id); got["hello"] != `{"task":"hello"}` {
				t.Errorf("results %v", got)
			}
			a := w.actions()[0]
			if a.WorkflowRunId != id || a.TaskRunExternalId != id || a.ActionId != "greet:hello" || a.TenantId != r.engine.TenantID() {
				t.Errorf("action %v", a)
			}
			var payload struct{ Input struct{ Name string } }
			if err := json.Unmarshal([]byte(a.ActionPayload), &payload); err != nil || payload.Input.Name != "Ada" {
				t.Errorf("payload %s: %v", a.ActionPayload, err)
			}
		})
	}
}

func TestADAGHandsOutputsDown(t *testing.T) {
	r := start(t, local.Options{})
	r.put("order", "validate", "charge<validate", "ship<validate", "report<charge,ship")
	parents := make(chan string, 10)
	r.work(func(ctx context.Context, a *contract.AssignedAction) (string, error) {
		if a.TaskName == "report" {
			var payload struct{ Parents json.RawMessage }
			err := json.Unmarshal([]byte(a.ActionPayload), &payload)
			parents <- string(payload.Parents)
			return "null", err
		}
		return echo(ctx, a)
	}, "order:validate", "order:charge", "order:ship", "order:report")
	got := r.result(r.trigger("order", `{}`))
	if len(got) != 4 || got["charge"] != `{"task":"charge"}` {
		t.Errorf("results %v", got)
	}
	if p := <-parents; !strings.Contains(p, `"charge":{"task":"charge"}`) || !strings.Contains(p, `"ship"`) {
		t.Errorf("parents %s", p)
	}
}

func TestFailuresAreRetriedAndReported(t *testing.T) {
	r := start(t, local.Options{})
	r.register(&v1.CreateWorkflowVersionRequest{
		Name:  "pay",
		Tasks: []*v1.CreateTaskOpts{{ReadableId: "charge", Action: "pay:charge", Retries: 2}},
	})
	w, _ := r.work(func(_ context.Context, a *contract.AssignedAction) (string, error) {
		switch a.RetryCount {
		case 0:
			return "", errors.New(`{"message":"no luck"}`)
		default:
			return "", errFinal
		}
	}, "pay:charge")
	if got := r.result(r.trigger("pay", "")); got["charge"] != "!"+errFinal.Error() {
		t.Errorf("results %v", got)
	}
	if n := len(w.actions()); n != 2 {
		t.Errorf("%d attempts, want 2", n)
	}
}

func TestCancelReachesTheWorker(t *testing.T) {
	r := start(t, local.Options{})
	r.put("long", "wait")
	begun, ended := make(chan struct{}), make(chan error, 1)
	r.work(func(ctx context.Context, a *contract.AssignedAction) (string, error) {
		close(begun)
		<-ctx.Done()
		ended <- context.Cause(ctx)
		return "", nil
	}, "long:wait")
	id := r.trigger("long", "")
	<-begun
	reply, err := r.admin.CancelTasks(r.ctx, &v1.CancelTasksRequest{ExternalIds: []string{id}})
	if err != nil || len(reply.CancelledTasks) != 1 {
		t.Fatalf("%v %v", reply, err)
	}
	if cause := <-ended; !errors.Is(cause, errCancelled) {
		t.Errorf("the attempt ended with %v", cause)
	}
	if got := r.result(id); got["wait"] != "!" {
		t.Errorf("results %v", got)
	}
	details, err := r.admin.GetRunDetails(r.ctx, &v1.GetRunDetailsRequest{ExternalId: id})
	if err != nil || details.Status != v1.RunStatus_CANCELLED || !details.Done {
		t.Errorf("details %v %v", details, err)
	}
}

func TestEventsStartRuns(t *testing.T) {
	r := start(t, local.Options{})
	r.register(&v1.CreateWorkflowVersionRequest{
		Name: "signup", EventTriggers: []string{"user:*"},
		Tasks: []*v1.CreateTaskOpts{{ReadableId: "welcome", Action: "signup:welcome"}},
	})
	inputs := make(chan *contract.AssignedAction, 10)
	r.work(func(_ context.Context, a *contract.AssignedAction) (string, error) {
		inputs <- a
		return "null", nil
	}, "signup:welcome")
	event, err := r.events.Push(r.ctx, &contract.PushEventRequest{Key: "user:created", Payload: `{"id":7}`})
	if err != nil || event.Key != "user:created" || event.EventId == "" {
		t.Fatalf("%v %v", event, err)
	}
	a := <-inputs
	if a.GetTriggeringEventKey() != "user:created" || a.GetTriggeringEventExternalId() != event.EventId ||
		!strings.Contains(a.ActionPayload, `"input":{"id":7}`) {
		t.Errorf("action %v", a)
	}
	bulk, err := r.events.BulkPush(r.ctx, &contract.BulkPushEventRequest{Events: []*contract.PushEventRequest{
		{Key: "user:a", Payload: `{}`}, {Key: "nobody", Payload: `{}`}, {Key: "user:b", Payload: `{}`}}})
	if err != nil || len(bulk.Events) != 3 {
		t.Fatalf("%v %v", bulk, err)
	}
	<-inputs
	<-inputs
}

func TestTokensAreChecked(t *testing.T) {
	r := start(t, local.Options{GRPCAddr: "127.0.0.1:0"})
	good := r.engine.Token()
	foreign := local.New(local.Options{TenantID: "11111111-2222-3333-4444-555555555555"}).Token()
	for name, token := range map[string]string{"none": "", "garbage": "a.b.c", "another tenant": foreign, "two parts": good[:strings.LastIndex(good, ".")]} {
		r.dial(token)
		_, err := r.dispatcher.GetVersion(r.ctx, &contract.GetVersionRequest{})
		if err == nil {
			t.Errorf("%s: let in", name)
		}
		expectCode(t, err, codes.Unauthenticated, "invalid auth token")
		stream, err := r.dispatcher.ListenV2(r.ctx, &contract.WorkerListenRequest{WorkerId: "x"})
		if err == nil {
			_, err = stream.Recv()
		}
		expectCode(t, err, codes.Unauthenticated, "invalid auth token")
	}
	r.dial("")
	version, err := r.dispatcher.GetVersion(withToken(r.ctx, "BEARER "+good), &contract.GetVersionRequest{})
	if err != nil || version.Version != local.DefaultVersion {
		t.Errorf("%v %v", version, err)
	}
}

func TestATakenPortIsATypedError(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, options := range []local.Options{{GRPCAddr: l.Addr().String()}, {GRPCAddr: "127.0.0.1:0", HTTPAddr: l.Addr().String()}} {
		err := local.New(options).Run(context.Background())
		var taken *local.PortTakenError
		if !errors.As(err, &taken) || taken.Addr != l.Addr().String() {
			t.Errorf("got %v", err)
		}
	}
}

func TestAnEngineRunsOnce(t *testing.T) {
	r := start(t, local.Options{})
	if err := r.engine.Run(r.ctx); err == nil {
		t.Error("ran twice")
	}
}
