package serve

import (
	"context"

	v1 "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
	"github.com/hatchet-js/hatchet-js-worker/engine/local/core"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// admin is the service v1.AdminService (hatchet-protocol.md section 2.5).
type admin struct {
	v1.UnimplementedAdminServiceServer
	*Faces
}

// PutWorkflow implements hatchet-protocol.md section 5.
func (a *admin) PutWorkflow(ctx context.Context, req *v1.CreateWorkflowVersionRequest) (*v1.CreateWorkflowVersionResponse, error) {
	if req.DefaultPriority != nil && *req.DefaultPriority == 0 {
		return nil, invalid("default_priority must be 1, 2 or 3")
	}
	reply, err := do[core.PutWorkflowReply](ctx, a.engine, core.PutWorkflow{Definition: definition(req)})
	if err != nil {
		return nil, err
	}
	return &v1.CreateWorkflowVersionResponse{Id: reply.VersionID, WorkflowId: reply.WorkflowID}, nil
}

// TriggerWorkflowRun implements hatchet-protocol.md section 6.1.
func (a *admin) TriggerWorkflowRun(ctx context.Context, req *v1.TriggerWorkflowRunRequest) (*v1.TriggerWorkflowRunResponse, error) {
	ids, err := a.trigger(ctx, core.TriggerItem{
		Workflow:            req.WorkflowName,
		Input:               string(req.Input),
		Metadata:            string(req.AdditionalMetadata),
		Priority:            priority(req.Priority),
		DesiredWorkerLabels: desiredLabels(req.DesiredWorkerLabels),
	})
	if err != nil {
		return nil, collided(err)
	}
	return &v1.TriggerWorkflowRunResponse{ExternalId: ids[0]}, nil
}

// CancelTasks implements hatchet-protocol.md section 6.7.
func (a *admin) CancelTasks(ctx context.Context, req *v1.CancelTasksRequest) (*v1.CancelTasksResponse, error) {
	filter, err := selection(req.ExternalIds, req.Filter)
	if err != nil {
		return nil, err
	}
	if len(req.ExternalIds) == 0 && filter == nil {
		return &v1.CancelTasksResponse{}, nil
	}
	reply, err := do[core.CancelReply](ctx, a.engine, core.Cancel{IDs: req.ExternalIds, Filter: filter})
	if err != nil {
		return nil, err
	}
	return &v1.CancelTasksResponse{CancelledTasks: reply.IDs}, nil
}

// ReplayTasks implements hatchet-protocol.md section 6.7.
func (a *admin) ReplayTasks(ctx context.Context, req *v1.ReplayTasksRequest) (*v1.ReplayTasksResponse, error) {
	filter, err := selection(req.ExternalIds, req.Filter)
	if err != nil {
		return nil, err
	}
	if len(req.ExternalIds) == 0 && filter == nil {
		return &v1.ReplayTasksResponse{}, nil
	}
	reply, err := do[core.ReplayReply](ctx, a.engine, core.Replay{IDs: req.ExternalIds, Filter: filter})
	if err != nil {
		return nil, err
	}
	return &v1.ReplayTasksResponse{ReplayedTasks: reply.TaskIDs}, nil
}

// selection checks what is said about the runs to cancel or replay.
func selection(ids []string, f *v1.TasksFilter) (*core.RunFilter, error) {
	if err := checkUUIDs("external_ids", ids); err != nil || f == nil {
		return nil, err
	}
	if err := checkUUIDs("filter.workflow_ids", f.WorkflowIds); err != nil {
		return nil, err
	}
	if _, err := metadataPairs(f.AdditionalMetadata); err != nil {
		return nil, invalid("%v", err)
	}
	return runFilter(f)
}

func runFilter(f *v1.TasksFilter) (*core.RunFilter, error) {
	if f.Since == nil {
		return nil, invalid("filter.since is required")
	}
	out := &core.RunFilter{Since: f.Since.AsTime(), WorkflowIDs: f.WorkflowIds, AnyMetadata: f.AdditionalMetadata}
	if f.Until != nil {
		until := f.Until.AsTime()
		out.Until = &until
	}
	for _, text := range f.Statuses {
		if _, known := v1.RunStatus_value[text]; !known {
			return nil, invalid("status %q is not known", text)
		}
		out.Statuses = append(out.Statuses, core.Status(text))
	}
	return out, nil
}

// GetRunDetails implements hatchet-protocol.md section 6.6.
func (a *admin) GetRunDetails(ctx context.Context, req *v1.GetRunDetailsRequest) (*v1.GetRunDetailsResponse, error) {
	if err := checkUUID("external_id", req.ExternalId); err != nil {
		return nil, err
	}
	var details *v1.GetRunDetailsResponse
	err := a.engine.View(ctx, func(c *core.Core) {
		if run, ok := c.Run(req.ExternalId); ok {
			details = runDetails(run)
		}
	})
	if err == nil && details == nil {
		err = status.Error(codes.NotFound, "workflow run not found")
	}
	return details, err
}

// runDetails shows tasks as they were when the run is final; before, a final
// task looks like a running one.
func runDetails(run core.RunView) *v1.GetRunDetailsResponse {
	details := &v1.GetRunDetailsResponse{
		Input:              run.Input,
		Status:             runStatus(run.Status),
		TaskRuns:           make(map[string]*v1.TaskRunDetail, len(run.Tasks)),
		Done:               run.Done,
		AdditionalMetadata: run.Metadata,
		IsEvicted:          run.Evicted,
	}
	for _, task := range run.Tasks {
		detail := &v1.TaskRunDetail{
			ExternalId: task.TaskID, ReadableId: task.Name, Status: runStatus(task.Status), IsEvicted: task.Evicted,
		}
		details.TaskRuns[task.Name] = detail
		switch {
		case !task.Status.Final():
		case !run.Done:
			detail.Status = v1.RunStatus_RUNNING
		default:
			detail.Output, detail.Error = task.Output, errorOf(task)
		}
	}
	return details
}

// errorOf is the error of a final task, which is there and empty unless it
// failed.
func errorOf(task core.TaskView) *string {
	text := ""
	if task.Status == core.Failed {
		text = task.Error
	}
	return &text
}

func runStatus(s core.Status) v1.RunStatus { return v1.RunStatus(v1.RunStatus_value[string(s)]) }

// BranchDurableTask implements hatchet-protocol.md section 8.4.
func (a *admin) BranchDurableTask(ctx context.Context, req *v1.BranchDurableTaskRequest) (*v1.BranchDurableTaskResponse, error) {
	reply, err := do[core.DurableBranchReply](ctx, a.engine,
		core.DurableBranch{TaskID: req.TaskExternalId, NodeID: req.NodeId, BranchID: req.BranchId})
	if err != nil {
		return nil, err
	}
	return &v1.BranchDurableTaskResponse{TaskExternalId: reply.TaskID, NodeId: reply.NodeID, BranchId: reply.BranchID}, nil
}
