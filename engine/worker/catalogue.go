package worker

import (
	"fmt"
	"maps"
	"slices"
	"time"

	v1 "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
	"google.golang.org/protobuf/proto"
)

// action is one task of a catalogue with all that an assignment needs to know.
type action struct {
	id       string // workflow.ActionID, without namespace
	workflow string // its declared name
	runner   Runner
	task     *workflow.Task
	slots    map[string]int32
	timeout  time.Duration
	// delays is the backoff the worker keeps itself; nil if there is none or the
	// engine keeps it (hatchet-protocol.md section 5.7).
	delays *workflow.Backoff
}

// entry is one workflow of a catalogue.
type entry struct {
	declared *workflow.Workflow
	request  *v1.CreateWorkflowVersionRequest
	actions  map[string]*action // by the id on the wire
}

// catalogue is a generation as the dispatch of assignments needs it. It is
// immutable.
type catalogue struct {
	entries map[string]*entry  // by the workflow's registered name
	actions map[string]*action // by the id on the wire
	// withdrawn are actions of generations before, which an earlier
	// registration may still be sent.
	withdrawn map[string]*action
}

// find returns the action with the id on the wire, or nil.
func (c *catalogue) find(id string) *action {
	if a := c.actions[id]; a != nil {
		return a
	}
	return c.withdrawn[id]
}

// names are the ids on the wire of all actions, sorted.
func (c *catalogue) names() []string { return slices.Sorted(maps.Keys(c.actions)) }

// slotTypes are the slot types that at least one task needs, sorted
// (hatchet-protocol.md section 3.3).
func (c *catalogue) slotTypes() []string {
	types := map[string]bool{}
	for _, a := range c.actions {
		for name := range a.slots {
			types[name] = true
		}
	}
	return slices.Sorted(maps.Keys(types))
}

// compile prepares every workflow of g by itself, so that a refused one does not
// keep the others from being served.
func compile(g Generation, ns workflow.Namespace, offered func(slotType string) bool) (map[string]*entry, []Refusal) {
	entries := make(map[string]*entry, len(g.Workflows))
	var refusals []Refusal
	for _, declared := range g.Workflows {
		name := ns.Workflow(declared.Name)
		compiled, err := compileWorkflow(declared, g.Runners, ns, offered)
		if earlier := entries[name]; err == nil && earlier != nil {
			err = fmt.Errorf("the name is taken by the workflow at %s; choose another", earlier.declared.Position)
		}
		if err != nil {
			refusals = append(refusals, Refusal{Workflow: declared.Name, Position: declared.Position, Err: err})
			continue
		}
		entries[name] = compiled
	}
	return entries, refusals
}

func compileWorkflow(declared *workflow.Workflow, runners map[string]Runner, ns workflow.Namespace, offered func(string) bool) (*entry, error) {
	request := declared.Request(ns)
	compiled := &entry{declared: declared, request: request, actions: map[string]*action{}}
	add := func(task *workflow.Task, opts *v1.CreateTaskOpts) error {
		a, err := compileTask(declared.Name, task, opts, runners, offered)
		compiled.actions[opts.Action] = a
		return err
	}
	for i, task := range declared.Tasks {
		if err := add(task, request.Tasks[i]); err != nil {
			return nil, err
		}
	}
	if declared.OnFailure != nil {
		if err := add(declared.OnFailure, request.OnFailureTask); err != nil {
			return nil, err
		}
	}
	return compiled, nil
}

func compileTask(workflowName string, task *workflow.Task, opts *v1.CreateTaskOpts, runners map[string]Runner, offered func(string) bool) (*action, error) {
	id := workflow.ActionID(workflowName, opts.ReadableId)
	runner := runners[id]
	if runner == nil {
		return nil, fmt.Errorf("task %s has no runner", opts.ReadableId)
	}
	for name := range opts.SlotRequests {
		if !offered(name) {
			return nil, fmt.Errorf("task %s needs slots of type %q, of which this worker has none", opts.ReadableId, name)
		}
	}
	a := &action{id: id, workflow: workflowName, runner: runner, task: task, slots: opts.SlotRequests, timeout: task.Timeout()}
	if opts.BackoffFactor == nil {
		a.delays = task.Backoff
	}
	return a, nil
}

// assemble makes a catalogue of entries, keeping the actions of before that it
// does not have.
func assemble(entries map[string]*entry, before *catalogue) *catalogue {
	c := &catalogue{entries: entries, actions: map[string]*action{}, withdrawn: map[string]*action{}}
	for _, e := range entries {
		maps.Copy(c.actions, e.actions)
	}
	if before != nil {
		maps.Copy(c.withdrawn, before.withdrawn)
		maps.Copy(c.withdrawn, before.actions)
		maps.DeleteFunc(c.withdrawn, func(id string, _ *action) bool { return c.actions[id] != nil })
	}
	return c
}

// unchanged reports whether the engine already knows e as it is.
func (e *entry) unchanged(registered map[string]*v1.CreateWorkflowVersionRequest) bool {
	return proto.Equal(registered[e.request.Name], e.request)
}
