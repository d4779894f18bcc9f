package client

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
	v1 "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// MaxLogMessage is the longest log message, in characters (hatchet-protocol.md
// section 7.3).
const MaxLogMessage = 10_000

// PutLog writes to the log of a task's attempt. level is DEBUG, INFO, WARN or
// ERROR. A message that is too long is sent as several, in order, a microsecond
// apart; nothing of it is dropped. hatchet-protocol.md section 7.3.
func (c *Client) PutLog(ctx context.Context, taskRunID string, retryCount int, level, message string, at time.Time) error {
	for i, part := range logParts(message) {
		request := &contract.PutLogRequest{
			TaskRunExternalId: taskRunID,
			CreatedAt:         timestamppb.New(at.Add(time.Duration(i) * time.Microsecond)),
			Message:           part,
			Level:             optional(level),
			TaskRetryCount:    proto.Int32(int32(retryCount)),
		}
		if _, err := c.events.PutLog(ctx, request); err != nil {
			return fmt.Errorf("log of task %s: %w", taskRunID, err)
		}
	}
	return nil
}

// logParts cuts a message into what the server takes: valid text without NUL,
// never empty, at most MaxLogMessage characters.
func logParts(message string) []string {
	message = strings.ReplaceAll(strings.ToValidUTF8(message, "\uFFFD"), "\x00", "\uFFFD")
	if message == "" {
		return []string{" "}
	}
	var parts []string
	for len(message) > 0 {
		end := 0
		for n := 0; n < MaxLogMessage && end < len(message); n++ {
			_, size := utf8.DecodeRuneInString(message[end:])
			end += size
		}
		parts, message = append(parts, message[:end]), message[end:]
	}
	return parts
}

// PutStreamEvent sends a chunk of a task's stream to those who listen; index
// counts from 0 in each attempt. hatchet-protocol.md section 7.4.
func (c *Client) PutStreamEvent(ctx context.Context, taskRunID string, index int64, chunk []byte) error {
	_, err := c.events.PutStreamEvent(ctx, &contract.PutStreamEventRequest{
		TaskRunExternalId: taskRunID, CreatedAt: timestamppb.New(c.options.Clock.Now()), Message: chunk, EventIndex: &index,
	})
	if err != nil {
		return fmt.Errorf("stream of task %s: %w", taskRunID, err)
	}
	return nil
}

// RefreshTimeout adds d to the execution deadline of a running task and returns
// the new deadline. hatchet-protocol.md section 3.8.
func (c *Client) RefreshTimeout(ctx context.Context, taskRunID string, d time.Duration) (time.Time, error) {
	if d <= 0 {
		return time.Time{}, fmt.Errorf("refresh the timeout of task %s: the time to add must be longer than zero", taskRunID)
	}
	response, err := c.dispatcher.RefreshTimeout(ctx, &contract.RefreshTimeoutRequest{
		TaskRunExternalId: taskRunID, IncrementTimeoutBy: workflow.WireDuration(d),
	})
	if err != nil {
		return time.Time{}, fmt.Errorf("refresh the timeout of task %s: %w", taskRunID, err)
	}
	return response.TimeoutAt.AsTime(), nil
}

// ReleaseSlot frees the slot of a running task, which goes on without one.
// hatchet-protocol.md section 3.8.
func (c *Client) ReleaseSlot(ctx context.Context, taskRunID string) error {
	if _, err := c.dispatcher.ReleaseSlot(ctx, &contract.ReleaseSlotRequest{TaskRunExternalId: taskRunID}); err != nil {
		return fmt.Errorf("release the slot of task %s: %w", taskRunID, err)
	}
	return nil
}

// Cancel asks the server to cancel runs or tasks, by id. It returns before they
// are cancelled; what is final already stays as it is. A run that this client
// started a moment ago and that the server does not know yet is waited for.
// hatchet-protocol.md section 6.7.
func (c *Client) Cancel(ctx context.Context, ids ...string) error {
	if len(ids) == 0 {
		return errors.New("cancel: no run is named")
	}
	if err := c.awaitArrival(ctx, ids); err != nil {
		return fmt.Errorf("cancel: %w", err)
	}
	if _, err := c.admin.CancelTasks(ctx, &v1.CancelTasksRequest{ExternalIds: ids}); err != nil {
		return fmt.Errorf("cancel: %w", err)
	}
	return nil
}

// Replay asks the server to run runs or tasks again, by id, and returns the ids
// of the tasks. hatchet-protocol.md section 6.7.
func (c *Client) Replay(ctx context.Context, ids ...string) ([]string, error) {
	if len(ids) == 0 {
		return nil, errors.New("replay: no run is named")
	}
	response, err := c.admin.ReplayTasks(ctx, &v1.ReplayTasksRequest{ExternalIds: ids})
	if err != nil {
		return nil, fmt.Errorf("replay: %w", err)
	}
	return response.ReplayedTasks, nil
}

// PutWorkflow registers a workflow; see workflow.Workflow.Request. Registering
// an equal one again returns the version there is. hatchet-protocol.md section
// 5.1.
func (c *Client) PutWorkflow(ctx context.Context, request *v1.CreateWorkflowVersionRequest) (workflowID, versionID string, err error) {
	response, err := c.admin.PutWorkflow(ctx, request)
	if err != nil {
		return "", "", fmt.Errorf("register workflow %q: %w", request.Name, err)
	}
	return response.WorkflowId, response.Id, nil
}
