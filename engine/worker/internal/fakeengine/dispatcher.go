package fakeengine

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
	v1 "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// GetVersion implements contract.DispatcherServer.
func (e *Engine) GetVersion(_ context.Context, in *contract.GetVersionRequest) (*contract.GetVersionResponse, error) {
	if err := e.scripted("GetVersion", in); err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	return &contract.GetVersionResponse{Version: e.version}, nil
}

// PutWorkflow implements v1.AdminServiceServer.
func (e *Engine) PutWorkflow(_ context.Context, in *v1.CreateWorkflowVersionRequest) (*v1.CreateWorkflowVersionResponse, error) {
	if err := e.scripted("PutWorkflow", in); err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.workflows = append(e.workflows, in)
	return &v1.CreateWorkflowVersionResponse{Id: uuid.NewString(), WorkflowId: uuid.NewString()}, nil
}

// CancelTasks implements v1.AdminServiceServer.
func (e *Engine) CancelTasks(_ context.Context, in *v1.CancelTasksRequest) (*v1.CancelTasksResponse, error) {
	if err := e.scripted("CancelTasks", in); err != nil {
		return nil, err
	}
	return &v1.CancelTasksResponse{CancelledTasks: in.ExternalIds}, nil
}

// Register implements contract.DispatcherServer.
func (e *Engine) Register(_ context.Context, in *contract.WorkerRegisterRequest) (*contract.WorkerRegisterResponse, error) {
	if err := e.scripted("Register", in); err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	w := &Worker{ID: uuid.NewString(), Request: in}
	e.workers[w.ID] = w
	e.order = append(e.order, w)
	return &contract.WorkerRegisterResponse{WorkerId: w.ID, WorkerName: in.WorkerName}, nil
}

// UpsertWorkerLabels implements contract.DispatcherServer.
func (e *Engine) UpsertWorkerLabels(_ context.Context, in *contract.UpsertWorkerLabelsRequest) (*contract.UpsertWorkerLabelsResponse, error) {
	if err := e.scripted("UpsertWorkerLabels", in); err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if w := e.workers[in.WorkerId]; w != nil {
		w.Upserted = append(w.Upserted, in.Labels)
	}
	return &contract.UpsertWorkerLabelsResponse{WorkerId: in.WorkerId}, nil
}

// ListenV2 implements contract.DispatcherServer.
func (e *Engine) ListenV2(in *contract.WorkerListenRequest, out grpc.ServerStreamingServer[contract.AssignedAction]) error {
	if err := e.scripted("ListenV2", in); err != nil {
		return err
	}
	return e.stream(in.WorkerId, false, out)
}

// Listen implements contract.DispatcherServer.
func (e *Engine) Listen(in *contract.WorkerListenRequest, out grpc.ServerStreamingServer[contract.AssignedAction]) error {
	if err := e.scripted("Listen", in); err != nil {
		return err
	}
	return e.stream(in.WorkerId, true, out)
}

func (e *Engine) stream(workerID string, old bool, out grpc.ServerStreamingServer[contract.AssignedAction]) error {
	e.mu.Lock()
	w := e.workers[workerID]
	if w == nil {
		e.mu.Unlock()
		return status.Errorf(codes.NotFound, "not found")
	}
	s := &stream{old: old, send: make(chan *contract.AssignedAction), end: make(chan struct{})}
	w.streams, w.listened = append(w.streams, s), true
	e.mu.Unlock()
	defer e.drop(w, s)
	for {
		select {
		case action := <-s.send:
			if err := out.Send(action); err != nil {
				return err
			}
		case <-s.end:
			return nil
		case <-out.Context().Done():
			return out.Context().Err()
		}
	}
}

func (e *Engine) drop(w *Worker, s *stream) {
	s.close()
	e.mu.Lock()
	defer e.mu.Unlock()
	for i, other := range w.streams {
		if other == s {
			w.streams = append(w.streams[:i:i], w.streams[i+1:]...)
		}
	}
}

func (w *Worker) closeStreams() {
	for _, s := range w.streams {
		s.close()
	}
}

