package workflow

import (
	"fmt"

	"github.com/google/uuid"
	v1 "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// groupSpace is the root of the or-group ids that are derived from names.
var groupSpace = uuid.MustParse("6f0f2f5e-7c1f-5c55-9a2b-0c1d5f0e4a77")

// DataKey is the key under which the data of the satisfied condition reaches
// the task: the given one, else "sleep-<duration>", the event key, or
// "parent-<task>" (hatchet-protocol.md section 5.4).
func (c *Condition) DataKey() string {
	switch {
	case c.Key != "":
		return c.Key
	case c.Kind == ConditionSleep:
		return "sleep-" + FormatDuration(c.SleepFor)
	case c.Kind == ConditionParent:
		return "parent-" + c.Parent
	}
	return c.EventKey
}

// DurableConditions is the wire form of a durable wait (hatchet-protocol.md
// sections 2.3 and 8.5). Conditions of one group are alternatives, groups are
// all required. The or-group ids are derived from seed, which names the wait,
// so that the replay of a run asks for the same. Parent conditions have no
// place in a durable wait and are left out.
func DurableConditions(ns Namespace, seed string, conditions []Condition) *v1.DurableEventListenerConditions {
	out := &v1.DurableEventListenerConditions{}
	for i := range conditions {
		c := &conditions[i]
		base := baseCondition(c, v1.Action_CREATE, groupID(seed, i, c.Group))
		switch c.Kind {
		case ConditionSleep:
			out.SleepConditions = append(out.SleepConditions, sleepCondition(c, base))
		case ConditionEvent:
			out.UserEventConditions = append(out.UserEventConditions, eventCondition(c, ns, base))
		}
	}
	return out
}

// conditions is the wire form of all of a task's conditions, empty if it has
// none.
func (e taskEncoder) conditions(t *Task, name string) *v1.TaskConditions {
	out := &v1.TaskConditions{}
	add := func(action v1.Action, conditions []Condition) {
		seed := e.workflow + "\x00" + name + "\x00" + action.String()
		for i := range conditions {
			c := &conditions[i]
			base := baseCondition(c, action, groupID(seed, i, c.Group))
			switch c.Kind {
			case ConditionSleep:
				sleep := sleepCondition(c, base)
				sleep.SleepFor = e.duration(c.Written, c.SleepFor)
				out.SleepConditions = append(out.SleepConditions, sleep)
			case ConditionEvent:
				out.UserEventConditions = append(out.UserEventConditions, eventCondition(c, e.namespace, base))
			case ConditionParent:
				out.ParentOverrideConditions = append(out.ParentOverrideConditions,
					&v1.ParentOverrideMatchCondition{Base: base, ParentReadableId: c.Parent})
			}
		}
	}
	add(v1.Action_QUEUE, t.WaitFor)
	add(v1.Action_CANCEL, t.CancelIf)
	add(v1.Action_SKIP, t.SkipIf)
	return out
}

// groupID derives the or-group id of the condition at index: shared by those of
// a named group, its own for a condition without one.
func groupID(seed string, index int, group string) string {
	name := "name\x00" + group
	if group == "" {
		name = fmt.Sprintf("index\x00%d", index)
	}
	return uuid.NewSHA1(groupSpace, []byte(seed+"\x00"+name)).String()
}

func baseCondition(c *Condition, action v1.Action, group string) *v1.BaseMatchCondition {
	return &v1.BaseMatchCondition{
		ReadableDataKey: c.DataKey(), Action: action, OrGroupId: group, Expression: c.Expression,
	}
}

func sleepCondition(c *Condition, base *v1.BaseMatchCondition) *v1.SleepMatchCondition {
	return &v1.SleepMatchCondition{Base: base, SleepFor: WireDuration(c.SleepFor)}
}

func eventCondition(c *Condition, ns Namespace, base *v1.BaseMatchCondition) *v1.UserEventMatchCondition {
	event := &v1.UserEventMatchCondition{Base: base, UserEventKey: ns.Apply(c.EventKey), EventScope: optional(c.Scope)}
	if c.Since != nil {
		event.ConsiderEventsSince = timestamppb.New(*c.Since)
	}
	return event
}
