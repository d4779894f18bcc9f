package serve

import (
	v1 "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
	"github.com/hatchet-js/hatchet-js-worker/engine/local/core"
)

// definition translates a registration; the core checks it (hatchet-protocol.md
// section 5.3).
func definition(req *v1.CreateWorkflowVersionRequest) core.Definition {
	d := core.Definition{
		Name:            req.Name,
		Description:     req.Description,
		Version:         req.Version,
		EventTriggers:   req.EventTriggers,
		CronTriggers:    req.CronTriggers,
		CronInput:       req.GetCronInput(),
		DefaultPriority: req.GetDefaultPriority(),
		InputSchema:     req.InputJsonSchema,
	}
	for _, t := range req.Tasks {
		d.Tasks = append(d.Tasks, taskDefinition(t))
	}
	if req.OnFailureTask != nil {
		t := taskDefinition(req.OnFailureTask)
		d.OnFailure = &t
	}
	if req.Concurrency != nil {
		d.Concurrency = concurrency([]*v1.Concurrency{req.Concurrency})
	}
	d.Concurrency = append(d.Concurrency, concurrency(req.ConcurrencyArr)...)
	if req.Sticky != nil {
		d.Sticky = core.Sticky(req.Sticky.String())
	}
	for _, f := range req.DefaultFilters {
		d.DefaultFilters = append(d.DefaultFilters, core.Filter{Expression: f.Expression, Scope: f.Scope, Payload: f.Payload})
	}
	if i := req.Idempotency; i != nil {
		d.Idempotency = &core.Idempotency{
			Expression: i.Expression, TTLMillis: i.TtlMs, Status: i.GetMethod() == v1.IdempotencyMethod_STATUS,
		}
	}
	return d
}

func taskDefinition(t *v1.CreateTaskOpts) core.TaskDefinition {
	d := core.TaskDefinition{
		Name:              t.ReadableId,
		Action:            t.Action,
		Timeout:           t.Timeout,
		ScheduleTimeout:   t.GetScheduleTimeout(),
		Parents:           t.Parents,
		Retries:           t.Retries,
		BackoffFactor:     t.BackoffFactor,
		BackoffMaxSeconds: t.BackoffMaxSeconds,
		WorkerLabels:      desiredLabels(t.WorkerLabels),
		Concurrency:       concurrency(t.Concurrency),
		Conditions:        taskConditions(t.Conditions),
		Durable:           t.IsDurable,
		SlotRequests:      t.SlotRequests,
	}
	for _, r := range t.RateLimits {
		limit := core.RateLimit{Key: r.Key, Units: r.Units, KeyExpr: r.KeyExpr, UnitsExpr: r.UnitsExpr, LimitExpr: r.LimitValuesExpr}
		if r.Duration != nil {
			limit.Duration = r.Duration.String()
		}
		d.RateLimits = append(d.RateLimits, limit)
	}
	if b := t.Batch; b != nil {
		d.Batch = &core.Batch{
			MaxSize: b.BatchMaxSize, MaxIntervalMS: b.BatchMaxIntervalMs, GroupKey: b.GetBatchGroupKey(),
			GroupMaxRuns: b.BatchGroupMaxRuns, BroadcastOutput: b.GetBroadcastOutput(),
		}
	}
	return d
}

func concurrency(in []*v1.Concurrency) []core.Concurrency {
	var out []core.Concurrency
	for _, c := range in {
		limit := core.Concurrency{
			Expression: c.Expression, MaxRuns: c.GetMaxRuns(), Name: c.GetName(),
			TenantScoped: c.GetIsTenantScoped(), MaxRunsExpression: c.GetMaxRunsExpression(),
		}
		if c.LimitStrategy != nil {
			limit.Strategy = c.LimitStrategy.String()
		}
		out = append(out, limit)
	}
	return out
}

func desiredLabels(in map[string]*v1.DesiredWorkerLabels) map[string]core.DesiredLabel {
	if len(in) == 0 {
		return nil
	}
	out := make(map[string]core.DesiredLabel, len(in))
	for key, l := range in {
		wish := core.DesiredLabel{String: l.StrValue, Int: l.IntValue, Required: l.GetRequired(), Weight: l.Weight}
		if l.Comparator != nil {
			wish.Comparator = l.Comparator.String()
		}
		out[key] = wish
	}
	return out
}

func taskConditions(in *v1.TaskConditions) []core.Condition {
	var out []core.Condition
	for _, c := range in.GetParentOverrideConditions() {
		condition := baseCondition(core.ConditionParent, c.Base)
		condition.Parent = c.ParentReadableId
		out = append(out, condition)
	}
	for _, c := range in.GetSleepConditions() {
		out = append(out, sleepCondition(c))
	}
	for _, c := range in.GetUserEventConditions() {
		out = append(out, eventCondition(c)) // scope and lookback are for durable waits
	}
	return out
}

func baseCondition(kind core.ConditionKind, base *v1.BaseMatchCondition) core.Condition {
	return core.Condition{
		Kind:       kind,
		Action:     core.Action(base.GetAction()),
		Key:        base.GetReadableDataKey(),
		Group:      base.GetOrGroupId(),
		Expression: base.GetExpression(),
	}
}

func sleepCondition(c *v1.SleepMatchCondition) core.Condition {
	condition := baseCondition(core.ConditionSleep, c.Base)
	condition.SleepFor = c.SleepFor
	return condition
}

func eventCondition(c *v1.UserEventMatchCondition) core.Condition {
	condition := baseCondition(core.ConditionUserEvent, c.Base)
	condition.EventKey = c.UserEventKey
	return condition
}
