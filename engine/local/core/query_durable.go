package core

import "slices"

// DurableView is one entry of a durable task's log (hatchet-protocol.md section
// 8.1), as the current branch sees it.
type DurableView struct {
	Node       int64
	Kind       string      // RUN, WAIT_FOR or MEMO
	Call       string      // for people
	Run        string      // of a RUN: the child
	Conditions []Condition // of a WAIT_FOR
	Satisfied  bool
	Failed     bool
}

// DurableLog lists what a durable task has asked for so far, in order of its
// nodes; nil for a task that is unknown or not durable.
func (c *Core) DurableLog(taskID string) []DurableView {
	t := c.tasks[taskID]
	if t == nil || t.durable == nil {
		return nil
	}
	var out []DurableView
	for _, e := range t.durable.order {
		if t.durable.visible(e.at.node) != e {
			continue
		}
		out = append(out, DurableView{
			Node: e.at.node, Kind: string(e.kind), Call: e.call, Run: e.run, Conditions: slices.Clone(e.wait),
			Satisfied: e.satisfied, Failed: e.failed,
		})
	}
	slices.SortStableFunc(out, func(a, b DurableView) int { return int(a.Node - b.Node) })
	return out
}
