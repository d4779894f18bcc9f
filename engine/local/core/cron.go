package core

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// cronFields are 5 fields, or 6 with leading seconds (hatchet-protocol.md
// section 5.3).
const cronFields = cron.SecondOptional | cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow

var errCronDescriptor = errors.New("descriptors such as @daily are not accepted, write 5 or 6 fields")

// parseCron reads the cron expression of a definition. Its times are UTC unless
// it starts with TZ= or CRON_TZ=.
func parseCron(expression string) (cron.Schedule, error) {
	if strings.HasPrefix(cronBody(expression), "@") {
		return nil, errCronDescriptor
	}
	return parseAnyCron(expression)
}

// parseAnyCron reads a cron expression or a descriptor, which crons that are
// made through REST may have (hatchet-protocol.md section 6.9).
func parseAnyCron(expression string) (cron.Schedule, error) {
	if cronBody(expression) == "" {
		return nil, errors.New("the expression has no fields")
	}
	return cron.NewParser(cronFields | cron.Descriptor).Parse(expression)
}

// cronBody is an expression without its time zone.
func cronBody(expression string) string {
	fields := strings.TrimSpace(expression)
	if strings.HasPrefix(fields, "TZ=") || strings.HasPrefix(fields, "CRON_TZ=") {
		_, fields, _ = strings.Cut(fields, " ")
	}
	return strings.TrimSpace(fields)
}

// cronTrigger starts runs at the times of a cron expression.
type cronTrigger struct {
	id         string
	workflow   *workflow
	expression string
	schedule   cron.Schedule
	timer      timer
	disabled   bool
	createdAt  time.Time
	made       *madeCron // nil = from the definition
}

// madeCron is what a cron trigger has that was made by a command.
type madeCron struct {
	Name     string `json:"name"`
	Input    string `json:"input,omitempty"`
	Metadata string `json:"meta,omitempty"`
	Priority int32  `json:"priority"`
}

func (c *Core) createCron(cmd *CreateCron) (*CronView, *Error) {
	w := c.workflows[cmd.Workflow]
	switch {
	case cmd.Name == "":
		return nil, errorf(InvalidArgument, "cron name is required")
	case w == nil:
		return nil, errorf(InvalidArgument, "workflow not found")
	}
	if err := firstError(
		func() *Error { return checkSeed(cmd.Seed) },
		func() *Error { return checkPriority(cmd.Priority) },
		func() *Error { return checkJSON("input", cmd.Input) },
		func() *Error { return checkObject("additionalMetadata", cmd.Metadata) },
	); err != nil {
		return nil, err
	}
	schedule, err := parseAnyCron(cmd.Expression)
	if err != nil {
		return nil, errorf(InvalidArgument, "the cron expression %q cannot be read: %v", cmd.Expression, err)
	}
	for _, t := range w.crons {
		if t.made != nil && t.made.Name == cmd.Name && t.expression == cmd.Expression {
			return nil, errorf(InvalidArgument, "cron trigger with that name-expression pair already exists")
		}
	}
	t := &cronTrigger{
		id: derive(cmd.Seed, "cron"), workflow: w, expression: cmd.Expression, schedule: schedule, createdAt: c.now,
		made: &madeCron{Name: cmd.Name, Input: cmd.Input, Metadata: cmd.Metadata, Priority: max(cmd.Priority, 1)},
	}
	c.addCron(t)
	c.armCron(t)
	view := t.view()
	return &view, nil
}

func (c *Core) addCron(t *cronTrigger) {
	t.workflow.crons = append(t.workflow.crons, t)
	c.crons[t.id] = t
}

// dropCrons deletes the cron triggers of a workflow that match.
func (c *Core) dropCrons(w *workflow, match func(*cronTrigger) bool) {
	w.crons = slices.DeleteFunc(w.crons, func(t *cronTrigger) bool {
		if !match(t) {
			return false
		}
		c.disarm(&t.timer)
		delete(c.crons, t.id)
		return true
	})
}

