package differential

import "maps"

// fate is what becomes of a task: a status in Hatchet's words, or skipped.
type fate string

const (
	completed fate = "COMPLETED"
	failed    fate = "FAILED"
	cancelled fate = "CANCELLED"
	skipped   fate = "SKIPPED" // engines call it COMPLETED
)

const onFailureTask = "on-failure-task"

// outcome is what becomes of a task and whether it is ever given to a worker.
type outcome struct {
	fate fate
	ran  bool
}

// foretell says what becomes of each task, after the rules of
// hatchet-protocol.md sections 9.2 to 9.5, and whether that is certain: it is
// not when it depends on which of two parents ends first, or when a task is
// left that nothing decides.
func (p plan) foretell() (map[string]outcome, bool) {
	fates := map[string]outcome{}
	for _, t := range p.Tasks {
		var first outcome
		for order := range orders(t.Parents) {
			one := t.decide(p, fates, order)
			if one.fate == "" || first.fate != "" && one != first {
				return nil, false
			}
			first = one
		}
		fates[t.Name] = first
	}
	if p.OnFailure {
		fates[onFailureTask] = p.handled(fates)
	}
	return fates, true
}

// handled is the fate of onFailure: it runs when a task failed.
func (p plan) handled(fates map[string]outcome) outcome {
	for one := range maps.Values(fates) {
		if one.fate == failed {
			return outcome{completed, true}
		}
	}
	return outcome{fate: skipped}
}

// orders yields the orders in which parents may end.
func orders(parents []string) func(yield func([]string) bool) {
	return func(yield func([]string) bool) { permute(parents, 0, yield) }
}

func permute(names []string, from int, yield func([]string) bool) bool {
	if from >= len(names)-1 {
		return yield(names)
	}
	names = append([]string(nil), names...)
	for i := from; i < len(names); i++ {
		names[from], names[i] = names[i], names[from]
		if !permute(names, from+1, yield) {
			return false
		}
		names[from], names[i] = names[i], names[from]
	}
	return true
}

// group is a set of conditions any of which suffices; an action is taken when
// all of its groups are satisfied.
type group []func(parent string, parentFate fate) bool

// decide follows the parents' ends in an order, and tells what that makes of
// the task; nothing if nothing is decided in the end.
func (t node) decide(p plan, fates map[string]outcome, order []string) outcome {
	if len(t.Parents) == 0 {
		return t.run()
	}
	skip, cancel, queue := t.groups(p)
	actions := []struct {
		groups []group
		then   func() outcome
	}{
		{skip, func() outcome { return outcome{fate: skipped} }},
		{cancel, func() outcome { return outcome{fate: cancelled} }},
		{queue, t.run},
	}
	satisfied := map[[2]int]bool{}
	for _, parent := range order {
		for a, action := range actions {
			for g, alternatives := range action.groups {
				for _, holds := range alternatives {
					satisfied[[2]int{a, g}] = satisfied[[2]int{a, g}] || holds(parent, fates[parent].fate)
				}
			}
		}
		for a, action := range actions {
			all := len(action.groups) > 0
			for g := range action.groups {
				all = all && satisfied[[2]int{a, g}]
			}
			if all {
				return action.then()
			}
		}
	}
	return outcome{}
}

// groups are the conditions of the table in section 9.2.
func (t node) groups(p plan) (skip, cancel, queue []group) {
	var anyFails group
	for _, parent := range t.Parents {
		done := func(f fate) bool { return f == completed || f == skipped }
		lost := func(name string, f fate) bool { return name == parent && (f == failed || f == cancelled) }
		ruled := func(r rule) func(string, fate) bool {
			return func(name string, f fate) bool { return name == r.Parent && f == completed && r.holds(p.find(name).N) }
		}
		if t.Require != nil && t.Require.Parent == parent {
			queue = append(queue, group{ruled(*t.Require)})
		} else {
			queue = append(queue, group{func(name string, f fate) bool { return name == parent && done(f) }})
		}
		switch {
		case t.Skip == nil:
			skip = append(skip, group{func(name string, f fate) bool { return name == parent && f == skipped }})
		case t.Skip.Parent == parent:
			skip = append(skip, group{ruled(*t.Skip)})
		}
		overridden := false
		for _, stop := range t.Stop {
			if stop.Parent == parent {
				cancel, overridden = append(cancel, group{ruled(stop), lost}), true
			}
		}
		if !overridden {
			anyFails = append(anyFails, lost)
		}
	}
	if len(anyFails) > 0 {
		cancel = append(cancel, anyFails)
	}
	return skip, cancel, queue
}

// run is what becomes of a task that starts.
func (t node) run() outcome {
	switch {
	case t.SkipIn:
		return outcome{skipped, true}
	case t.Hangs && t.Timeout == "":
		return outcome{cancelled, true}
	case t.Hangs, t.Fails > t.Retries, t.Fails > 0 && t.Fatal:
		return outcome{failed, true}
	}
	return outcome{completed, true}
}

// attempts is how many attempts a task that starts has.
func (t node) attempts() int {
	switch {
	case t.SkipIn, t.Hangs && t.Timeout == "":
		return 1
	case t.Hangs:
		return t.Retries + 1
	case t.Fails > 0 && t.Fatal:
		return 1
	}
	return min(t.Fails, t.Retries) + 1
}

// whole is the status of a run whose tasks have these fates (section 6.6).
func whole(fates map[string]outcome) string {
	status := completed
	for one := range maps.Values(fates) {
		if one.fate == failed || one.fate == cancelled && status == completed {
			status = one.fate
		}
	}
	return string(status)
}
