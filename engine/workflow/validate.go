package workflow

import (
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing that is wrong with a declaration, and where it was
// declared.
type Problem struct {
	Position Position
	Message  string
}

// Error renders "file:line:column: message".
func (p Problem) Error() string {
	if where := p.Position.String(); where != "" {
		return where + ": " + p.Message
	}
	return p.Message
}

// checker collects the problems of one workflow.
type checker struct {
	workflow *Workflow
	problems []Problem
}

func (c *checker) add(at Position, format string, args ...any) {
	if at == (Position{}) {
		at = c.workflow.Position
	}
	c.problems = append(c.problems, Problem{at, fmt.Sprintf(format, args...)})
}

// at reports a problem of the workflow itself.
func (c *checker) at(format string, args ...any) {
	c.add(c.workflow.Position, "workflow %s: %s", quoteShort(c.workflow.Name), fmt.Sprintf(format, args...))
}

// task reports a problem of one task.
func (c *checker) task(t *Task, format string, args ...any) {
	c.add(t.Position, "%s: %s", c.name(t), fmt.Sprintf(format, args...))
}

// name is what a message calls a task.
func (c *checker) name(t *Task) string {
	switch {
	case t == c.workflow.OnFailure:
		return fmt.Sprintf("onFailure of workflow %s", quoteShort(c.workflow.Name))
	case c.workflow.Kind != KindDAG && c.workflow.Kind != "":
		return "task " + quoteShort(t.Name)
	}
	return fmt.Sprintf("task %s of workflow %s", quoteShort(t.Name), quoteShort(c.workflow.Name))
}

// Validate checks everything that can be known without an engine, by the rules
// of hatchet-protocol.md sections 5.2 to 5.4. It returns all problems, in the
// order of the declaration; none means that Request gives something Hatchet
// accepts, CEL expressions apart.
func (w *Workflow) Validate() []Problem {
	c := &checker{workflow: w}
	if why := badName(w.Name); why != "" {
		c.at("the name %s", why)
	}
	c.checkTriggers()
	c.checkSettings()
	c.checkTasks()
	c.checkGraph()
	if w.OnFailure != nil {
		c.checkOnFailure(w.OnFailure)
	}
	return c.problems
}

// Validate checks a set of workflows that one worker is to serve: each of them,
// and that no two have the same name. Names that differ in case only are the
// same, since they are registered in lower case.
func Validate(workflows []*Workflow) []Problem {
	var problems []Problem
	first := map[string]*Workflow{}
	for _, w := range workflows {
		problems = append(problems, w.Validate()...)
		key := strings.ToLower(w.Name)
		earlier, taken := first[key]
		if !taken {
			first[key] = w
			continue
		}
		problems = append(problems, Problem{w.Position, fmt.Sprintf(
			"workflow %s is already declared%s; give one of the two another name",
			quoteShort(w.Name), spelled(earlier.Name, w.Name, earlier.Position))})
	}
	return problems
}

// spelled says where, and if different how, a name was first declared.
func spelled(earlier, now string, at Position) string {
	said := ""
	if earlier != now {
		said = " as " + quoteShort(earlier) + " (case does not count)"
	}
	if at != (Position{}) {
		said += " at " + at.String()
	}
	return said
}

// badName says what is wrong with a workflow or task name; "" is nothing.
func badName(name string) string {
	switch {
	case name == "":
		return "is empty"
	case strings.Contains(name, ":"):
		return "must not contain ':', which parts workflow and task in Hatchet's action ids"
	case !namePattern.MatchString(name):
		return "may only contain letters, digits, '.', '-' and '_'"
	}
	return ""
}

func (c *checker) checkTriggers() {
	w := c.workflow
	for _, event := range w.Events {
		if event == "" {
			c.at("an event key is empty")
		}
	}
	for _, expression := range w.Crons {
		if _, err := ParseCron(expression); err != nil {
			c.at("%v", err)
		}
	}
	if !emptyOrObject(w.CronInput) {
		c.at("the cron input must be a JSON object")
	}
	for i, f := range w.DefaultFilters {
		switch {
		case f.Expression == "" || f.Scope == "":
			c.at("default filter %d needs an expression and a scope", i+1)
		case !emptyOrObject(f.Payload):
			c.at("default filter %d: the payload must be a JSON object", i+1)
		}
	}
}

func (c *checker) checkSettings() {
	w := c.workflow
	if w.DefaultPriority < 0 || w.DefaultPriority > 3 {
		c.at("priority %d: must be 1 (low), 2 (medium) or 3 (high)", w.DefaultPriority)
	}
	if w.Sticky != StickyNone && w.Sticky != StickySoft && w.Sticky != StickyHard {
		c.at("sticky %s: must be 'soft' or 'hard'", quoteShort(string(w.Sticky)))
	}
	if !emptyOrObject(w.InputSchema) {
		c.at("the input schema must be a JSON object")
	}
	if w.ValidateInput && len(w.InputSchema) == 0 {
		c.at("validateInput has nothing to check against: give an inputSchema")
	}
	if w.ValidateInput && slices.ContainsFunc(w.Tasks, func(t *Task) bool { return t.Batch != nil }) {
		c.at("validateInput does not go with batch tasks, whose handlers get the inputs of many runs: check them there")
	}
	for _, limit := range w.Concurrency {
		if why := badConcurrency(limit); why != "" {
			c.at("%s", why)
		}
	}
	if i := w.Idempotency; i != nil {
		c.checkIdempotency(i)
	}
}

func (c *checker) checkIdempotency(i *Idempotency) {
	if i.Expression == "" {
		c.at("idempotency needs an expression")
	}
	if i.Strategy != "" && i.Strategy != IdempotencyTTL && i.Strategy != IdempotencyStatus {
		c.at("idempotency strategy %s: must be 'ttl' or 'status'", quoteShort(i.Strategy))
	}
	if i.TTL.Milliseconds() < 1 {
		c.at("idempotency needs a ttl of at least one millisecond")
	}
}

func (c *checker) checkTasks() {
	w := c.workflow
	if len(w.Tasks) == 0 {
		c.at("has no task; add one with .task(name, handler)")
	}
	if w.Kind.Standalone() && len(w.Tasks) > 1 {
		c.at("is a standalone task and cannot have %d tasks; declare a workflow instead", len(w.Tasks))
	}
	seen := map[string]*Task{}
	if w.OnFailure != nil {
		seen[OnFailureTask] = &Task{Name: OnFailureTask, Position: w.OnFailure.Position}
	}
	for _, t := range w.Tasks {
		c.checkTask(t)
		if why := badName(t.Name); why != "" {
			c.task(t, "the name %s", why)
		}
		key := strings.ToLower(t.Name)
		if earlier := seen[key]; earlier != nil {
			c.task(t, "is already declared%s; give one of the two another name",
				spelled(earlier.Name, t.Name, earlier.Position))
			continue
		}
		seen[key] = t
	}
}

// checkOnFailure checks the on-failure task, which stands outside the graph.
func (c *checker) checkOnFailure(t *Task) {
	c.checkTask(t)
	switch {
	case len(t.Parents) > 0:
		c.task(t, "cannot have parents; it runs when another task has failed")
	case len(t.WaitFor)+len(t.SkipIf)+len(t.CancelIf) > 0:
		c.task(t, "cannot have conditions; it runs when another task has failed")
	case t.Durable:
		c.task(t, "cannot be durable")
	}
}

// checkGraph checks the parents of all tasks and that none is its own ancestor.
func (c *checker) checkGraph() {
	known := c.workflow.taskNames()
	for _, t := range c.workflow.Tasks {
		for i, parent := range t.Parents {
			switch {
			case slices.Contains(t.Parents[:i], parent):
				c.task(t, "names parent %s twice", quoteShort(parent))
			case !slices.Contains(known, parent):
				c.task(t, "parent %s is unknown; %s", quoteShort(parent), choices("tasks of this workflow", known, t.Name))
			}
		}
	}
	if cycle := c.workflow.cycle(); cycle != nil {
		at := c.workflow.find(cycle[0])
		c.task(at, "waits for itself: %s; remove one of these parents", strings.Join(cycle, " → "))
	}
}

// choices lists what could have been meant.
func choices(what string, known []string, except string) string {
	others := slices.DeleteFunc(slices.Clone(known), func(n string) bool { return n == except })
	if len(others) == 0 {
		return "there are no other " + what
	}
	return what + ": " + strings.Join(others, ", ")
}
