package serve

import (
	"context"
	"errors"
	"io"

	"github.com/google/uuid"
	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
	"github.com/hatchet-js/hatchet-js-worker/engine/local/core"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// maxResults is the size that the results of one run may have on the wire, and
// errorTooLarge what stands in for errors beyond it (hatchet-protocol.md
// section 6.5).
const (
	maxResults    = 3 << 20
	errorTooLarge = "Error is too large to send over the Hatchet stream."
)

// errHungUp says that the client has closed its side of a stream.
var errHungUp = errors.New("the client closed its side")

// receiving calls handle for what the client sends, on a goroutine that ends
// with the stream: Recv returns at the latest when the stream's handler has
// returned, and Wait waits for it. The context that it gives is done when the
// client closes its side or handle fails, with the reason as its cause.
func receiving[T any](ctx context.Context, f *Faces, recv func() (T, error), handle func(context.Context, T) error) context.Context {
	ctx, cancel := context.WithCancelCause(ctx)
	f.receivers.Go(func() {
		for {
			message, err := recv()
			if errors.Is(err, io.EOF) {
				err = errHungUp
			}
			if err == nil {
				err = handle(ctx, message)
			}
			if err != nil {
				cancel(err)
				return
			}
		}
	})
	return ctx
}

// hungUp is nil for an end of a stream that either side wanted.
func hungUp(err error) error {
	if errors.Is(err, errHungUp) {
		return nil
	}
	return orderly(err)
}

// SubscribeToWorkflowRuns implements hatchet-protocol.md section 6.5. The
// stream stays open as long as the client keeps its side open.
func (d *dispatcher) SubscribeToWorkflowRuns(
	stream grpc.BidiStreamingServer[contract.SubscribeToWorkflowRunsRequest, contract.WorkflowRunEvent],
) error {
	results, err := d.engine.Results(stream.Context())
	if err != nil {
		return err
	}
	defer results.Close()
	ctx := receiving(stream.Context(), d.Faces, stream.Recv,
		func(ctx context.Context, req *contract.SubscribeToWorkflowRunsRequest) error {
			if uuid.Validate(req.WorkflowRunId) != nil {
				return nil // as an unknown id: no answer
			}
			return results.Add(ctx, req.WorkflowRunId)
		})
	for {
		result, err := results.Next(ctx)
		if err != nil {
			return hungUp(err)
		}
		if err := stream.Send(runEvent(result)); err != nil {
			return err
		}
	}
}

// runEvent is the wire form of a result, made to fit.
func runEvent(result core.RunResult) *contract.WorkflowRunEvent {
	event := &contract.WorkflowRunEvent{
		WorkflowRunId:  result.RunID,
		EventType:      contract.WorkflowRunEventType_WORKFLOW_RUN_EVENT_TYPE_FINISHED,
		EventTimestamp: timestamppb.New(result.FinishedAt),
	}
	outputs, failures := 0, 0
	for _, task := range result.Tasks {
		outputs += len(task.Output)
		failures += len(task.Error)
	}
	if outputs > maxResults {
		return event // clients ask the REST face instead
	}
	for _, task := range result.Tasks {
		if task.Error != "" && outputs+failures > maxResults {
			task.Error = errorTooLarge
		}
		event.Results = append(event.Results, taskResult(task))
	}
	return event
}

// taskResult sets the error of a cancelled task to an empty text, which is not
// the same as none.
func taskResult(task core.TaskResult) *contract.StepRunResult {
	result := &contract.StepRunResult{TaskRunExternalId: task.TaskID, TaskName: task.Name, JobRunId: task.TaskID}
	switch task.Status {
	case core.Completed:
		result.Output = optional(string(task.Output))
	case core.Failed, core.Cancelled:
		result.Error = &task.Error
	}
	return result
}
