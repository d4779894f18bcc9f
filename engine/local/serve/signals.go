package serve

import (
	"context"

	"github.com/google/uuid"
	v1 "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
	"github.com/hatchet-js/hatchet-js-worker/engine/local/core"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// RegisterDurableEvent implements hatchet-protocol.md section 8.6, for workers
// made for engines before v0.80.0.
func (d *durable) RegisterDurableEvent(ctx context.Context, req *v1.RegisterDurableEventRequest) (*v1.RegisterDurableEventResponse, error) {
	if uuid.Validate(req.TaskId) != nil {
		return nil, status.Error(codes.InvalidArgument, "task id is not a valid uuid")
	}
	_, err := d.engine.Do(ctx, core.RegisterSignal{TaskID: req.TaskId, Key: req.SignalKey, Conditions: signalConditions(req.Conditions)})
	return &v1.RegisterDurableEventResponse{}, err
}

// signalConditions leaves out what these calls do not look at.
func signalConditions(in *v1.DurableEventListenerConditions) []core.Condition {
	out := waitConditions(in)
	for i := range out {
		out[i].Action, out[i].Scope, out[i].Since = core.ActionCreate, "", nil
	}
	return out
}

// ListenForDurableEvent implements hatchet-protocol.md section 8.6. The stream
// stays open as long as the client keeps its side open.
func (d *durable) ListenForDurableEvent(stream grpc.BidiStreamingServer[v1.ListenForDurableEventRequest, v1.DurableEvent]) error {
	signals, err := d.engine.Signals(stream.Context())
	if err != nil {
		return err
	}
	defer signals.Close()
	ctx := receiving(stream.Context(), d.Faces, stream.Recv, func(ctx context.Context, req *v1.ListenForDurableEventRequest) error {
		if uuid.Validate(req.TaskId) != nil {
			return nil // as an unknown id: no answer
		}
		return signals.Add(ctx, SignalKey{TaskID: req.TaskId, Key: req.SignalKey})
	})
	for {
		met, err := signals.Next(ctx)
		if err != nil {
			return hungUp(err)
		}
		if err := stream.Send(&v1.DurableEvent{TaskId: met.TaskID, SignalKey: met.Key, Data: met.Data}); err != nil {
			return err
		}
	}
}