// Heartbeat implements contract.DispatcherServer.
func (e *Engine) Heartbeat(_ context.Context, in *contract.HeartbeatRequest) (*contract.HeartbeatResponse, error) {
	if err := e.scripted("Heartbeat", in); err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	w := e.workers[in.WorkerId]
	switch {
	case w == nil:
		return nil, status.Errorf(codes.NotFound, "not found")
	case w.listened && len(w.streams) == 0:
		return nil, status.Errorf(codes.FailedPrecondition, "Heartbeat rejected: worker stream is not active")
	}
	w.Heartbeats++
	return &contract.HeartbeatResponse{}, nil
}

// Unsubscribe implements contract.DispatcherServer.
func (e *Engine) Unsubscribe(_ context.Context, in *contract.WorkerUnsubscribeRequest) (*contract.WorkerUnsubscribeResponse, error) {
	if err := e.scripted("Unsubscribe", in); err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if w := e.workers[in.WorkerId]; w != nil {
		w.Unsubscribed = true
		w.closeStreams()
	}
	return &contract.WorkerUnsubscribeResponse{WorkerId: in.WorkerId}, nil
}

// SendStepActionEvent implements contract.DispatcherServer.
func (e *Engine) SendStepActionEvent(_ context.Context, in *contract.StepActionEvent) (*contract.ActionEventResponse, error) {
	if err := e.scripted("SendStepActionEvent", in); err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.journal = append(e.journal, Entry{Event: in})
	return &contract.ActionEventResponse{WorkerId: in.WorkerId}, nil
}

// SendBatchActionEvent implements contract.DispatcherServer.
func (e *Engine) SendBatchActionEvent(_ context.Context, in *contract.BatchActionEvent) (*contract.ActionEventResponse, error) {
	if err := e.scripted("SendBatchActionEvent", in); err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.journal = append(e.journal, Entry{Batch: in})
	return &contract.ActionEventResponse{WorkerId: in.WorkerId}, nil
}

// PutLog implements contract.EventsServiceServer.
func (e *Engine) PutLog(_ context.Context, in *contract.PutLogRequest) (*contract.PutLogResponse, error) {
	if err := e.scripted("PutLog", in); err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.journal = append(e.journal, Entry{Log: in})
	return &contract.PutLogResponse{}, nil
}

// RefreshTimeout implements contract.DispatcherServer.
func (e *Engine) RefreshTimeout(_ context.Context, in *contract.RefreshTimeoutRequest) (*contract.RefreshTimeoutResponse, error) {
	if err := e.scripted("RefreshTimeout", in); err != nil {
		return nil, err
	}
	return &contract.RefreshTimeoutResponse{TimeoutAt: timestamppb.Now()}, nil
}

// ReleaseSlot implements contract.DispatcherServer.
func (e *Engine) ReleaseSlot(_ context.Context, in *contract.ReleaseSlotRequest) (*contract.ReleaseSlotResponse, error) {
	if err := e.scripted("ReleaseSlot", in); err != nil {
		return nil, err
	}
	return &contract.ReleaseSlotResponse{}, nil
}

// RestoreEvictedTask implements contract.DispatcherServer.
func (e *Engine) RestoreEvictedTask(_ context.Context, in *contract.RestoreEvictedTaskRequest) (*contract.RestoreEvictedTaskResponse, error) {
	if err := e.scripted("RestoreEvictedTask", in); err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.requeued = append(e.requeued, in.TaskRunExternalId)
	return &contract.RestoreEvictedTaskResponse{Requeued: true}, nil
}

// Assign sends an action to a worker over its newest stream.
func (e *Engine) Assign(workerID string, action *contract.AssignedAction) error {
	e.mu.Lock()
	w := e.workers[workerID]
	var s *stream
	if w != nil && len(w.streams) > 0 {
		s = w.streams[len(w.streams)-1]
	}
	e.mu.Unlock()
	if s == nil {
		return fmt.Errorf("worker %s has no stream", workerID)
	}
	select {
	case s.send <- action:
		return nil
	case <-s.end:
		return fmt.Errorf("the stream of worker %s ended", workerID)
	}
}

// MustAssign is Assign to the newest worker, waiting for its stream.
func (e *Engine) MustAssign(action *contract.AssignedAction) {
	e.t.Helper()
	Until(e.t, "a worker that takes an assignment", func() bool {
		w, known := e.Newest()
		return known && e.Assign(w.ID, action) == nil
	})
}
