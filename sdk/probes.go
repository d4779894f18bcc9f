package sdk

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
	"github.com/hatchet-js/hatchet-js-worker/engine/worker"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
	"github.com/hatchet-js/hatchet-js-worker/scripts/generation"
	"github.com/hatchet-js/hatchet-js-worker/sdk/health"
)

// besideHealth runs f with the health port open, if there is to be one: it
// answers before anything is loaded and until everything has ended.
func (w *Worker) besideHealth(ctx context.Context, f func(context.Context) error) error {
	if w.options.HealthAddress == "" {
		return f(ctx)
	}
	server, err := health.Listen(health.Options{
		Address: w.options.HealthAddress, Version: w.options.Version, Look: w.report, Clock: w.clock, Logger: w.logger,
	})
	if err != nil {
		return withKind(err, ErrConfig)
	}
	w.health = server
	w.observer = countReloads(w.observer, server.Scripts())
	inner, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- server.Run(inner) }()
	w.observer.tell(HealthListening{server.Address()})
	err = f(ctx)
	stop()
	return errors.Join(err, <-ended)
}

// report is what the probes and metrics are made from.
func (w *Worker) report() health.Report {
	report := health.Report{VMs: w.vms()}
	select {
	case <-w.hired:
	default:
		return report // scripts have a say in what the worker is called
	}
	report.Worker = w.worker.Status()
	report.Labels = plainLabels(w.worker.Labels())
	w.mu.Lock()
	report.Serves, report.Actions = len(w.names) > 0, w.actions
	w.mu.Unlock()
	return report
}

// decided counts what permissions refuse.
func (w *Worker) decided(kind permit.Kind, allowed bool) {
	if w.health != nil && !allowed {
		w.health.Scripts().Denied(string(kind))
	}
}

func (w *Worker) vms() health.VMs {
	figures := health.VMs{
		Built: int(w.tally.Built.Load()), Interrupted: int(w.tally.Interrupted.Load()),
		Abandoned: w.orphans.Total(), Held: w.orphans.Living(),
	}
	add := func(g *generation.Generation) {
		stats := g.Stats()
		figures.Generations++
		figures.Idle += stats.Idle
		figures.Running += stats.Running
	}
	for _, file := range w.set.Snapshot().Files {
		if file.Serving != nil {
			add(file.Serving)
		}
		for _, older := range file.Older {
			add(older)
		}
	}
	return figures
}

// countLoaded has attempts counted by what is declared, and returns its
// action ids as they are registered.
func (w *Worker) countLoaded(served []*workflow.Workflow) []string {
	tasks, actions := map[string]health.Task{}, map[string]struct{}{}
	for _, declared := range served {
		names := make([]string, 0, len(declared.Tasks)+1)
		for _, task := range declared.Tasks {
			names = append(names, task.Name)
		}
		if declared.OnFailure != nil {
			names = append(names, workflow.OnFailureTask)
		}
		for _, name := range names {
			tasks[workflow.ActionID(declared.Name, name)] = health.Task{Workflow: declared.Name, Task: name}
			actions[workflow.ActionID(w.options.Server.namespace.Workflow(declared.Name), name)] = struct{}{}
		}
	}
	if w.health != nil {
		w.health.Tasks().Load(tasks)
	}
	return slices.Sorted(maps.Keys(actions))
}

// observers are told what happens on the engine's side of the worker.
func (w *Worker) observers() worker.Observer {
	told := everyone{observing{w}}
	if w.health != nil {
		told = append(told, w.health.Tasks())
	}
	if w.tracer != nil {
		told = append(told, w.tracer)
	}
	return told
}

// countReloads counts what is told of reloads on its way to next.
func countReloads(next Observer, counted *health.Scripts) Observer {
	return func(notice Notice) {
		switch n := notice.(type) {
		case ScriptsLoaded:
			for _, file := range n.Files {
				if n.Reload {
					counted.Reloaded(string(file.Status))
				}
			}
		case ScriptsRefused:
			counted.Reloaded("refused")
		}
		next.tell(notice)
	}
}

// everyone tells several observers.
type everyone []worker.Observer

func (e everyone) WorkerChanged(s worker.Status) {
	for _, observer := range e {
		observer.WorkerChanged(s)
	}
}

func (e everyone) TaskStarted(a *worker.Assignment) {
	for _, observer := range e {
		observer.TaskStarted(a)
	}
}

func (e everyone) TaskParked(a *worker.Assignment) {
	for _, observer := range e {
		observer.TaskParked(a)
	}
}

func (e everyone) TaskFinished(a *worker.Assignment, f worker.Finish) {
	for _, observer := range e {
		observer.TaskFinished(a, f)
	}
}
