package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
	v1 "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
	"google.golang.org/protobuf/proto"
)

// RunOptions of one run. The zero value is a plain run.
type RunOptions struct {
	AdditionalMetadata json.RawMessage // a JSON object; nil = none
	Priority           int             // 1..3; 0 = the workflow's own
	DesiredWorkerID    string          // for workflows with a sticky strategy
	// WorkerLabels are wishes for the labels of the workers; they win over those
	// of the tasks.
	WorkerLabels map[string]workflow.DesiredLabel
	// Key is the child key: runs that one parent starts with equal keys are one
	// run. It has no effect without Parent.
	Key    string
	Parent *Parent
}

// Parent is the task that starts a run as its child (hatchet-protocol.md
// section 6.3).
type Parent struct {
	WorkflowRunID string
	TaskRunID     string
	ChildIndex    int32 // counts from 0 in each attempt of the task
}

// TriggerItem is one run to start.
type TriggerItem struct {
	Workflow string // without namespace
	Input    []byte // a JSON object; nil = {}
	Options  RunOptions
}

// MaxBulk is how many runs one bulk request carries (hatchet-protocol.md
// section 6.1).
const MaxBulk = 500

// Trigger starts a run of a workflow and returns its id at once. Like Hatchet's
// SDKs it may start the run twice if the server's answer is lost; a child run
// is never started twice. hatchet-protocol.md section 6.1.
func (c *Client) Trigger(ctx context.Context, name string, input []byte, options RunOptions) (string, error) {
	request, err := c.triggerRequest(TriggerItem{name, input, options})
	if err != nil {
		return "", triggerFailed(name, err)
	}
	response, err := c.workflows.TriggerWorkflow(ctx, request)
	if err != nil {
		return "", triggerFailed(name, err)
	}
	c.arrivals.add(c.options.Clock.Now(), response.WorkflowRunId)
	return response.WorkflowRunId, nil
}

// TriggerMany starts runs and returns their ids in the order of items. It sends
// them in requests of at most MaxBulk and within the size limit, one after the
// other. When a request fails the ids of those before it are returned with the
// error. Nothing is started if an item is malformed or too large.
func (c *Client) TriggerMany(ctx context.Context, items []TriggerItem) ([]string, error) {
	requests, err := c.TriggerRequests(items)
	if err != nil {
		return nil, err
	}
	ids := make([]string, 0, len(items))
	for _, chunk := range chunks(requests, MaxBulk, c.conn.Config().MaxSend, fieldHeader) {
		response, err := c.workflows.BulkTriggerWorkflow(ctx, &contract.BulkTriggerWorkflowRequest{Workflows: chunk})
		if err == nil && len(response.WorkflowRunIds) != len(chunk) {
			err = fmt.Errorf("the server answered with %d ids for %d runs", len(response.WorkflowRunIds), len(chunk))
		}
		if err != nil {
			return ids, fmt.Errorf("trigger %d runs: after the first %d: %w", len(items), len(ids), err)
		}
		c.arrivals.add(c.options.Clock.Now(), response.WorkflowRunIds...)
		ids = append(ids, response.WorkflowRunIds...)
	}
	return ids, nil
}

// TriggerRequests are items as they go over the wire, checked as far as they can
// be without the server.
func (c *Client) TriggerRequests(items []TriggerItem) ([]*v1.TriggerWorkflowRequest, error) {
	requests := make([]*v1.TriggerWorkflowRequest, len(items))
	for i, item := range items {
		request, err := c.triggerRequest(item)
		if err != nil {
			return nil, triggerFailed(item.Workflow, fmt.Errorf("item %d: %w", i, err))
		}
		requests[i] = request
	}
	return requests, nil
}

// triggerFailed tells which workflow could not be started, and why.
func triggerFailed(name string, err error) error {
	return fmt.Errorf("trigger workflow %q: %w", name, err)
}

// triggerRequest is the wire form of one item, checked as far as it can be
// without the server.
func (c *Client) triggerRequest(item TriggerItem) (*v1.TriggerWorkflowRequest, error) {
	if item.Workflow == "" {
		return nil, errors.New("no workflow is named")
	}
	options := item.Options
	if err := checkRun(item.Input, options.AdditionalMetadata, options.Priority); err != nil {
		return nil, err
	}
	request := &v1.TriggerWorkflowRequest{
		Name:               c.options.Namespace.Workflow(item.Workflow),
		Input:              "{}",
		AdditionalMetadata: optional(string(options.AdditionalMetadata)),
		Priority:           optional(int32(options.Priority)),
		DesiredWorkerId:    optional(options.DesiredWorkerID),
		ChildKey:           optional(options.Key),

		DesiredWorkerLabels: workflow.WireLabels(options.WorkerLabels),
	}
	if len(item.Input) > 0 {
		request.Input = string(item.Input)
	}
	if p := options.Parent; p != nil {
		request.ParentId, request.ParentTaskRunExternalId = optional(p.WorkflowRunID), optional(p.TaskRunID)
		request.ChildIndex = &p.ChildIndex
	}
	if size, most := proto.Size(request), c.conn.Config().MaxSend-bulkSlack; size > most {
		return nil, fmt.Errorf("the input has %d bytes, and a run may have %d", len(item.Input), most)
	}
	return request, nil
}

// checkRun checks what runs and events have in common.
func checkRun(input, metadata []byte, priority int) error {
	switch {
	case !isObject(input):
		return fmt.Errorf("the input must be a JSON object, it is %s", kindOf(input))
	case !isObject(metadata):
		return fmt.Errorf("the additional metadata must be a JSON object, it is %s", kindOf(metadata))
	case priority < 0 || priority > 3:
		return fmt.Errorf("priority %d: must be 1 (low), 2 (medium) or 3 (high)", priority)
	}
	return nil
}

// isObject reports whether text is a JSON object, or nothing.
func isObject(text []byte) bool {
	text = bytes.TrimLeft(text, " \t\r\n")
	return len(text) == 0 || text[0] == '{' && json.Valid(text)
}

// kindOf names what stands where a JSON object should.
func kindOf(text []byte) string {
	if !json.Valid(text) {
		return "not JSON"
	}
	switch bytes.TrimLeft(text, " \t\r\n")[0] {
	case '[':
		return "an array"
	case '"':
		return "a string"
	case 't', 'f':
		return "a boolean"
	case 'n':
		return "null"
	}
	return "a number"
}

// bulkSlack is room for what surrounds one message in a request.
const bulkSlack = 64

// fieldHeader is what a message in a repeated field has before it at most: its
// tag and length.
const fieldHeader = 8

// chunks cuts messages into runs of at most most, each smaller than bytes when
// sent as a repeated field with more bytes for each message.
func chunks[M proto.Message](messages []M, most, bytes, more int) [][]M {
	var out [][]M
	start, size := 0, 0
	for i, message := range messages {
		own := proto.Size(message) + more
		if i > start && (i-start == most || size+own > bytes-bulkSlack/2) {
			out = append(out, messages[start:i])
			start, size = i, 0
		}
		size += own
	}
	if start < len(messages) {
		out = append(out, messages[start:])
	}
	return out
}

// optional is a pointer to v, or nil for the zero value.
func optional[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}
