package serve

import (
	"context"

	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
	v1 "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
	"github.com/hatchet-js/hatchet-js-worker/engine/local/core"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// workflows is the service WorkflowService (hatchet-protocol.md section 2.6).
// Its PutWorkflow is older than package v1 and not served.
type workflows struct {
	contract.UnimplementedWorkflowServiceServer
	*Faces
}

// TriggerWorkflow implements hatchet-protocol.md section 6.1.
func (w *workflows) TriggerWorkflow(ctx context.Context, req *v1.TriggerWorkflowRequest) (*contract.TriggerWorkflowResponse, error) {
	ids, err := w.trigger(ctx, triggerItem(req))
	if err != nil {
		return nil, collided(err)
	}
	return &contract.TriggerWorkflowResponse{WorkflowRunId: ids[0]}, nil
}

// BulkTriggerWorkflow implements hatchet-protocol.md section 6.1.
func (w *workflows) BulkTriggerWorkflow(ctx context.Context, req *contract.BulkTriggerWorkflowRequest) (*contract.BulkTriggerWorkflowResponse, error) {
	ids, err := w.trigger(ctx, triggerItems(req.Workflows)...)
	if err != nil {
		return nil, bulkCollided(err)
	}
	return &contract.BulkTriggerWorkflowResponse{WorkflowRunIds: ids}, nil
}

func (f *Faces) trigger(ctx context.Context, items ...core.TriggerItem) ([]string, error) {
	if len(items) == 0 {
		return nil, invalid("workflows must not be empty")
	}
	for _, item := range items {
		if item.ParentTaskID == "" {
			continue
		}
		if err := checkUUID("parent_task_run_external_id", item.ParentTaskID); err != nil {
			return nil, err
		}
	}
	reply, err := do[core.TriggerReply](ctx, f.engine, core.Trigger{Seed: f.options.NewID(), Items: items})
	return reply.RunIDs, err
}

func triggerItems(in []*v1.TriggerWorkflowRequest) []core.TriggerItem {
	out := make([]core.TriggerItem, len(in))
	for i, req := range in {
		out[i] = triggerItem(req)
	}
	return out
}

// triggerItem leaves parent_id out: it is informational.
func triggerItem(req *v1.TriggerWorkflowRequest) core.TriggerItem {
	return core.TriggerItem{
		Workflow:            req.Name,
		Input:               req.Input,
		Metadata:            req.GetAdditionalMetadata(),
		ParentTaskID:        req.GetParentTaskRunExternalId(),
		ChildIndex:          req.ChildIndex,
		ChildKey:            req.ChildKey,
		Priority:            priority(req.Priority),
		DesiredWorkerID:     req.GetDesiredWorkerId(),
		DesiredWorkerLabels: desiredLabels(req.DesiredWorkerLabels),
	}
}

// priority keeps a priority of 0 that was given apart from none: it is out of
// range.
func priority(p *int32) int32 {
	switch {
	case p == nil:
		return 0
	case *p == 0:
		return -1
	}
	return *p
}

// ScheduleWorkflow implements hatchet-protocol.md section 6.9. What it says of a
// parent is not kept, as on known servers.
func (w *workflows) ScheduleWorkflow(ctx context.Context, req *contract.ScheduleWorkflowRequest) (*contract.WorkflowVersion, error) {
	switch {
	case req.ParentId != nil && req.ParentTaskRunExternalId == nil:
		return nil, status.Error(codes.InvalidArgument, "parent task run id is required when parent id is provided")
	case req.ParentId != nil && req.ChildIndex == nil:
		return nil, status.Error(codes.InvalidArgument, "child index is required when parent id is provided")
	}
	cmd := core.ScheduleRuns{
		Seed: w.options.NewID(), Workflow: req.Name, Input: req.Input, Metadata: req.GetAdditionalMetadata(), Priority: priority(req.Priority),
	}
	for _, at := range req.Schedules {
		if err := at.CheckValid(); err != nil {
			return nil, invalid("schedules: %v", err)
		}
		cmd.Times = append(cmd.Times, at.AsTime())
	}
	reply, err := do[core.ScheduleRunsReply](ctx, w.engine, cmd)
	if err != nil {
		return nil, err
	}
	version := &contract.WorkflowVersion{}
	err = w.engine.View(ctx, func(c *core.Core) { version = newestVersion(c, req.Name) })
	for _, s := range reply.Scheduled {
		version.ScheduledWorkflows = append(version.ScheduledWorkflows,
			&contract.ScheduledWorkflow{Id: s.ID, TriggerAt: timestamppb.New(s.At)})
	}
	return version, err
}

func newestVersion(c *core.Core, name string) *contract.WorkflowVersion {
	for _, v := range c.Workflows() {
		if v.Name == name {
			return &contract.WorkflowVersion{
				Id: v.VersionID, CreatedAt: timestamppb.New(v.UpdatedAt), UpdatedAt: timestamppb.New(v.UpdatedAt),
				Version: v.Definition.Version, Order: int64(v.Number), WorkflowId: v.WorkflowID,
			}
		}
	}
	return &contract.WorkflowVersion{} // deleted meanwhile
}

// PutRateLimit implements hatchet-protocol.md section 5.6.
func (w *workflows) PutRateLimit(ctx context.Context, req *contract.PutRateLimitRequest) (*contract.PutRateLimitResponse, error) {
	_, err := w.engine.Do(ctx, core.PutRateLimit{Key: req.Key, Limit: req.Limit, Window: req.Duration.String()})
	return &contract.PutRateLimitResponse{}, err
}

// PutWorkflow is older than package v1 (hatchet-protocol.md section 11).
func (w *workflows) PutWorkflow(context.Context, *contract.PutWorkflowRequest) (*contract.WorkflowVersion, error) {
	return nil, unimplemented("workflows are registered with v1.AdminService/PutWorkflow")
}
