package core

import "encoding/json"

// match is a decision to come: what becomes of a task, or when a durable wait
// is over (hatchet-protocol.md section 9.2).
type match struct {
	tmpl    *template
	run     *run // with step, of a task; nil for a durable wait
	step    *step
	entry   *entry  // of a durable wait
	signal  *signal // of a wait without a log
	groups  []bool  // met, by group number
	left    [actionCount]int
	met     []metCondition
	waiters []*waiter
	over    bool
}

// metCondition is a condition that was met, with what met it.
type metCondition struct {
	Index int    `json:"i"`
	Data  []byte `json:"d,omitempty"`
}

// waiter is a sleep or event condition that is not yet met.
type waiter struct {
	match    *match
	index    int
	seq      uint64
	timer    timer
	listener link[*waiter]
}

func newMatch(t *template) *match {
	return &match{tmpl: t, groups: make([]bool, len(t.groups)), left: t.total}
}

// startMatch lets sleeps begin and events be heard.
func (c *Core) startMatch(m *match) {
	for i := range m.tmpl.conditions {
		cond := &m.tmpl.conditions[i]
		if cond.kind == ConditionParent {
			continue
		}
		w := &waiter{match: m, index: i, seq: c.next()}
		m.waiters = append(m.waiters, w)
		if cond.kind == ConditionSleep {
			c.arm(&w.timer, c.now.Add(cond.sleep), w)
		} else {
			c.listen(w, cond.eventKey)
		}
	}
}

func (c *Core) listen(w *waiter, key string) {
	l := c.listeners[key]
	if l == nil {
		l = &list[*waiter]{}
		c.listeners[key] = l
	}
	l.push(&w.listener, w)
}

// stopMatch ends all waiting for m.
func (c *Core) stopMatch(m *match) {
	m.over = true
	for _, w := range m.waiters {
		c.stopWaiter(w)
	}
	m.waiters = nil
}

func (c *Core) stopWaiter(w *waiter) {
	c.disarm(&w.timer)
	if l := w.listener.list; l != nil {
		w.listener.remove()
		if l.size == 0 {
			delete(c.listeners, w.match.tmpl.conditions[w.index].eventKey)
		}
	}
}

// due ends a sleep.
func (w *waiter) due(c *Core) {
	text := w.match.tmpl.conditions[w.index].sleepText
	data := append(appendQuoted([]byte(`{"sleep_duration":`), text), '}')
	c.meet(w.match, w.index, data)
	c.decide(w.match)
}

// meet notes that a condition was met.
func (c *Core) meet(m *match, index int, data []byte) {
	if m.over {
		return
	}
	m.met = append(m.met, metCondition{Index: index, Data: data})
	cond := &m.tmpl.conditions[index]
	if !m.groups[cond.group] {
		m.groups[cond.group] = true
		m.left[cond.action]--
	}
	for _, w := range m.waiters {
		if w.index == index {
			c.stopWaiter(w)
		}
	}
}

// checkParent looks at the end of a parent.
func (c *Core) checkParent(m *match, index int, t *task) {
	cond := &m.tmpl.conditions[index]
	if cond.parent != t.step || cond.on != t.status {
		return
	}
	if t.status == Completed && !c.outputMeets(cond, t.output) {
		return
	}
	data := []byte(nil)
	if t.status == Failed {
		data = []byte(t.errorText)
	}
	c.meet(m, index, data)
}

func (c *Core) outputMeets(cond *condition, output []byte) bool {
	if cond.skipped {
		return saysSkipped(output)
	}
	return c.isTrue(EnvParent, cond.expr, map[string]json.RawMessage{"output": objectOr(output, `{}`), "input": json.RawMessage(`{}`)})
}

// isTrue evaluates a condition's expression. One that cannot be evaluated, or
// gives no bool, is not true.
func (c *Core) isTrue(env Environment, expr string, variables map[string]json.RawMessage) bool {
	if value, ok := trivial(expr); ok {
		return value
	}
	if c.config.Evaluator == nil {
		return false
	}
	value, err := c.config.Evaluator.Eval(env, expr, variables)
	truth, isBool := value.(bool)
	return err == nil && isBool && truth
}

// saysSkipped is the expression has(output.skipped) && output.skipped.
func saysSkipped(output []byte) bool {
	if !isObject(output) {
		return false
	}
	var fields struct {
		Skipped json.RawMessage `json:"skipped"`
	}
	return json.Unmarshal(output, &fields) == nil && string(fields.Skipped) == "true"
}

// precedence is the order in which the actions of a match are looked at.
var precedence = [...]Action{ActionSkip, ActionCancel, ActionCreate, ActionQueue, actionCreateMatch}

// decide carries out the first action of m whose groups are all met.
func (c *Core) decide(m *match) {
	if m.over {
		return
	}
	for _, action := range precedence {
		if m.tmpl.total[action] > 0 && m.left[action] == 0 {
			c.stopMatch(m)
			c.resolve(m, action)
			return
		}
	}
}

func (c *Core) resolve(m *match, action Action) {
	switch {
	case m.entry != nil:
		c.satisfy(m.entry, m.created(), false, "")
	case m.signal != nil:
		c.signalMet(m.signal)
	case action == actionCreateMatch:
		next := newMatch(m.step.second)
		next.run, next.step = m.run, m.step
		m.run.steps[m.step.index].match = next
		c.startMatch(next)
	default:
		c.createTask(m.run, m.step, action, m)
	}
}

// triggerData is what a task gets to see of its sleeps and events: the first
// datum by key, and only if it has parents (hatchet-protocol.md section 4.1).
func (m *match) triggerData() []datum {
	if len(m.step.parents) == 0 {
		return nil
	}
	var out []datum
	seen := map[string]bool{}
	for _, met := range m.met {
		cond := &m.tmpl.conditions[met.Index]
		if cond.kind == ConditionParent || cond.action != ActionQueue || seen[cond.key] {
			continue
		}
		seen[cond.key] = true
		out = append(out, datum{Key: cond.key, Data: met.Data})
	}
	return out
}

// stepErrors is what an on-failure task gets to see of the failures before it.
func (m *match) stepErrors() []datum {
	if !m.step.onFailure {
		return nil
	}
	var out []datum
	for _, met := range m.met {
		if cond := &m.tmpl.conditions[met.Index]; cond.on == Failed {
			out = append(out, datum{Key: cond.key, Data: met.Data})
		}
	}
	return out
}
