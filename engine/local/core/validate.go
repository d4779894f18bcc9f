package core

import (
	"encoding/json"
	"regexp"
	"strings"
	"time"
)

var (
	namePattern     = regexp.MustCompile(`^[a-zA-Z0-9.\-_]+$`)
	durationPattern = regexp.MustCompile(`^(([0-9]+(\.[0-9]*)?|\.[0-9]+)(ms|s|m|h))+$`)
)

// invalid is a refusal in the real engine's form.
func invalid(format string, args ...any) *Error {
	e := errorf(InvalidArgument, format, args...)
	e.Message = "Invalid request: " + e.Message
	return e
}

// firstError runs checks until one refuses.
func firstError(checks ...func() *Error) *Error {
	for _, check := range checks {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

// validator checks one definition (hatchet-protocol.md section 5.3).
type validator struct {
	def       *Definition
	evaluator Evaluator
}

func (v *validator) workflow() *Error {
	return firstError(v.header, v.tasks, v.parents, v.cycle, v.single, v.filters, v.concurrency, v.idempotency, v.batches)
}

func (v *validator) header() *Error {
	d := v.def
	switch {
	case !namePattern.MatchString(d.Name):
		return invalid("workflow name %q must match %s", d.Name, namePattern)
	case len(d.Tasks) == 0:
		return invalid("workflow %s has no tasks, at least one is required", d.Name)
	case d.DefaultPriority < 0 || d.DefaultPriority > 3:
		return invalid("default priority %d of workflow %s must be 1, 2 or 3", d.DefaultPriority, d.Name)
	case d.Sticky != "" && d.Sticky != StickySoft && d.Sticky != StickyHard:
		return invalid("sticky strategy %q of workflow %s must be SOFT or HARD", d.Sticky, d.Name)
	}
	for _, expression := range d.CronTriggers {
		if _, err := parseCron(expression); err != nil {
			return invalid("cron trigger %q of workflow %s: %v", expression, d.Name, err)
		}
	}
	if len(d.InputSchema) > 0 && !json.Valid(d.InputSchema) {
		return invalid("input_json_schema of workflow %s is not JSON", d.Name)
	}
	return checkObject("cron_input of workflow "+d.Name, d.CronInput)
}

// everyTask calls f for all tasks, the on-failure task last.
func (d *Definition) everyTask(f func(*TaskDefinition) *Error) *Error {
	for i := range d.Tasks {
		if err := f(&d.Tasks[i]); err != nil {
			return err
		}
	}
	if d.OnFailure != nil {
		return f(d.OnFailure)
	}
	return nil
}

func (v *validator) tasks() *Error {
	seen := map[string]bool{}
	return v.def.everyTask(func(t *TaskDefinition) *Error {
		if seen[t.Name] {
			return invalid("workflow %s has two tasks named %s", v.def.Name, t.Name)
		}
		seen[t.Name] = true
		return firstError(
			func() *Error { return v.task(t) },
			func() *Error { return v.numbers(t) },
			func() *Error { return v.conditions(t) },
			func() *Error { return v.rateLimits(t) },
			func() *Error { return checkLabels(t.WorkerLabels, "task "+t.Name) },
		)
	})
}

func (v *validator) task(t *TaskDefinition) *Error {
	if !namePattern.MatchString(t.Name) {
		return invalid("task name %q of workflow %s must match %s", t.Name, v.def.Name, namePattern)
	}
	if err := checkAction(t.Action); err != nil {
		return invalid("task %s of workflow %s: %s", t.Name, v.def.Name, err.Message)
	}
	return firstError(
		func() *Error { return checkDuration("timeout", t.Timeout, t.Name) },
		func() *Error { return checkDuration("schedule timeout", t.ScheduleTimeout, t.Name) },
	)
}

func checkDuration(field, text, task string) *Error {
	if text != "" && !durationPattern.MatchString(text) {
		return invalid("%s %q of task %s must be a duration such as 1h30m5s", field, text, task)
	}
	return nil
}

// checkAction checks an action id (hatchet-protocol.md section 5.2). The real
// engine lower-cases parts of it only and then misses the action.
func checkAction(action string) *Error {
	parts := strings.Split(action, ":")
	if len(parts) < 2 || len(parts) > 3 {
		return errorf(InvalidArgument, "action id %q must have two or three parts joined by a colon", action)
	}
	for i, part := range parts {
		if part == "" {
			return errorf(InvalidArgument, "action id %q has an empty part", action)
		}
		if rest := part[1:]; i != 1 && rest != strings.ToLower(rest) {
			return errorf(InvalidArgument, "action id %q must be lower case", action)
		}
	}
	return nil
}

func (v *validator) numbers(t *TaskDefinition) *Error {
	switch {
	case t.Retries < 0:
		return invalid("retries %d of task %s must not be negative", t.Retries, t.Name)
	case t.BackoffFactor != nil && (*t.BackoffFactor < 1 || *t.BackoffFactor > 1000):
		return invalid("backoff factor %v of task %s must be between 1 and 1000", *t.BackoffFactor, t.Name)
	case t.BackoffMaxSeconds != nil && (*t.BackoffMaxSeconds < 1 || *t.BackoffMaxSeconds > maxBackoffSeconds):
		return invalid("backoff maximum %d of task %s must be between 1 and 86400 seconds", *t.BackoffMaxSeconds, t.Name)
	}
	for _, u := range sortedUnits(t.SlotRequests) {
		if u.Type == "" {
			return invalid("a slot request of task %s has no slot type", t.Name)
		}
		if u.Units <= 0 {
			return invalid("slot request %s of task %s must be positive, not %d", u.Type, t.Name, u.Units)
		}
	}
	return nil
}

func (v *validator) conditions(t *TaskDefinition) *Error {
	for i := range t.Conditions {
		d := &t.Conditions[i]
		if d.Action < ActionQueue || d.Action > ActionSkip {
			return invalid("condition %q of task %s must have the action QUEUE, CANCEL or SKIP", d.Key, t.Name)
		}
		if err := d.check("task "+t.Name, v.evaluator); err != nil {
			return err
		}
		if d.Kind == ConditionParent && !contains(t.Parents, d.Parent) {
			return invalid("a condition of task %s looks at %q, which is none of its parents", t.Name, d.Parent)
		}
	}
	return nil
}

// check checks what conditions of tasks and of durable waits have in common.
func (d *Condition) check(where string, e Evaluator) *Error {
	if d.Key == "" {
		return invalid("a condition of %s has no readable data key", where)
	}
	if d.Group != "" && !isUUID(d.Group) {
		return invalid("or-group id %q of %s is not a UUID", d.Group, where)
	}
	env := EnvParent
	switch d.Kind {
	case ConditionSleep:
		if _, err := time.ParseDuration(d.SleepFor); err != nil || !durationPattern.MatchString(d.SleepFor) {
			return invalid("sleep %q of %s must be a duration such as 1h30m5s", d.SleepFor, where)
		}
		return nil
	case ConditionUserEvent:
		env = EnvUserEvent
		if d.EventKey == "" {
			return invalid("a user event condition of %s has no event key", where)
		}
	case ConditionParent:
	default:
		return invalid("a condition of %s has the unknown kind %q", where, d.Kind)
	}
	return checkExpression(e, env, d.Expression, where)
}

// checkExpression compiles an expression if there is something to compile.
func checkExpression(e Evaluator, env Environment, expression, where string) *Error {
	if _, ok := trivial(expression); ok {
		return nil
	}
	if e == nil {
		return errorf(Unimplemented, "the expression %q of %s cannot be evaluated: this engine has no CEL", expression, where)
	}
	if err := e.Check(env, expression); err != nil {
		return invalid("the expression %q of %s is not valid CEL: %v", expression, where, err)
	}
	return nil
}

func (v *validator) parents() *Error {
	names := map[string]bool{}
	for i := range v.def.Tasks {
		names[v.def.Tasks[i].Name] = true
	}
	for i := range v.def.Tasks {
		t := &v.def.Tasks[i]
		for _, p := range t.Parents {
			if !names[p] {
				return errorf(InvalidArgument, "dag parent not found: parent step '%s' not found for step '%s'", p, t.Name)
			}
		}
	}
	return nil
}

// cycle names a cycle of parents as a path.
func (v *validator) cycle() *Error {
	byName := map[string]*TaskDefinition{}
	for i := range v.def.Tasks {
		byName[v.def.Tasks[i].Name] = &v.def.Tasks[i]
	}
	cleared := map[string]bool{}
	for i := range v.def.Tasks {
		if path := findCycle(byName, cleared, v.def.Tasks[i].Name, nil); path != nil {
			return invalid("the tasks of workflow %s depend on each other in a cycle: %s", v.def.Name, strings.Join(path, " -> "))
		}
	}
	return nil
}

func findCycle(byName map[string]*TaskDefinition, cleared map[string]bool, name string, path []string) []string {
	for i, above := range path {
		if above == name {
			return append(path[i:], name)
		}
	}
	if cleared[name] {
		return nil
	}
	path = append(path, name)
	for _, parent := range byName[name].Parents {
		if found := findCycle(byName, cleared, parent, path); found != nil {
			return found
		}
	}
	cleared[name] = true
	return nil
}

// single refuses what registers on the real engine but never starts there
// (hatchet-protocol.md section 9.2).
func (v *validator) single() *Error {
	d := v.def
	if len(d.Tasks) == 1 && d.OnFailure == nil && len(d.Tasks[0].Conditions) > 0 {
		return errorf(Unimplemented, "task %s is the only one of workflow %s and has conditions: Hatchet never starts such a task; give the workflow another task, or wait inside a durable task", d.Tasks[0].Name, d.Name)
	}
	return nil
}

func (v *validator) filters() *Error {
	for _, f := range v.def.DefaultFilters {
		where := "a default filter of workflow " + v.def.Name
		if err := checkExpression(v.evaluator, EnvFilter, f.Expression, where); err != nil {
			return err
		}
		if len(f.Payload) > 0 && (!isObject(f.Payload) || !json.Valid(f.Payload)) {
			return invalid("the payload of %s must be a JSON object", where)
		}
	}
	return nil
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}
