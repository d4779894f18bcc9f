package local_test

import (
	"context"
	"testing"

	"github.com/google/uuid"
	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
	v1 "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
	"github.com/hatchet-js/hatchet-js-worker/engine/local"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/encoding/gzip"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/types/known/emptypb"
)

// hatchet-protocol.md section 8.6: durable waits as workers for engines before
// v0.80.0 have them.
func TestDurableEventsOfOldWorkers(t *testing.T) {
	r := start(t, local.Options{})
	r.put("job", "a")
	begun := make(chan *contract.AssignedAction)
	r.work(func(ctx context.Context, a *contract.AssignedAction) (string, error) {
		begun <- a
		<-ctx.Done()
		return "", ctx.Err()
	}, "job:a")
	r.trigger("job", "{}")
	id := (<-begun).TaskRunExternalId
	register := func(key, event string) {
		t.Helper()
		_, err := r.durable.RegisterDurableEvent(r.ctx, &v1.RegisterDurableEventRequest{TaskId: id, SignalKey: key,
			Conditions: &v1.DurableEventListenerConditions{UserEventConditions: []*v1.UserEventMatchCondition{{
				Base: &v1.BaseMatchCondition{ReadableDataKey: "k", OrGroupId: uuid.NewString()}, UserEventKey: event,
			}}}})
		if err != nil {
			t.Fatal(err)
		}
	}
	push := func(event string) {
		t.Helper()
		if _, err := r.events.Push(r.ctx, &contract.PushEventRequest{Key: event, Payload: `{"n":1}`}); err != nil {
			t.Fatal(err)
		}
	}
	stream, err := r.durable.ListenForDurableEvent(r.ctx)
	if err != nil {
		t.Fatal(err)
	}
	listen := func(task, key string) {
		t.Helper()
		if err := stream.Send(&v1.ListenForDurableEventRequest{TaskId: task, SignalKey: key}); err != nil {
			t.Fatal(err)
		}
	}
	expect := func(key string) {
		t.Helper()
		got, err := stream.Recv()
		if err != nil {
			t.Fatal(err)
		}
		if got.TaskId != id || got.SignalKey != key || string(got.Data) != `{"CREATE":{"k":[{"n":1}]}}` {
			t.Errorf("got %v, want signal %s", got, key)
		}
	}
	register("before", "first")
	push("first")
	listen(uuid.NewString(), "before") // never answered
	listen("no id", "before")
	listen(id, "before")
	listen(id, "after")
	expect("before")
	register("after", "second")
	register("after", "third") // it is there: left as it is
	push("third")
	push("second")
	expect("after")
	if err := stream.CloseSend(); err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Recv(); err == nil {
		t.Error("the stream goes on")
	}
	for task, want := range map[string]codes.Code{"x": codes.InvalidArgument, uuid.NewString(): codes.NotFound} {
		_, err := r.durable.RegisterDurableEvent(r.ctx, &v1.RegisterDurableEventRequest{TaskId: task, SignalKey: "k"})
		expectCode(t, err, want, "")
	}
}

// rawTraces is an ExportTraceServiceRequest with so many spans.
func rawTraces(spans int) []byte {
	var scope, resource, request []byte
	for range spans {
		scope = protowire.AppendTag(scope, 2, protowire.BytesType)
		scope = protowire.AppendBytes(scope, []byte{8, 1})
	}
	resource = protowire.AppendTag(resource, 2, protowire.BytesType)
	resource = protowire.AppendBytes(resource, scope)
	request = protowire.AppendTag(request, 1, protowire.BytesType)
	return protowire.AppendBytes(request, resource)
}

// OTLP traces are accepted, compressed or not, from who has a token.
func TestTracesAreAccepted(t *testing.T) {
	r := start(t, local.Options{})
	request := &emptypb.Empty{}
	request.ProtoReflect().SetUnknown(rawTraces(100))
	const export = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
	for _, compressor := range []string{gzip.Name, "identity"} {
		reply := &emptypb.Empty{}
		if err := r.conn.Invoke(r.ctx, export, request, reply, grpc.UseCompressor(compressor)); err != nil {
			t.Errorf("%s: %v", compressor, err)
		}
		if rest := reply.ProtoReflect().GetUnknown(); len(rest) > 0 {
			t.Errorf("%s: spans were refused: %x", compressor, rest)
		}
	}
	r.dial("x.y.z")
	expectCode(t, r.conn.Invoke(r.ctx, export, request, &emptypb.Empty{}), codes.Unauthenticated, "")
}
