package core

import (
	"errors"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// cronFields are 5 fields, or 6 with leading seconds (hatchet-protocol.md
// section 5.3).
const cronFields = cron.SecondOptional | cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow

var errCronDescriptor = errors.New("descriptors such as @daily are not accepted, write 5 or 6 fields")

// parseCron reads a cron expression. Its times are UTC unless it starts with
// TZ= or CRON_TZ=.
func parseCron(expression string) (cron.Schedule, error) {
	fields := strings.TrimSpace(expression)
	if strings.HasPrefix(fields, "TZ=") || strings.HasPrefix(fields, "CRON_TZ=") {
		_, fields, _ = strings.Cut(fields, " ")
	}
	if strings.HasPrefix(strings.TrimSpace(fields), "@") {
		return nil, errCronDescriptor
	}
	if strings.TrimSpace(fields) == "" {
		return nil, errors.New("the expression has no fields")
	}
	return cron.NewParser(cronFields).Parse(expression)
}

// armCron sets the next time of a trigger after the present. Times that passed
// meanwhile are not made up for. Some expressions have no next time.
func (c *Core) armCron(t *cronTrigger) {
	next := t.schedule.Next(c.now)
	if next.IsZero() {
		c.disarm(&t.timer)
		return
	}
	c.arm(&t.timer, next.UTC(), t)
}

// due starts the run of one tick.
func (t *cronTrigger) due(c *Core) {
	at := t.timer.at.Format(time.RFC3339)
	w := t.workflow
	id := derive(w.id, "cron/"+t.expression+"/"+at)
	if c.runs[id] == nil {
		m := metadata{}
		m.set(metaCron, t.expression)
		m.set(metaCronScheduled, at)
		c.startUnlessTaken(&run{id: id, version: w.newest, input: rawOrNil(w.newest.def.CronInput), metadata: m.text(id), priority: w.newest.priority})
	}
	c.armCron(t)
}

func rawOrNil(text string) []byte {
	if text == "" {
		return nil
	}
	return []byte(text)
}
