package workflow

import (
	"maps"
	"strconv"
	"time"

	v1 "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
	"google.golang.org/protobuf/proto"
)

// Request is the registration of the workflow for v1.AdminService/PutWorkflow,
// as Hatchet's TypeScript SDK would send it (hatchet-protocol.md sections 5.3
// and 5.4). Equal workflows give equal requests, so that registering one again
// makes no new version. The workflow must be valid.
func (w *Workflow) Request(ns Namespace) *v1.CreateWorkflowVersionRequest {
	encoder := taskEncoder{workflow: ns.Workflow(w.Name), namespace: ns, verbatim: w.Verbatim}
	request := &v1.CreateWorkflowVersionRequest{
		Name:            encoder.workflow,
		Description:     w.Description,
		Version:         w.Version,
		CronTriggers:    w.Crons,
		CronInput:       optional(string(w.CronInput)),
		Sticky:          w.Sticky.wire(),
		DefaultPriority: optional(int32(w.DefaultPriority)),
		InputJsonSchema: w.InputSchema,
		Idempotency:     w.Idempotency.wire(),
	}
	for _, event := range w.Events {
		request.EventTriggers = append(request.EventTriggers, ns.Apply(event))
	}
	for _, f := range w.DefaultFilters {
		request.DefaultFilters = append(request.DefaultFilters,
			&v1.DefaultFilter{Expression: f.Expression, Scope: f.Scope, Payload: f.Payload})
	}
	for _, t := range w.Tasks {
		request.Tasks = append(request.Tasks, encoder.task(t, t.Name))
	}
	if w.OnFailure != nil {
		request.OnFailureTask = encoder.task(w.OnFailure, OnFailureTask)
		request.OnFailureTask.Conditions = nil // it has none; an empty one is for tasks that could
		if w.Verbatim {
			request.OnFailureTask.Concurrency = nil // nor has it limits there
		}
	}
	w.placeConcurrency(request)
	return request
}

// placeConcurrency puts the workflow's limits where they count: on the task of
// a standalone one, since there the two are the same; else on the workflow.
func (w *Workflow) placeConcurrency(request *v1.CreateWorkflowVersionRequest) {
	limits := wireConcurrency(w.Concurrency, w.Verbatim)
	if w.Kind.Standalone() && len(request.Tasks) == 1 {
		only := request.Tasks[0]
		only.Concurrency = append(limits, only.Concurrency...)
		return
	}
	if w.Verbatim && w.OneLimit && len(limits) == 1 {
		request.Concurrency = limits[0]
		return
	}
	request.ConcurrencyArr = limits
}

// taskEncoder turns the tasks of one workflow into their wire form.
type taskEncoder struct {
	workflow  string // as registered, with namespace
	namespace Namespace
	verbatim  bool
}

func (e taskEncoder) task(t *Task, name string) *v1.CreateTaskOpts {
	opts := &v1.CreateTaskOpts{
		ReadableId:   name,
		Action:       ActionID(e.workflow, name),
		Timeout:      e.timeout(t),
		Inputs:       "{}",
		Parents:      t.Parents,
		Retries:      int32(t.Retries),
		WorkerLabels: wireLabels(t.WorkerLabels, e.verbatim),
		Concurrency:  wireConcurrency(t.Concurrency, e.verbatim),
		Conditions:   e.conditions(t, name),
		IsDurable:    t.Durable,
		SlotRequests: t.Slots(),
		Batch:        t.Batch.wire(e.verbatim),
	}
	if t.ScheduleTimeout > 0 {
		opts.ScheduleTimeout = proto.String(e.duration(t.Written.ScheduleTimeout, t.ScheduleTimeout))
	}
	e.backoff(t.Backoff, opts)
	for _, limit := range t.RateLimits {
		opts.RateLimits = append(opts.RateLimits, limit.wire())
	}
	return opts
}

// duration is d as the contract has it.
func (e taskEncoder) duration(written string, d time.Duration) string {
	if e.verbatim && written != "" {
		return written
	}
	return WireDuration(d)
}

// verbatimTimeout is how the TypeScript SDK writes [DefaultExecutionTimeout].
const verbatimTimeout = "60s"

func (e taskEncoder) timeout(t *Task) string {
	if e.verbatim && t.ExecutionTimeout == 0 {
		return verbatimTimeout
	}
	return e.duration(t.Written.ExecutionTimeout, t.Timeout())
}

func (e taskEncoder) backoff(b *Backoff, opts *v1.CreateTaskOpts) {
	if e.verbatim && b != nil && b.Kind == BackoffFactor {
		opts.BackoffFactor, opts.BackoffMaxSeconds = optional(float32(b.Factor)), optional(int32(b.MaxSeconds))
		return
	}
	if factor, maxSeconds, ok := b.Wire(); ok {
		opts.BackoffFactor, opts.BackoffMaxSeconds = &factor, &maxSeconds
	}
}

