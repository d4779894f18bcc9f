package serve

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
	"github.com/hatchet-js/hatchet-js-worker/engine/local/core"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// dispatcher is the service Dispatcher (hatchet-protocol.md section 2.2).
type dispatcher struct {
	contract.UnimplementedDispatcherServer
	*Faces
}

// errUnexpected says that the core answered a command with something else than
// its documentation says.
type errUnexpected struct {
	cmd   core.Command
	value any
}

func (e errUnexpected) Error() string { return fmt.Sprintf("%T was answered with %T", e.cmd, e.value) }

// Register implements hatchet-protocol.md section 3.3.
func (d *dispatcher) Register(ctx context.Context, req *contract.WorkerRegisterRequest) (*contract.WorkerRegisterResponse, error) {
	slots, err := registeredSlots(req)
	if err != nil {
		return nil, err
	}
	info, err := runtimeInfo(req.RuntimeInfo)
	if err != nil {
		return nil, err
	}
	reply, err := do[core.RegisterWorkerReply](ctx, d.engine, core.RegisterWorker{
		Seed:     uuid.NewString(),
		Name:     req.WorkerName,
		Services: req.Services,
		Actions:  req.Actions,
		Slots:    slots,
		Labels:   labels(req.Labels),
		Runtime:  info,
	})
	if err != nil {
		return nil, err
	}
	return &contract.WorkerRegisterResponse{TenantId: d.options.TenantID, WorkerId: reply.WorkerID, WorkerName: reply.Name}, nil
}

// registeredSlots reads the two ways of giving a capacity.
func registeredSlots(req *contract.WorkerRegisterRequest) (map[string]int32, error) {
	switch {
	case req.Slots == nil:
		return req.SlotConfig, nil
	case len(req.SlotConfig) > 0:
		return nil, invalid("slots and slot_config must not both be given")
	}
	return map[string]int32{"default": *req.Slots}, nil
}

func runtimeInfo(info *contract.RuntimeInfo) (*core.RuntimeInfo, error) {
	if info == nil {
		return nil, nil
	}
	language := ""
	if info.Language != nil {
		language = info.Language.String()
		if *info.Language == contract.SDKS_UNKNOWN {
			return nil, invalid("runtime_info.language must not be UNKNOWN")
		}
	}
	return &core.RuntimeInfo{
		SDKVersion:      info.GetSdkVersion(),
		Language:        language,
		LanguageVersion: info.GetLanguageVersion(),
		OS:              info.GetOs(),
		Extra:           info.GetExtra(),
	}, nil
}

func labels(in map[string]*contract.WorkerLabels) map[string]core.Label {
	out := make(map[string]core.Label, len(in))
	for key, label := range in {
		out[key] = core.Label{String: label.StrValue, Int: label.IntValue}
	}
	return out
}

// UpsertWorkerLabels implements hatchet-protocol.md section 3.3.
func (d *dispatcher) UpsertWorkerLabels(ctx context.Context, req *contract.UpsertWorkerLabelsRequest) (*contract.UpsertWorkerLabelsResponse, error) {
	if err := checkUUID("worker_id", req.WorkerId); err != nil {
		return nil, err
	}
	_, err := d.engine.Do(ctx, core.UpsertLabels{WorkerID: req.WorkerId, Labels: labels(req.Labels)})
	return &contract.UpsertWorkerLabelsResponse{TenantId: d.options.TenantID, WorkerId: req.WorkerId}, err
}

// Heartbeat implements hatchet-protocol.md section 3.5.
func (d *dispatcher) Heartbeat(ctx context.Context, req *contract.HeartbeatRequest) (*contract.HeartbeatResponse, error) {
	if err := checkUUID("worker_id", req.WorkerId); err != nil {
		return nil, err
	}
	_, err := d.engine.Do(ctx, core.Heartbeat{WorkerID: req.WorkerId})
	return &contract.HeartbeatResponse{}, err
}

// Unsubscribe implements hatchet-protocol.md section 3.9.
func (d *dispatcher) Unsubscribe(ctx context.Context, req *contract.WorkerUnsubscribeRequest) (*contract.WorkerUnsubscribeResponse, error) {
	if err := checkUUID("worker_id", req.WorkerId); err != nil {
		return nil, err
	}
	err := d.engine.Unsubscribe(ctx, core.Unsubscribe{WorkerID: req.WorkerId})
	return &contract.WorkerUnsubscribeResponse{TenantId: d.options.TenantID, WorkerId: req.WorkerId}, err
}

// RefreshTimeout implements hatchet-protocol.md section 3.8.
func (d *dispatcher) RefreshTimeout(ctx context.Context, req *contract.RefreshTimeoutRequest) (*contract.RefreshTimeoutResponse, error) {
	reply, err := do[core.RefreshTimeoutReply](ctx, d.engine,
		core.RefreshTimeout{TaskID: req.TaskRunExternalId, IncrementBy: req.IncrementTimeoutBy})
	if err != nil {
		return nil, err
	}
	return &contract.RefreshTimeoutResponse{TimeoutAt: timestamppb.New(reply.TimeoutAt)}, nil
}

// ReleaseSlot implements hatchet-protocol.md section 3.8.
func (d *dispatcher) ReleaseSlot(ctx context.Context, req *contract.ReleaseSlotRequest) (*contract.ReleaseSlotResponse, error) {
	_, err := d.engine.Do(ctx, core.ReleaseSlot{TaskID: req.TaskRunExternalId})
	return &contract.ReleaseSlotResponse{}, err
}

// RestoreEvictedTask implements hatchet-protocol.md section 8.4.
func (d *dispatcher) RestoreEvictedTask(ctx context.Context, req *contract.RestoreEvictedTaskRequest) (*contract.RestoreEvictedTaskResponse, error) {
	reply, err := do[core.RestoreTaskReply](ctx, d.engine, core.RestoreTask{TaskID: req.TaskRunExternalId})
	if err != nil {
		return nil, err
	}
	return &contract.RestoreEvictedTaskResponse{Requeued: reply.Requeued}, nil
}

// GetVersion implements hatchet-protocol.md section 3.2.
func (d *dispatcher) GetVersion(context.Context, *contract.GetVersionRequest) (*contract.GetVersionResponse, error) {
	return &contract.GetVersionResponse{Version: d.options.Version}, nil
}

// PutOverridesData is accepted and ignored (hatchet-protocol.md section 2.1).
func (d *dispatcher) PutOverridesData(context.Context, *contract.OverridesData) (*contract.OverridesDataResponse, error) {
	return &contract.OverridesDataResponse{}, nil
}
