package core

import (
	"strconv"
	"strings"
	"time"
)

// template is the unchanging part of a match: its conditions and how they are
// grouped (hatchet-protocol.md section 9.2). An action fires when every group
// of it has a condition that was met; an action without groups never fires.
type template struct {
	conditions []condition
	groups     []Action // by group number
	total      [actionCount]int
}

// condition is one condition of a template.
type condition struct {
	group  int
	action Action
	kind   ConditionKind
	key    string
	expr   string
	// Parent conditions: the end of which step they look at. skipped asks for
	// an output that says so; it stands for the expression that the real engine
	// makes.
	parent  *step
	on      Status
	skipped bool
	// Sleep conditions.
	sleep     time.Duration
	sleepText string
	// User event conditions.
	eventKey string
	scope    string
	since    *time.Time
}

// templateBuilder numbers the groups of a template. Groups of one name are
// apart for each action.
type templateBuilder struct {
	template
	numbers map[string]int
	fresh   int
}

func newTemplateBuilder() *templateBuilder {
	return &templateBuilder{numbers: map[string]int{}}
}

// own gives the name of a group that no other condition has.
func (b *templateBuilder) own() string {
	b.fresh++
	return "own " + strconv.Itoa(b.fresh)
}

func (b *templateBuilder) add(group string, cond condition) {
	if group == "" {
		group = b.own()
	}
	name := strconv.Itoa(int(cond.action)) + " " + group
	number, ok := b.numbers[name]
	if !ok {
		number = len(b.groups)
		b.numbers[name] = number
		b.groups = append(b.groups, cond.action)
		b.total[cond.action]++
	}
	cond.group = number
	b.conditions = append(b.conditions, cond)
}

func (b *templateBuilder) build() *template {
	if len(b.conditions) == 0 {
		return nil
	}
	t := b.template
	return &t
}

// waitConditions makes the sleep and event conditions of a task or durable
// wait.
func (b *templateBuilder) waitConditions(conditions []Condition) {
	for _, d := range conditions {
		if d.Kind == ConditionParent {
			continue
		}
		b.add(d.Group, condition{
			action: d.Action, kind: d.Kind, key: d.Key, expr: d.Expression,
			sleep: durationOr(d.SleepFor, defaultTimeout), sleepText: d.SleepFor,
			eventKey: d.EventKey, scope: d.Scope, since: d.Since,
		})
	}
}

// addTemplates makes the templates of a step and tells the steps that it looks
// at.
func (s *step) addTemplates() {
	switch {
	case s.onFailure:
		s.first = s.onFailureTemplate()
	case len(s.parents) == 0:
		s.first = s.waitTemplate()
	default:
		s.second = s.waitTemplate()
		s.first = s.parentTemplate()
	}
	if s.first == nil {
		return
	}
	for i := range s.first.conditions {
		if p := s.first.conditions[i].parent; p != nil {
			p.watchedBy(s, i)
		}
	}
}

func (s *step) watchedBy(other *step, conditionIndex int) {
	if n := len(s.watches); n > 0 && s.watches[n-1].step == other {
		s.watches[n-1].conditions = append(s.watches[n-1].conditions, conditionIndex)
		return
	}
	s.watches = append(s.watches, watch{step: other, conditions: []int{conditionIndex}})
}

func (s *step) waitTemplate() *template {
	b := newTemplateBuilder()
	conditions := make([]Condition, 0, len(s.def.Conditions))
	for _, d := range s.def.Conditions {
		d.Scope, d.Since = "", nil // section 5.3: not for tasks
		conditions = append(conditions, d)
	}
	b.waitConditions(conditions)
	return b.build()
}

// onFailureTemplate: any failure queues it, the end of all others without one
// skips it (hatchet-protocol.md section 9.3).
func (s *step) onFailureTemplate() *template {
	b := newTemplateBuilder()
	for _, other := range s.version.steps {
		if other == s {
			continue
		}
		end := condition{kind: ConditionParent, parent: other, key: other.def.Name}
		b.addEnd("failed", end, ActionQueue, Failed)
		group := "ended " + other.def.Name
		b.addEnd(group, end, ActionSkip, Completed)
		b.addEnd(group, end, ActionSkip, Cancelled)
	}
	return b.build()
}

func (b *templateBuilder) addEnd(group string, cond condition, action Action, on Status) {
	cond.action, cond.on = action, on
	b.add(group, cond)
}

// parentTemplate is the table of section 9.2.
func (s *step) parentTemplate() *template {
	b := newTemplateBuilder()
	anySkip := false
	for _, d := range s.def.Conditions {
		anySkip = anySkip || d.Kind == ConditionParent && d.Action == ActionSkip
	}
	for _, p := range s.parents {
		b.parentConditions(s, p, anySkip)
	}
	return b.build()
}

func (b *templateBuilder) parentConditions(s, p *step, anySkip bool) {
	end := condition{kind: ConditionParent, parent: p, key: p.def.Name}
	goOn := ActionQueue
	if s.second != nil {
		goOn = actionCreateMatch
	}
	overridden := [actionCount]bool{}
	for _, d := range s.def.Conditions {
		if d.Kind == ConditionParent && d.Parent == p.def.Name {
			overridden[d.Action] = true
			b.parentOverride(d, end, goOn)
		}
	}
	if !overridden[ActionQueue] {
		b.addEnd("", end, goOn, Completed)
	}
	if !anySkip {
		skip := end
		skip.skipped = true
		b.addEnd("", skip, ActionSkip, Completed)
	}
	if !overridden[ActionCancel] {
		b.addEnd("parents", end, ActionCancel, Failed)
		b.addEnd("parents", end, ActionCancel, Cancelled)
	}
}

// parentOverride adds what a task says itself about the end of a parent. The
// engine's own reasons for cancelling stay.
func (b *templateBuilder) parentOverride(d Condition, end condition, goOn Action) {
	over := end
	over.expr = d.Expression
	action := d.Action
	if action == ActionQueue {
		action = goOn
	}
	group := d.Group
	if group == "" {
		group = b.own()
	}
	b.addEnd(group, over, action, Completed)
	if action == ActionCancel {
		b.addEnd(group, end, ActionCancel, Failed)
		b.addEnd(group, end, ActionCancel, Cancelled)
	}
}

// trivial says whether an expression needs no evaluator, and its value.
func trivial(expr string) (value, ok bool) {
	switch strings.TrimSpace(expr) {
	case "", "true":
		return true, true
	case "false":
		return false, true
	}
	return false, false
}