func (c *Core) cronByID(id string) (*cronTrigger, *Error) {
	if t := c.crons[id]; t != nil {
		return t, nil
	}
	return nil, errorf(NotFound, "cron workflow not found")
}

func (c *Core) updateCron(cmd *UpdateCron) *Error {
	t, err := c.cronByID(cmd.ID)
	if err != nil || cmd.Enabled == nil || t.disabled == !*cmd.Enabled {
		return err
	}
	t.disabled = !*cmd.Enabled
	c.armCron(t)
	return nil
}

func (c *Core) deleteCron(cmd *DeleteCron) *Error {
	t, err := c.cronByID(cmd.ID)
	if err == nil {
		c.dropCrons(t.workflow, func(other *cronTrigger) bool { return other == t })
	}
	return err
}

// armCron sets the next time of a trigger after the present. Times that passed
// meanwhile are not made up for. Some expressions have no next time.
func (c *Core) armCron(t *cronTrigger) {
	next := t.schedule.Next(c.now)
	if next.IsZero() || t.disabled {
		c.disarm(&t.timer)
		return
	}
	c.arm(&t.timer, next.UTC(), t)
}

// due starts the run of one tick, unless the workflow is paused and passes it
// over.
func (t *cronTrigger) due(c *Core) {
	if p := t.workflow.pause; p == nil || p.Crons == behaviourQueue {
		t.start(c, t.timer.at.Format(time.RFC3339))
	}
	c.armCron(t)
}

func (t *cronTrigger) start(c *Core, at string) {
	w := t.workflow
	r := &run{id: derive(w.id, "cron/"+t.expression+"/"+at), version: w.newest, input: rawOrNil(w.newest.def.CronInput), priority: w.newest.priority}
	m, name := metadata{}, ""
	if made := t.made; made != nil {
		r.id, r.input, r.priority, name = derive(t.id, "run/"+at), rawOrNil(made.Input), made.Priority, made.Name
		m = parseMetadata([]byte(made.Metadata))
	}
	if c.runs[r.id] != nil {
		return
	}
	m.set(metaCron, t.expression)
	m.set(metaCronScheduled, at)
	m.set(metaCronName, name)
	r.metadata = m.text(r.id)
	c.startUnlessTaken(r)
}

func rawOrNil(text string) []byte {
	if text == "" {
		return nil
	}
	return []byte(text)
}

// CronView is one cron trigger.
type CronView struct {
	ID         string
	Workflow   string
	WorkflowID string
	VersionID  string
	Expression string
	Name       string    // "" for those of definitions
	Made       bool      // by a command, not by the definition
	Enabled    bool      // false: it has no next time
	Next       time.Time // zero = never
	Input      []byte    // nil = none
	Metadata   []byte    // nil = none
	Priority   int32
	CreatedAt  time.Time
}

func (t *cronTrigger) view() CronView {
	w := t.workflow
	v := CronView{
		ID: t.id, Workflow: w.name, WorkflowID: w.id, VersionID: w.newest.id, Expression: t.expression, Enabled: !t.disabled,
		Next: t.timer.state().At, Input: rawOrNil(w.newest.def.CronInput), Priority: w.newest.priority, CreatedAt: t.createdAt,
	}
	if made := t.made; made != nil {
		v.Made, v.Name, v.Priority = true, made.Name, made.Priority
		v.Input, v.Metadata = rawOrNil(made.Input), rawOrNil(made.Metadata)
	}
	return v
}

// Crons lists the cron triggers of the newest versions, in order of workflow
// name and creation.
func (c *Core) Crons() []CronView {
	var out []CronView
	for _, w := range c.workflowList {
		for _, t := range w.crons {
			out = append(out, t.view())
		}
	}
	slices.SortStableFunc(out, func(a, b CronView) int { return strings.Compare(a.Workflow, b.Workflow) })
	return out
}

// Cron gives a cron trigger by its id.
func (c *Core) Cron(id string) (CronView, bool) {
	t := c.crons[id]
	if t == nil {
		return CronView{}, false
	}
	return t.view(), true
}
