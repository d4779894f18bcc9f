package core

import (
	"strconv"
)

// strategy is one concurrency limit of a step, made ready for running
// (hatchet-protocol.md section 9.7).
type strategy struct {
	def    Concurrency
	scope  string // keys are told apart within it
	perRun bool   // places belong to runs, not to tasks
	index  int    // of run.members, if perRun
}

// The names of strategies on the wire.
const (
	cancelInProgress   = "CANCEL_IN_PROGRESS"
	groupRoundRobin    = "GROUP_ROUND_ROBIN"
	cancelNewest       = "CANCEL_NEWEST"
	keepNewestQueued   = "CANCEL_QUEUED_EXCEPT_NEWEST"
	keepOldestQueued   = "CANCEL_QUEUED_EXCEPT_OLDEST"
	concurrencyMessage = "Cancelled due to concurrency strategy"
)

var strategyNames = []string{"", cancelInProgress, groupRoundRobin, cancelNewest, keepNewestQueued, keepOldestQueued}

func (s *strategy) name() string {
	if s.def.Strategy == "" {
		return cancelInProgress
	}
	return s.def.Strategy
}

// addStrategies gives a step the limits of its workflow and then its own. Those
// of the workflow belong to runs, except for workflows of a single task.
func (s *step) addStrategies() {
	v := s.version
	for i, def := range v.def.Concurrency {
		scope := v.id + "/" + strconv.Itoa(i)
		s.strategies = append(s.strategies, newStrategy(def, scope, v.dag(), i))
	}
	for i, def := range s.def.Concurrency {
		s.strategies = append(s.strategies, newStrategy(def, s.id+"/"+strconv.Itoa(i), false, 0))
	}
}

func newStrategy(def Concurrency, scope string, perRun bool, index int) *strategy {
	if def.TenantScoped {
		scope = "tenant/" + def.Name
	}
	return &strategy{def: def, scope: scope, perRun: perRun, index: index}
}

// keysOf evaluates the keys and limits of a new task. An error is the text with
// which the task fails.
func (c *Core) keysOf(t *task) (keys []placeKey, failure string) {
	for _, s := range t.step.strategies {
		key, failure := c.evalString(t, s.def.Expression)
		if failure != "" {
			return nil, failure
		}
		limit := max(s.def.MaxRuns, 1)
		if s.def.MaxRunsExpression != "" {
			n, failure := c.evalInt(t, s.def.MaxRunsExpression)
			if failure != "" {
				return nil, failure
			}
			limit = int32(min(max(n, 0), 1<<30))
		}
		keys = append(keys, placeKey{Key: key, Limit: limit})
	}
	return keys, ""
}

// placeKey is what a strategy's expressions gave for a task.
type placeKey struct {
	Key   string `json:"k"`
	Limit int32  `json:"n"`
}

func (v *validator) concurrency() *Error {
	if err := v.limits(v.def.Concurrency, "workflow "+v.def.Name); err != nil {
		return err
	}
	return v.def.everyTask(func(t *TaskDefinition) *Error {
		return v.limits(t.Concurrency, "task "+t.Name)
	})
}

func (v *validator) limits(limits []Concurrency, where string) *Error {
	for _, d := range limits {
		switch {
		case d.Expression == "":
			return invalid("a concurrency limit of %s has no expression", where)
		case d.MaxRuns < 0:
			return invalid("max_runs %d of a concurrency limit of %s must not be negative", d.MaxRuns, where)
		case !contains(strategyNames, d.Strategy):
			return invalid("concurrency strategy %q of %s is not accepted", d.Strategy, where)
		case d.TenantScoped && d.Name == "":
			return invalid("a tenant-scoped concurrency limit of %s has no name", where)
		}
		for _, expression := range []string{d.Expression, d.MaxRunsExpression} {
			if expression == "" {
				continue
			}
			if err := checkStepExpression(v.evaluator, expression, where); err != nil {
				return err
			}
		}
	}
	return nil
}
