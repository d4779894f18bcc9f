package workflow

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// Diff says in words for people what differs between two declarations of one
// workflow: "+refund" and "-old" for tasks, "charge: retries 3→5" for the
// settings of a task, "events order:paid→order:*" for those of the workflow.
// Positions do not count. No words means that nothing a worker or an engine
// would notice has changed. Either side may be nil.
func Diff(old, new *Workflow) []string {
	var words []string
	if old != nil && new != nil {
		words = diffSettings("", workflowSettings(old), workflowSettings(new))
	}
	before, after := tasksOf(old), tasksOf(new)
	for _, t := range after {
		was := findTask(before, t.Name)
		if was == nil {
			words = append(words, "+"+t.Name)
			continue
		}
		words = append(words, diffSettings(t.Name+": ", taskSettings(was.Task), taskSettings(t.Task))...)
	}
	for _, t := range before {
		if findTask(after, t.Name) == nil {
			words = append(words, "-"+t.Name)
		}
	}
	return words
}

// namedTask is a task with the name it has in a diff.
type namedTask struct {
	Name string
	*Task
}

// tasksOf lists all tasks of a workflow, the on-failure task last.
func tasksOf(w *Workflow) []namedTask {
	if w == nil {
		return nil
	}
	var tasks []namedTask
	for _, t := range w.Tasks {
		tasks = append(tasks, namedTask{t.Name, t})
	}
	if w.OnFailure != nil {
		tasks = append(tasks, namedTask{"onFailure", w.OnFailure})
	}
	return tasks
}

func findTask(tasks []namedTask, name string) *namedTask {
	for i := range tasks {
		if tasks[i].Name == name {
			return &tasks[i]
		}
	}
	return nil
}

// setting is one thing that can be said about a declaration. An opaque value
// is compared and never shown, for it reads badly.
type setting struct {
	name   string
	value  string
	opaque bool
}

// diffSettings compares two lists made by the same function, entry by entry.
func diffSettings(prefix string, old, new []setting) []string {
	var words []string
	for i, now := range new {
		was := old[i]
		switch {
		case was.value == now.value:
		case now.opaque:
			words = append(words, prefix+now.name+" changed")
		default:
			words = append(words, fmt.Sprintf("%s%s %s→%s", prefix, now.name, shown(was.value), shown(now.value)))
		}
	}
	return words
}

func shown(value string) string {
	if value == "" {
		return "none"
	}
	return value
}

func workflowSettings(w *Workflow) []setting {
	return []setting{
		{name: "kind", value: string(w.Kind)},
		{name: "version", value: w.Version},
		{name: "description", value: w.Description, opaque: true},
		{name: "events", value: strings.Join(w.Events, ", ")},
		{name: "cron", value: strings.Join(w.Crons, ", ")},
		{name: "cron input", value: string(w.CronInput), opaque: true},
		{name: "concurrency", value: text(w.Concurrency), opaque: true},
		{name: "sticky", value: string(w.Sticky)},
		{name: "priority", value: number(w.DefaultPriority)},
		{name: "default filters", value: text(w.DefaultFilters), opaque: true},
		{name: "input schema", value: string(w.InputSchema), opaque: true},
		{name: "validateInput", value: strconv.FormatBool(w.ValidateInput)},
		{name: "idempotency", value: text(w.Idempotency), opaque: true},
	}
}

func taskSettings(t *Task) []setting {
	return []setting{
		{name: "durable", value: strconv.FormatBool(t.Durable)},
		{name: "parents", value: strings.Join(t.Parents, ", ")},
		{name: "retries", value: strconv.Itoa(t.Retries)},
		{name: "backoff", value: text(t.Backoff), opaque: true},
		{name: "timeout", value: FormatDuration(t.Timeout())},
		{name: "schedule timeout", value: interval(t)},
		{name: "rate limits", value: text(t.RateLimits), opaque: true},
		{name: "concurrency", value: text(t.Concurrency), opaque: true},
		{name: "worker labels", value: text(t.WorkerLabels), opaque: true},
		{name: "waitFor", value: text(t.WaitFor), opaque: true},
		{name: "skipIf", value: text(t.SkipIf) + strconv.FormatBool(t.SkipFunction), opaque: true},
		{name: "cancelIf", value: text(t.CancelIf), opaque: true},
		{name: "slots", value: text(t.Slots()), opaque: true},
		{name: "batch", value: text(t.Batch), opaque: true},
		{name: "checkpointKey", value: t.CheckpointKey},
	}
}

// interval is the schedule timeout, "" when the engine's default is meant.
func interval(t *Task) string {
	if t.ScheduleTimeout == 0 {
		return ""
	}
	return FormatDuration(t.ScheduleTimeout)
}

// number is n, "" for 0.
func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// text is a comparable form of a value of the model; nil and empty lists are
// the same.
func text(v any) string {
	raw, err := json.Marshal(v)
	if s := string(raw); err == nil && s != "null" && s != "[]" && s != "{}" {
		return s
	}
	if err != nil {
		return fmt.Sprintf("%#v", v)
	}
	return ""
}
