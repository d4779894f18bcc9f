package scripttest

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
)

// arranged puts events in order of time. What happens at one moment of virtual
// time in tasks that do not wait for each other happens at once: which of them
// was faster on this machine is left out. So events of one moment stand in an
// order of their own, in which nothing comes before what it follows from: run by
// run, tasks as they follow from one another or else as they are declared, a child
// run at the place where its task started it.
func (s *session) arranged(events []Event) []Event {
	events = slices.Clone(events)
	slices.SortStableFunc(events, func(a, b Event) int { return a.At.Compare(b.At) })
	ranks, order := s.ranks(), make([]Event, 0, len(events))
	h := &history{map[string]int{}, map[string]string{}}
	for len(events) > 0 {
		n, base := 1, len(order) // what the test does, it does when all else has settled
		for !events[0].apart() && n < len(events) && events[n].At.Equal(events[0].At) && !events[n].apart() {
			n++
		}
		h.add(events[:n], base)
		order = append(order, newMoment(events[:n], ranks, h).arrange()...)
		h.add(order[base:], base) // as they stand now
		events = events[n:]
	}
	return order
}

// history is in which order runs began, and what is above them.
type history struct {
	order   map[string]int
	parents map[string]string
}

// add takes in the runs that begin with these events, of which the first is the
// one of that number.
func (h *history) add(events []Event, number int) {
	for i, e := range events {
		if e.Kind != RunStarted {
			continue
		}
		h.order[e.RunID] = number + i
		if e.Parent != "" {
			h.parents[e.RunID] = e.Parent
		}
	}
}

// apart reports whether an event is of the test itself or of its worker.
func (e Event) apart() bool { return e.Kind == EventPushed || e.Kind == WorkerGone }

// ranks is the place of each task among those of its workflow, by workflow and
// task: after all of its parents.
func (s *session) ranks() map[string]int {
	ranks := map[string]int{}
	for _, w := range s.test.file.workflows {
		left := slices.Clone(w.Tasks)
		for len(left) > 0 {
			next := slices.IndexFunc(left, func(t *workflow.Task) bool { return !waitsForOneOf(t, left) })
			next = max(next, 0)
			ranks[rankKey(w.Name, left[next].Name)] = len(ranks) + 1
			left = slices.Delete(left, next, next+1)
		}
	}
	return ranks
}

func waitsForOneOf(t *workflow.Task, others []*workflow.Task) bool {
	return slices.ContainsFunc(others, func(other *workflow.Task) bool {
		return slices.ContainsFunc(t.Parents, func(name string) bool { return strings.EqualFold(name, other.Name) })
	})
}

func rankKey(workflow, task string) string { return strings.ToLower(workflow + "\x00" + task) }

// moment are the events of one moment, in the order in which they were heard of.
type moment struct {
	events   []Event
	ranks    map[string]int
	history  *history
	inside   map[string]bool  // runs that a task of this moment started in it
	own      map[string][]int // of each run
	children map[int][]int    // starts of runs, by the event of their task before
	placed   map[string]bool  // runs
	order    []Event
}

func newMoment(events []Event, ranks map[string]int, h *history) *moment {
	m := &moment{
		events: events, ranks: ranks, history: h, inside: map[string]bool{}, own: map[string][]int{}, children: map[int][]int{}, placed: map[string]bool{},
	}
	latest := map[[2]string]int{} // event of each task
	for i, e := range events {
		m.own[e.RunID] = append(m.own[e.RunID], i)
		if e.Kind != RunStarted {
			latest[[2]string{e.RunID, e.Task}] = i
		} else if spawner, here := latest[[2]string{e.Parent, e.Task}]; here {
			m.children[spawner] = append(m.children[spawner], i)
		}
	}
	for _, started := range m.children {
		slices.SortStableFunc(started, func(a, b int) int { return cmp.Compare(events[a].Index, events[b].Index) })
	}
	return m
}

func (m *moment) arrange() []Event {
	if len(m.events) == 1 {
		return m.events
	}
	for _, started := range m.children {
		for _, i := range started {
			m.inside[m.events[i].RunID] = true
		}
	}
	below := map[string][]string{} // runs of this moment, and those above them, by what is above them
	for id := range m.own {
		for {
			above := m.history.parents[id]
			if slices.Contains(below[above], id) {
				break
			}
			below[above] = append(below[above], id)
			if id = above; id == "" {
				break
			}
		}
	}
	for _, runs := range below {
		slices.SortFunc(runs, func(a, b string) int { return cmp.Compare(m.history.order[a], m.history.order[b]) })
	}
	for _, root := range below[""] {
		m.placeTree(root, below)
	}
	for _, e := range m.events {
		m.place(e.RunID) // none is left, unless a run started itself
	}
	return m.order
}

// placeTree adds the events of a run and of those below it: the run comes last if
// one of the others was heard of first, for then it goes on with what came of them.
func (m *moment) placeTree(id string, below map[string][]string) {
	last := m.first(id) > m.firstOf(below[id], below)
	if !last && !m.inside[id] {
		m.place(id)
	}
	for _, run := range below[id] {
		m.placeTree(run, below)
	}
	if last && !m.inside[id] {
		m.place(id)
	}
}

func (m *moment) first(id string) int {
	if own := m.own[id]; len(own) > 0 {
		return own[0]
	}
	return math.MaxInt
}

func (m *moment) firstOf(runs []string, below map[string][]string) int {
	first := math.MaxInt
	for _, run := range runs {
		first = min(first, m.first(run), m.firstOf(below[run], below))
	}
	return first
}

// place adds the events of a run, with those of the runs that its tasks started.
func (m *moment) place(runID string) {
	if m.placed[runID] {
		return
	}
	m.placed[runID] = true
	own := m.own[runID]
	for len(own) > 0 { // a run that is replayed ends more than once
		n := 1 + slices.IndexFunc(own, func(i int) bool { return m.events[i].Kind == RunFinished })
		if n == 0 {
			n = len(own)
		}
		part := own[:n]
		slices.SortStableFunc(part, func(a, b int) int { return cmp.Compare(m.rank(m.events[a]), m.rank(m.events[b])) })
		for _, i := range part {
			m.order = append(m.order, m.events[i])
			for _, child := range m.children[i] {
				m.place(m.events[child].RunID)
			}
		}
		own = own[n:]
	}
}

// rank is the place of an event among those of its run.
func (m *moment) rank(e Event) int {
	switch e.Kind {
	case RunStarted:
		return 0
	case RunFinished:
		return math.MaxInt
	}
	if rank, known := m.ranks[rankKey(e.Workflow, e.Task)]; known {
		return rank
	}
	return math.MaxInt - 1 // the task for failures, and those of Go
}
