package differential

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
)

// plan is one random workflow and what is done to its run. Its JSON is what the
// script builds the workflow from.
type plan struct {
	Name      string `json:"name"`
	Seed      uint64 `json:"seed"`
	Tasks     []node `json:"tasks"`
	OnFailure bool   `json:"onFailure,omitempty"`
	// Cancel says that the run is cancelled once nothing moves but tasks that
	// hang.
	Cancel bool `json:"cancel,omitempty"`
	even   bool
}

// node is one task of a plan. Tasks come after their parents.
type node struct {
	Name    string   `json:"name"`
	Parents []string `json:"parents,omitempty"`
	N       int      `json:"n"` // part of its output
	Retries int      `json:"retries,omitempty"`
	// Fails is how many attempts fail before one succeeds; Fatal says that the
	// first failure is not to be retried.
	Fails int  `json:"fails,omitempty"`
	Fatal bool `json:"fatal,omitempty"`
	// Pause, in milliseconds, makes tasks end in other orders than they start.
	Pause int `json:"pause,omitempty"`
	// Hangs says that the task ends only when it is cancelled or, with Timeout,
	// when its time is over.
	Hangs   bool   `json:"hangs,omitempty"`
	Timeout string `json:"timeout,omitempty"`
	Sleep   string `json:"sleep,omitempty"`   // waits for this time after its parents
	SkipIn  bool   `json:"skipIn,omitempty"`  // a skipIf function says yes
	Skip    *rule  `json:"skip,omitempty"`    // skipIf over a parent's output
	Stop    []rule `json:"stop,omitempty"`    // cancelIf over parents' outputs
	Require *rule  `json:"require,omitempty"` // waitFor over a parent's output
}

// rule compares the number in a parent's output: true if it is above Above, or
// with Below if it is not.
type rule struct {
	Parent string
	Above  int
	Below  bool
}

// MarshalJSON gives the condition as workflows have it.
func (r rule) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]string{"parent": r.Parent, "expression": r.expression()})
}

// expression is the rule in CEL. A skipped parent has no number.
func (r rule) expression() string {
	comparison := "output.n > " + fmt.Sprint(r.Above)
	if r.Below {
		comparison = "output.n <= " + fmt.Sprint(r.Above)
	}
	return "has(output.n) && " + comparison
}

func (r rule) holds(n int) bool { return n > r.Above != r.Below }

const (
	// largest is how large the numbers in outputs are.
	largest = 10
	// evenRetries are those of each task of an even plan.
	evenRetries = 2
)

// newPlan draws a plan. The same seed gives the same one. What would depend on
// which of two tasks ends first is drawn again, for engines may differ in that.
// In an even one, as on a server always, all tasks have the same number of
// retries: known servers give each of the tasks whose failures they handle at a
// time the most retries that any of them has.
func newPlan(seed uint64, even bool) plan {
	r := rand.New(rand.NewPCG(seed, 0))
	p := plan{Seed: seed, Name: fmt.Sprintf("case-%d", seed), OnFailure: r.IntN(3) == 0, even: even}
	for i := range 1 + r.IntN(7) {
		p.Tasks = append(p.Tasks, certain(r, p, i))
	}
	fates, _ := p.foretell()
	for _, t := range p.Tasks {
		p.Cancel = p.Cancel || fates[t.Name].ran && t.Hangs && t.Timeout == ""
	}
	return p
}

// certain draws a task whose fate does not depend on luck.
func certain(r *rand.Rand, p plan, i int) node {
	for {
		t := p.draw(r, i)
		if _, sure := (plan{Tasks: append(p.Tasks[:i:i], t)}).foretell(); sure {
			return t
		}
	}
}

func (p plan) draw(r *rand.Rand, i int) node {
	t := node{Name: fmt.Sprintf("t%d", i), N: r.IntN(largest)}
	for j := range i {
		if r.IntN(3) == 0 && len(t.Parents) < 4 {
			t.Parents = append(t.Parents, p.Tasks[j].Name)
		}
	}
	if r.IntN(2) == 0 {
		t.Retries = r.IntN(4)
	}
	if r.IntN(3) == 0 {
		t.Fails, t.Fatal = r.IntN(4), r.IntN(4) == 0
	}
	if r.IntN(2) == 0 {
		t.Pause = r.IntN(60)
	}
	t.rarely(r)
	if p.even {
		t.Retries = evenRetries
	}
	if len(t.Parents) > 0 {
		t.conditions(r)
	}
	return t
}

// rarely draws what takes long, or ends a run early.
func (t *node) rarely(r *rand.Rand) {
	switch r.IntN(40) {
	case 0:
		t.Hangs, t.Timeout, t.Retries = true, "1s", r.IntN(2)
	case 1, 2:
		t.Hangs = true
	case 3:
		t.SkipIn = true
	}
}

func (t *node) conditions(r *rand.Rand) {
	draw := func() rule {
		return rule{Parent: t.Parents[r.IntN(len(t.Parents))], Above: r.IntN(largest), Below: r.IntN(2) == 0}
	}
	switch r.IntN(12) {
	case 0, 1:
		if skip := draw(); !t.SkipIn { // there is one skipIf
			t.Skip = &skip
		}
	case 2, 3:
		for _, parent := range t.Parents {
			stop := draw()
			stop.Parent = parent
			t.Stop = append(t.Stop, stop)
		}
	case 4, 5:
		require := draw()
		t.Require = &require
	case 6:
		t.Sleep = "1s"
	}
}

// find is the task of a name.
func (p plan) find(name string) node {
	for _, t := range p.Tasks {
		if t.Name == name {
			return t
		}
	}
	return node{}
}
