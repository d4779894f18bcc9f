package serve

import (
	"context"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
	"github.com/hatchet-js/hatchet-js-worker/engine/local/core"
)

// events is the service EventsService (hatchet-protocol.md section 7).
type events struct {
	contract.UnimplementedEventsServiceServer
	*Faces
}

// Push implements hatchet-protocol.md section 7.1.
func (e *events) Push(ctx context.Context, req *contract.PushEventRequest) (*contract.Event, error) {
	pushed, err := e.push(ctx, []*contract.PushEventRequest{req})
	if err != nil {
		return nil, err
	}
	return pushed[0], nil
}

// BulkPush implements hatchet-protocol.md section 7.1.
func (e *events) BulkPush(ctx context.Context, req *contract.BulkPushEventRequest) (*contract.Events, error) {
	pushed, err := e.push(ctx, req.Events)
	if err != nil {
		return nil, err
	}
	return &contract.Events{Events: pushed}, nil
}

func (e *events) push(ctx context.Context, requests []*contract.PushEventRequest) ([]*contract.Event, error) {
	cmd := core.PushEvent{Seed: e.options.NewID()}
	for _, req := range requests {
		cmd.Events = append(cmd.Events, core.UserEvent{
			Key: req.Key, Payload: req.Payload, Metadata: req.GetAdditionalMetadata(),
			Priority: priority(req.Priority), Scope: req.GetScope(),
		})
	}
	reply, err := do[core.PushEventReply](ctx, e.engine, cmd)
	if err != nil {
		return nil, err
	}
	pushed := make([]*contract.Event, len(requests))
	for i, req := range requests {
		pushed[i] = &contract.Event{
			TenantId: e.options.TenantID, EventId: reply.EventIDs[i], Key: req.Key, Payload: req.Payload,
			EventTimestamp: req.EventTimestamp, AdditionalMetadata: req.AdditionalMetadata,
		}
	}
	return pushed, nil
}

// PutLog implements hatchet-protocol.md section 7.3.
func (e *events) PutLog(ctx context.Context, req *contract.PutLogRequest) (*contract.PutLogResponse, error) {
	if err := checkUUID("task_run_external_id", req.TaskRunExternalId); err != nil {
		return nil, err
	}
	at := time.Time{}
	if req.CreatedAt != nil {
		at = req.CreatedAt.AsTime()
	}
	_, err := e.engine.Do(ctx, core.PutLog{
		TaskID: req.TaskRunExternalId, RetryCount: req.TaskRetryCount, At: at,
		Level: req.GetLevel(), Message: req.Message, Metadata: req.Metadata,
	})
	return &contract.PutLogResponse{}, err
}

// PutStreamEvent implements hatchet-protocol.md section 7.4.
func (e *events) PutStreamEvent(ctx context.Context, req *contract.PutStreamEventRequest) (*contract.PutStreamEventResponse, error) {
	if err := checkUUID("task_run_external_id", req.TaskRunExternalId); err != nil {
		return nil, err
	}
	_, err := e.engine.Do(ctx, core.StreamEvent{TaskID: req.TaskRunExternalId, Payload: req.Message, Index: req.EventIndex})
	return &contract.PutStreamEventResponse{}, err
}
