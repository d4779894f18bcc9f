package client

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	v1 "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// TaskFilter selects tasks by what they are like. Its zero value selects those
// of the last hour, as Hatchet's SDKs do.
type TaskFilter struct {
	Since              time.Time // zero = an hour ago
	Until              time.Time // zero = now
	Workflows          []string  // names, without namespace
	Statuses           []Status
	AdditionalMetadata map[string]string // all of it
}

const defaultFilterSince = time.Hour

// CancelMatching asks the server to cancel the tasks that filter selects, at
// most 20,000, and returns the ids that the server names. hatchet-protocol.md
// section 6.7.
func (c *Client) CancelMatching(ctx context.Context, filter TaskFilter) ([]string, error) {
	if len(filter.AdditionalMetadata) > 1 {
		return c.oneByOne(ctx, filter, "cancel", func(ids []string) ([]string, error) { return ids, c.Cancel(ctx, ids...) })
	}
	wire, err := c.wireFilter(ctx, filter)
	if err != nil {
		return nil, fmt.Errorf("cancel: %w", err)
	}
	response, err := c.admin.CancelTasks(ctx, &v1.CancelTasksRequest{Filter: wire})
	if err != nil {
		return nil, fmt.Errorf("cancel: %w", err)
	}
	return response.CancelledTasks, nil
}

// ReplayMatching asks the server to run the tasks again that filter selects, at
// most 1,000, and returns their ids. hatchet-protocol.md section 6.7.
func (c *Client) ReplayMatching(ctx context.Context, filter TaskFilter) ([]string, error) {
	if len(filter.AdditionalMetadata) > 1 {
		return c.oneByOne(ctx, filter, "replay", func(ids []string) ([]string, error) { return c.Replay(ctx, ids...) })
	}
	wire, err := c.wireFilter(ctx, filter)
	if err != nil {
		return nil, fmt.Errorf("replay: %w", err)
	}
	response, err := c.admin.ReplayTasks(ctx, &v1.ReplayTasksRequest{Filter: wire})
	if err != nil {
		return nil, fmt.Errorf("replay: %w", err)
	}
	return response.ReplayedTasks, nil
}

// oneByOne does something to the runs that a filter selects, by their ids: servers
// take one of several metadata for enough, and would do it to others, too.
func (c *Client) oneByOne(ctx context.Context, filter TaskFilter, verb string, do func(ids []string) ([]string, error)) ([]string, error) {
	list := ListFilter{
		Workflows: filter.Workflows, Statuses: filter.Statuses, Since: filter.Since, Until: filter.Until,
		AdditionalMetadata: filter.AdditionalMetadata, Limit: listPage,
	}
	if list.Since.IsZero() {
		list.Since = c.options.Clock.Now().Add(-defaultFilterSince)
	}
	var ids []string
	for {
		runs, err := c.ListRuns(ctx, list)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", verb, err)
		}
		for _, run := range runs {
			ids = append(ids, run.ID)
		}
		if len(runs) < listPage {
			break
		}
		list.Offset += listPage
	}
	if len(ids) == 0 {
		return nil, nil
	}
	return do(ids)
}

// listPage is how many runs are asked for at a time.
const listPage = 500

func (c *Client) wireFilter(ctx context.Context, filter TaskFilter) (*v1.TasksFilter, error) {
	if filter.Since.IsZero() {
		filter.Since = c.options.Clock.Now().Add(-defaultFilterSince)
	}
	wire := &v1.TasksFilter{Since: timestamppb.New(filter.Since)}
	if !filter.Until.IsZero() {
		wire.Until = timestamppb.New(filter.Until)
	}
	for _, s := range filter.Statuses {
		wire.Statuses = append(wire.Statuses, string(s))
	}
	for _, key := range slices.Sorted(maps.Keys(filter.AdditionalMetadata)) {
		wire.AdditionalMetadata = append(wire.AdditionalMetadata, key+":"+filter.AdditionalMetadata[key])
	}
	for _, name := range filter.Workflows {
		id, err := c.WorkflowID(ctx, name)
		if err != nil {
			return nil, err
		}
		wire.WorkflowIds = append(wire.WorkflowIds, id)
	}
	return wire, nil
}