// Names of the slot types every worker has (hatchet-protocol.md section 3.3).
const (
	SlotDefault = "default"
	SlotDurable = "durable"
)

// Slots is what one run of the task takes from its worker: slot type to units.
func (t *Task) Slots() map[string]int32 {
	slots := maps.Clone(t.SlotRequests)
	if slots == nil {
		slots = map[string]int32{}
	}
	switch {
	case t.SlotCost > 0 && !t.Durable:
		slots[SlotDefault] = int32(t.SlotCost)
	case len(slots) > 0:
	case t.Durable:
		slots[SlotDurable] = 1
	default:
		slots[SlotDefault] = 1
	}
	return slots
}

// wire follows the TypeScript SDK: the limit is always sent as an expression,
// -1 for "as stored" (hatchet-protocol.md section 5.4).
func (r RateLimit) wire() *v1.CreateTaskRateLimit {
	limit := &v1.CreateTaskRateLimit{Key: r.StaticKey, LimitValuesExpr: proto.String("-1")}
	if r.DynamicKey != "" {
		limit.Key, limit.KeyExpr = r.DynamicKey, proto.String(r.DynamicKey)
	}
	switch {
	case r.LimitExpr != "":
		limit.LimitValuesExpr = proto.String(r.LimitExpr)
	case r.HasLimit:
		limit.LimitValuesExpr = proto.String(strconv.Itoa(r.Limit))
	}
	if r.UnitsExpr != "" {
		limit.UnitsExpr = proto.String(r.UnitsExpr)
	} else {
		limit.Units = proto.Int32(int32(max(r.Units, 1)))
	}
	if r.Duration != "" {
		limit.Duration = v1.RateLimitDuration(v1.RateLimitDuration_value[r.Duration]).Enum()
	}
	return limit
}

func wireConcurrency(limits []Concurrency, verbatim bool) []*v1.Concurrency {
	var out []*v1.Concurrency
	for _, limit := range limits {
		strategy := v1.ConcurrencyLimitStrategy(v1.ConcurrencyLimitStrategy_value[string(limit.Strategy)])
		c := &v1.Concurrency{
			Expression:        limit.Expression,
			MaxRuns:           proto.Int32(int32(max(limit.MaxRuns, 1))),
			LimitStrategy:     &strategy,
			Name:              optional(limit.Name),
			MaxRunsExpression: optional(limit.MaxRunsExpression),
		}
		if limit.TenantScoped || verbatim && limit.SaidScope {
			c.IsTenantScoped = proto.Bool(limit.TenantScoped)
		}
		if verbatim && limit.Strategy == "" {
			c.LimitStrategy = nil
		}
		if verbatim && limit.MaxRuns == 0 && limit.MaxRunsExpression == "" {
			c.MaxRuns = nil
		}
		out = append(out, c)
	}
	return out
}

// WireLabels is the wire form of wishes for worker labels; nil if there are none.
func WireLabels(labels map[string]DesiredLabel) map[string]*v1.DesiredWorkerLabels {
	return wireLabels(labels, false)
}

func wireLabels(labels map[string]DesiredLabel, verbatim bool) map[string]*v1.DesiredWorkerLabels {
	if len(labels) == 0 {
		return nil
	}
	out := make(map[string]*v1.DesiredWorkerLabels, len(labels))
	for key, label := range labels {
		wish := &v1.DesiredWorkerLabels{
			StrValue: label.String,
			IntValue: label.Int,
			Required: optional(label.Required),
			Weight:   optional(label.Weight),
		}
		if verbatim && label.SaidRequired {
			wish.Required = &label.Required
		}
		if verbatim && label.SaidWeight {
			wish.Weight = &label.Weight
		}
		if label.Comparator != "" {
			wish.Comparator = v1.WorkerLabelComparator(v1.WorkerLabelComparator_value[label.Comparator]).Enum()
		}
		out[key] = wish
	}
	return out
}

func (s Sticky) wire() *v1.StickyStrategy {
	switch s {
	case StickySoft:
		return v1.StickyStrategy_SOFT.Enum()
	case StickyHard:
		return v1.StickyStrategy_HARD.Enum()
	}
	return nil
}

func (i *Idempotency) wire() *v1.IdempotencyConfig {
	if i == nil {
		return nil
	}
	method := v1.IdempotencyMethod_TTL
	if i.Strategy == IdempotencyStatus {
		method = v1.IdempotencyMethod_STATUS
	}
	return &v1.IdempotencyConfig{Expression: i.Expression, TtlMs: i.TTL.Milliseconds(), Method: &method}
}

// optional is a pointer to v, or nil for the zero value.
func optional[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}
