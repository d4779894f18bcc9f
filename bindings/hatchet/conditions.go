package hatchet

import (
	"fmt"
	"strings"
	"time"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
)

// conditionOptions are the keys of one condition; which of sleepFor, eventKey
// and parent is given decides its kind.
var conditionOptions = []option[*workflow.Condition]{
	{"sleepFor", "Duration", "Satisfied when this time has passed.",
		func(r *Realm, c *workflow.Condition, what string, v goja.Value) {
			r.conditionKind(c, workflow.ConditionSleep, what)
			c.SleepFor = r.duration(v, what)
			if goja.IsString(v) {
				c.Written = v.String()
			}
			if text := v.String(); goja.IsString(v) && c.Key == "" && text != workflow.FormatDuration(c.SleepFor) {
				c.Key = "sleep-" + text // as it is written, as in the TypeScript SDK
			}
		}},
	{"eventKey", "string", "Satisfied when an event of this key is pushed.",
		func(r *Realm, c *workflow.Condition, what string, v goja.Value) {
			r.conditionKind(c, workflow.ConditionEvent, what)
			c.EventKey = native.NonEmpty(r.rt, v, what)
		}},
	{"parent", "TaskRef", "Looks at the output of this parent.",
		func(r *Realm, c *workflow.Condition, what string, v goja.Value) {
			r.conditionKind(c, workflow.ConditionParent, what)
			c.Parent = r.nameOf(v, what)
		}},
	{"expression", "string", "CEL that must be true: over input, the event's payload, or over output, the parent's.",
		func(r *Realm, c *workflow.Condition, what string, v goja.Value) {
			c.Expression = native.NonEmpty(r.rt, v, what)
		}},
	{"scope", "string", "With eventKey: only events of this scope.",
		func(r *Realm, c *workflow.Condition, what string, v goja.Value) {
			c.Scope = native.NonEmpty(r.rt, v, what)
		}},
	{"considerEventsSince", "Date", "With eventKey and scope, in durable waits: events since then count, too.", setSince},
	{"readableDataKey", "string", "The name of what the condition yields. Default: the event key, sleep-<duration as written> or parent-<name>.",
		func(r *Realm, c *workflow.Condition, what string, v goja.Value) {
			c.Key = native.NonEmpty(r.rt, v, what)
		}},
}

func (r *Realm) conditionKind(c *workflow.Condition, kind workflow.ConditionKind, what string) {
	if c.Kind != "" {
		r.fail("%s: a condition is either a sleepFor, an eventKey or a parent; write { or: […] } or a list for several", what)
	}
	c.Kind = kind
}

func setSince(r *Realm, c *workflow.Condition, what string, v goja.Value) {
	since := r.date(v, what)
	c.Since = &since
}

// date reads a Date.
func (r *Realm) date(v goja.Value, what string) time.Time {
	if o, ok := v.(*goja.Object); ok && o.ClassName() == "Date" {
		if t, ok := o.Export().(time.Time); ok {
			return t
		}
		r.fail("%s is an invalid Date", what)
	}
	r.fail("%s must be a Date, got %s", what, native.Describe(v))
	return time.Time{}
}

// conditions reads a condition, a list of them, all of which are required, or
// { or: […] } groups of alternatives. before is how many conditions the target
// has already, so that groups get names of their own.
func (r *Realm) conditions(v goja.Value, what string, before int) []workflow.Condition {
	var all []workflow.Condition
	for i, one := range oneOrMany(r, v, what) {
		place := what
		if native.IsArray(v) {
			place = fmt.Sprintf("%s[%d]", what, i)
		}
		all = append(all, r.alternatives(one, place, fmt.Sprintf("or-%d", before+i+1))...)
	}
	if len(all) == 0 {
		r.fail("%s is an empty list; give at least one condition", what)
	}
	return all
}

// alternatives reads one entry: a condition or a group.
func (r *Realm) alternatives(v goja.Value, what, group string) []workflow.Condition {
	if !native.IsPlain(v) {
		r.fail("%s must be a condition like { sleepFor: '1h' }, { eventKey: 'order:paid' } or { parent: 'validate' }, got %s",
			what, native.Describe(v))
	}
	bag := v.(*goja.Object)
	or := bag.Get("or")
	if or == nil {
		return []workflow.Condition{r.condition(bag, what)}
	}
	if others := bag.Keys(); len(others) > 1 {
		r.fail("%s: or stands alone; put the other conditions into its list, or beside it in a list", what)
	}
	var all []workflow.Condition
	for i, one := range native.Elements(r.rt, or, what+".or") {
		place := fmt.Sprintf("%s.or[%d]", what, i)
		c := r.condition(native.Object(r.rt, one, place), place)
		c.Group = group
		all = append(all, c)
	}
	if len(all) == 0 {
		r.fail("%s.or is an empty list; give at least one condition", what)
	}
	return all
}

func (r *Realm) condition(bag *goja.Object, what string) workflow.Condition {
	var c workflow.Condition
	apply(r, &c, what, conditionOptions, bag)
	switch {
	case c.Kind == "":
		r.fail("%s must have a sleepFor, an eventKey or a parent", what)
	case c.Kind != workflow.ConditionEvent && (c.Scope != "" || c.Since != nil):
		r.fail("%s: scope and considerEventsSince go with an eventKey", what)
	case c.Kind == workflow.ConditionSleep && c.Expression != "":
		r.fail("%s: a sleep has nothing that an expression could look at", what)
	}
	return c
}

// DescribeConditions names a wait in messages: `sleepFor(24h)`,
// `waitFor("paid")`, `waitFor("paid" or sleep 1h)`.
func DescribeConditions(conditions []workflow.Condition) string {
	if len(conditions) == 1 && conditions[0].Kind == workflow.ConditionSleep {
		return "sleepFor(" + workflow.FormatDuration(conditions[0].SleepFor) + ")"
	}
	var groups []string
	var open string
	for i := range conditions {
		c := &conditions[i]
		text := describeCondition(c)
		if c.Group != "" && c.Group == open {
			groups[len(groups)-1] += " or " + text
			continue
		}
		groups, open = append(groups, text), c.Group
	}
	return "waitFor(" + strings.Join(groups, " and ") + ")"
}

func describeCondition(c *workflow.Condition) string {
	if c.Kind == workflow.ConditionSleep {
		return "sleep " + workflow.FormatDuration(c.SleepFor)
	}
	return fmt.Sprintf("%q", c.EventKey)
}
