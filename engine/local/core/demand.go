package core

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
)

// demand is what a queued task asks of a worker. Tasks of one action with equal
// demands make a class.
type demand struct {
	slots  []slotUnits
	hard   string         // the only worker that may have it; "" = any
	soft   string         // the worker to try first
	labels []desiredLabel // ordered by key
}

// desiredLabel is a wish for a worker label.
type desiredLabel struct {
	Key  string       `json:"key"`
	Wish DesiredLabel `json:"wish"`
}

// defaultWeight is the weight of a wish that gives none.
const defaultWeight = 100

var comparators = []string{"", "EQUAL", "NOT_EQUAL", "GREATER_THAN", "GREATER_THAN_OR_EQUAL", "LESS_THAN", "LESS_THAN_OR_EQUAL"}

// demandOf gives a task's demand (hatchet-protocol.md section 9.6): stickiness
// counts only with a desired worker, labels only without stickiness.
func demandOf(t *task) demand {
	d := demand{slots: t.step.slots}
	switch t.step.version.def.Sticky {
	case StickyHard:
		d.hard = t.desiredWorker()
	case StickySoft:
		d.soft = t.desiredWorker()
	default:
		d.labels = mergeLabels(t.step.def.WorkerLabels, t.run.desiredLabels)
	}
	return d
}

// desiredWorker is the one that the trigger named, else one that ran a parent.
func (t *task) desiredWorker() string {
	if t.run.desiredWorker != "" {
		return t.run.desiredWorker
	}
	for _, p := range t.step.parents {
		if parent := t.run.steps[p.index].task; parent != nil && parent.ranOn != "" {
			return parent.ranOn
		}
	}
	return ""
}

// mergeLabels lays the wishes of a run over those of a task.
func mergeLabels(task, run map[string]DesiredLabel) []desiredLabel {
	if len(task)+len(run) == 0 {
		return nil
	}
	out := make([]desiredLabel, 0, len(task)+len(run))
	for key, wish := range task {
		if over, ok := run[key]; ok {
			wish = over
		}
		out = append(out, desiredLabel{key, wish})
	}
	for key, wish := range run {
		if _, ok := task[key]; !ok {
			out = append(out, desiredLabel{key, wish})
		}
	}
	slices.SortFunc(out, func(a, b desiredLabel) int { return strings.Compare(a.Key, b.Key) })
	return out
}

// plain says whether a demand is for slots alone.
func (d *demand) plain() bool {
	return d.hard == "" && d.soft == "" && len(d.labels) == 0
}

// key tells demands apart. slots is the part for the slots.
func (d *demand) key(slots string) string {
	if d.plain() {
		return slots
	}
	labels, err := json.Marshal(d.labels)
	if err != nil { // plain data always marshals
		labels = nil
	}
	return slots + "|" + d.hard + "|" + d.soft + "|" + string(labels)
}

// weigh says how well a worker meets the wishes, and whether it meets those
// that are required.
func (d *demand) weigh(w *worker) (weight int64, ok bool) {
	if d.hard != "" && d.hard != w.id {
		return 0, false
	}
	for i := range d.labels {
		wish := &d.labels[i].Wish
		label, has := w.labels[d.labels[i].Key]
		switch {
		case has && wish.met(label):
			if wish.Weight != nil {
				weight += int64(*wish.Weight)
			} else {
				weight += defaultWeight
			}
		case wish.Required:
			return 0, false
		}
	}
	return weight, true
}

// met compares a label with a wish: texts for equality only, numbers in every
// way.
func (wish *DesiredLabel) met(label Label) bool {
	equal := wish.Comparator == "" || wish.Comparator == "EQUAL"
	switch {
	case wish.Int != nil && label.Int != nil:
		return meets(cmp.Compare(*label.Int, *wish.Int), wish.Comparator)
	case wish.String != nil && label.String != nil:
		return equal && *label.String == *wish.String || wish.Comparator == "NOT_EQUAL" && *label.String != *wish.String
	}
	return wish.Comparator == "NOT_EQUAL"
}

func meets(order int, comparator string) bool {
	switch comparator {
	case "NOT_EQUAL":
		return order != 0
	case "GREATER_THAN":
		return order > 0
	case "GREATER_THAN_OR_EQUAL":
		return order >= 0
	case "LESS_THAN":
		return order < 0
	case "LESS_THAN_OR_EQUAL":
		return order <= 0
	}
	return order == 0
}

func checkLabels(labels map[string]DesiredLabel, where string) *Error {
	for _, l := range mergeLabels(labels, nil) {
		if !slices.Contains(comparators, l.Wish.Comparator) {
			return invalid("comparator %q of the worker label %s of %s is not known", l.Wish.Comparator, l.Key, where)
		}
		if l.Wish.String == nil && l.Wish.Int == nil {
			return invalid("the worker label %s of %s has no value", l.Key, where)
		}
	}
	return nil
}
