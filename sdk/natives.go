package sdk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hatchet-js/hatchet-js-worker/engine/worker"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
)

// natives are the tasks of a program, by the workflows that they are part of.
type natives struct {
	groups   []*nativeGroup
	byAction map[string]*NativeTask
}

// nativeGroup is the tasks of one workflow.
type nativeGroup struct {
	name  string
	tasks []*NativeTask
}

// newNatives checks what can be known of tasks without the scripts. Errors are
// ErrConfig.
func newNatives(tasks []NativeTask) (*natives, error) {
	n := &natives{byAction: map[string]*NativeTask{}}
	for i := range tasks {
		t := &tasks[i]
		if t.call == nil {
			return nil, withKind(errors.New("a task that neither sdk.Task nor sdk.DurableTask made"), ErrConfig)
		}
		action := workflow.ActionID(t.workflow(), t.declared.Name)
		if other := n.byAction[action]; other != nil {
			return nil, withKind(fmt.Errorf("%s: task %q is declared at %s, too", t.declared.Position, t.declared.Name, other.declared.Position), ErrConfig)
		}
		n.byAction[action] = t
		group := n.find(t.workflow())
		if group == nil {
			group = &nativeGroup{name: t.workflow()}
			n.groups = append(n.groups, group)
		}
		group.tasks = append(group.tasks, t)
	}
	for _, group := range n.groups {
		if group.standalone() {
			if problems := group.own().Validate(); len(problems) > 0 {
				return nil, withKind(problems[0], ErrConfig)
			}
		}
	}
	return n, nil
}

func (n *natives) find(name string) *nativeGroup {
	i := slices.IndexFunc(n.groups, func(g *nativeGroup) bool { return strings.EqualFold(g.name, name) })
	if i < 0 {
		return nil
	}
	return n.groups[i]
}

// join adds tasks to the workflows of a script that they are part of.
func (n *natives) join(declared []*workflow.Workflow) []workflow.Problem {
	var problems []workflow.Problem
	for _, w := range declared {
		group := n.find(w.Name)
		switch {
		case group == nil:
		case w.Kind.Standalone() || group.standalone():
			problems = append(problems, workflow.Problem{Position: w.Position, Message: fmt.Sprintf(
				"the program that serves the scripts has a task %q, too, at %s; one of them needs another name", group.name, group.tasks[0].declared.Position)})
		default:
			group.addTo(w)
		}
	}
	return problems
}

// alone are the workflows that no script declares, those that are valid.
func (n *natives) alone(declared []*workflow.Workflow) (own []*workflow.Workflow, problems []workflow.Problem) {
	for _, group := range n.groups {
		if slices.ContainsFunc(declared, func(w *workflow.Workflow) bool { return strings.EqualFold(w.Name, group.name) }) {
			continue
		}
		w := group.own()
		found := w.Validate()
		if len(found) == 0 {
			own = append(own, w)
		}
		for _, p := range found {
			p.Message += fmt.Sprintf(" (no script declares a workflow %s)", group.name)
			problems = append(problems, p)
		}
	}
	return own, problems
}

func (g *nativeGroup) standalone() bool {
	return slices.ContainsFunc(g.tasks, func(t *NativeTask) bool { return t.standalone() })
}

// own is the workflow that the tasks make up alone.
func (g *nativeGroup) own() *workflow.Workflow {
	first := &g.tasks[0].declared
	w := &workflow.Workflow{Name: g.name, Kind: workflow.KindDAG, Position: first.Position}
	if g.standalone() {
		w.Kind = workflow.KindTask
		if first.Durable {
			w.Kind = workflow.KindDurable
		}
	}
	g.addTo(w)
	return w
}

// addTo adds the tasks to w, and what starts them.
func (g *nativeGroup) addTo(w *workflow.Workflow) {
	for _, t := range g.tasks {
		w.Tasks = append(w.Tasks, &t.declared)
		for _, event := range t.options.Events {
			if !slices.Contains(w.Events, event) {
				w.Events = append(w.Events, event)
			}
		}
		for _, cron := range t.options.Crons {
			if !slices.Contains(w.Crons, cron) {
				w.Crons = append(w.Crons, cron)
			}
		}
	}
}

// problemError is what is wrong with tasks, as one error.
func problemError(problems []workflow.Problem) error {
	errs := make([]error, len(problems))
	for i, p := range problems {
		errs[i] = p
	}
	return errors.Join(errs...)
}

// runNatives has the tasks of Go run by their functions.
func (w *Worker) runNatives(g *worker.Generation) {
	for _, declared := range g.Workflows {
		for _, task := range declared.Tasks {
			action := workflow.ActionID(declared.Name, task.Name)
			if native := w.natives.byAction[action]; native != nil {
				g.Runners[action] = worker.RunnerFunc(func(ctx context.Context, a *worker.Assignment) ([]byte, error) {
					output, err := w.runNative(ctx, native, a)
					return output, redacted(w.door, err)
				})
			}
		}
	}
}
