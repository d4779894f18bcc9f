package core

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxBulkEvents is how many events one PushEvent may have.
const maxBulkEvents = 1000

// maxHistory bounds the events kept for durable waits with lookback.
const maxHistory = 10_000

// pastEvent is an event with a scope, kept for durable waits that look back.
type pastEvent struct {
	Key     string    `json:"k"`
	Scope   string    `json:"s"`
	Payload []byte    `json:"p"`
	At      time.Time `json:"t"`
}

// pushEvent gives events to waiting conditions and starts runs for them
// (hatchet-protocol.md section 7.2).
func (c *Core) pushEvent(cmd *PushEvent) (*PushEventReply, *Error) {
	if err := checkSeed(cmd.Seed); err != nil {
		return nil, err
	}
	switch n := len(cmd.Events); {
	case n == 0:
		return nil, errorf(InvalidArgument, "No events to ingest")
	case n > maxBulkEvents:
		return nil, errorf(InvalidArgument, "too many events - %d is over maximum (%d)", n, maxBulkEvents)
	}
	for i := range cmd.Events {
		if err := checkEvent(&cmd.Events[i]); err != nil {
			return nil, err
		}
	}
	reply := &PushEventReply{}
	for i := range cmd.Events {
		id := derive(cmd.Seed, "event/"+strconv.Itoa(i))
		reply.EventIDs = append(reply.EventIDs, id)
		c.ingest(&cmd.Events[i], id)
	}
	return reply, nil
}

func checkEvent(e *UserEvent) *Error {
	switch {
	case e.Key == "":
		return invalid("event key must not be empty")
	case e.Priority < 0 || e.Priority > 3:
		return invalid("priority %d of event %s must be 1, 2 or 3", e.Priority, e.Key)
	}
	return firstError(
		func() *Error { return checkJSON("payload", e.Payload) },
		func() *Error { return checkObject("additional_metadata", e.Metadata) },
	)
}

func (c *Core) ingest(e *UserEvent, id string) {
	if e.Scope != "" {
		c.remember(e)
	}
	if l := c.listeners[e.Key]; l != nil {
		for _, w := range l.items() {
			c.offer(w, e.Scope, []byte(e.Payload))
		}
	}
	r := c.record(e, id)
	for i, t := range c.triggers.matching(e.Key) {
		c.triggerByEvent(t, e, r, i)
	}
}

func (c *Core) remember(e *UserEvent) {
	if len(c.history) >= maxHistory {
		c.history = slices.Delete(c.history, 0, maxHistory/10)
	}
	c.history = append(c.history, pastEvent{Key: e.Key, Scope: e.Scope, Payload: []byte(e.Payload), At: c.now})
}

// offer shows an event to a waiting condition. It reports whether it was met.
func (c *Core) offer(w *waiter, scope string, payload []byte) bool {
	m := w.match
	cond := &m.tmpl.conditions[w.index]
	if m.over || cond.scope != "" && cond.scope != scope {
		return false
	}
	data := objectOr(payload, `{}`)
	if !c.isTrue(EnvUserEvent, cond.expr, map[string]json.RawMessage{"input": data, "output": json.RawMessage(`{}`)}) {
		return false
	}
	c.meet(m, w.index, data)
	c.decide(m)
	return true
}

// triggerByEvent starts the runs of one trigger: one without filters, else one
// for each filter of the event's scope that lets it pass.
func (c *Core) triggerByEvent(t eventTrigger, e *UserEvent, r *eventRecord, n int) {
	w := t.workflow
	start := func(i int, filterID string, payload []byte) {
		id := derive(r.ID, "run/"+strconv.Itoa(n)+"/"+strconv.Itoa(i))
		priority := e.Priority
		if priority == 0 {
			priority = w.newest.priority
		}
		c.startUnlessTaken(&run{
			id: id, version: w.newest, input: rawOrNil(e.Payload), metadata: eventMetadata(id, e, r.ID),
			filterPayload: payload, priority: priority, eventID: r.ID, eventKey: e.Key,
		})
		if c.runs[id] != nil {
			r.Runs = append(r.Runs, EventRun{RunID: id, FilterID: filterID})
		}
	}
	if len(w.filters) == 0 {
		start(0, "", nil)
		return
	}
	for i, f := range w.filters {
		if e.Scope != "" && f.scope == e.Scope && c.passes(f, e, r.ID) {
			start(i, f.id, f.payload)
		}
	}
}

func (c *Core) passes(f *eventFilter, e *UserEvent, eventID string) bool {
	if strings.TrimSpace(f.expression) == "" {
		return false
	}
	return c.isTrue(EnvFilter, f.expression, map[string]json.RawMessage{
		"input":               objectOr([]byte(e.Payload), `{}`),
		"payload":             objectOr(f.payload, `{}`),
		"additional_metadata": objectOr([]byte(e.Metadata), `{}`),
		"event_id":            appendQuoted(nil, eventID),
		"event_key":           appendQuoted(nil, e.Key),
	})
}
