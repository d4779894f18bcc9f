package scripttest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// operation is something the test does that takes time. It runs on a goroutine
// of its own, and its result is written as JSON; nil is undefined.
type operation func(s *session, args []byte) (any, error)

// calls are the operations by name.
var calls = map[string]operation{
	"trigger":     with((*session).trigger),
	"push":        with((*session).push),
	"result":      with((*session).result),
	"parked":      with((*session).parked),
	"cancel":      with((*session).cancel),
	"replay":      with((*session).replay),
	"stream":      with((*session).stream),
	"idle":        with((*session).idle),
	"advance":     with((*session).advance),
	"next":        with((*session).next),
	"cronFire":    with((*session).cronFire),
	"cronEnable":  with((*session).cronEnable),
	"workerStart": with((*session).workerStart),
	"workerStop":  with((*session).workerStop),
	"workerKill":  with((*session).workerKill),
	"dropStream":  with((*session).dropStream),
	"noWorker":    with((*session).noWorker),
	"evict":       with((*session).evict),
	"rateLimit":   with((*session).rateLimit),
}

// inTurn are the operations that act upon the world. Each begins when all that
// came before has settled, and those of one moment in the order in which the test
// asked for them: what comes of them does not depend on who is faster.
var inTurn = map[string]bool{
	"trigger": true, "push": true, "cancel": true, "replay": true, "cronFire": true, "cronEnable": true, "workerStart": true, "workerStop": true,
	"workerKill": true, "dropStream": true, "noWorker": true, "evict": true, "rateLimit": true,
}

// turn gives what returns when it is an operation's turn.
func (s *session) turn(name string) func() error {
	if s.real || !inTurn[name] {
		return func() error { return nil }
	}
	w := &wait{what: func() string { return name }, until: s.clock.Now(), ready: func() bool { return true }, prompt: true}
	s.drive.enter(w)
	return func() error { return <-w.done }
}

// with reads the arguments of an operation.
func with[A any](do func(*session, A) (any, error)) operation {
	return func(s *session, text []byte) (any, error) {
		var args A
		if err := json.Unmarshal(text, &args); err != nil {
			return nil, fmt.Errorf("hatchet:test: arguments: %w", err)
		}
		return do(s, args)
	}
}

func (s *session) ctx() context.Context { return s.driver.VM.RunContext() }

type triggerArgs struct {
	Workflow string          `json:"workflow"`
	Input    json.RawMessage `json:"input"`
	Metadata json.RawMessage `json:"metadata"`
	Priority int             `json:"priority"`
	Key      string          `json:"key"`
	DelayMs  *float64        `json:"delayMs"`
}

// trigger starts a run and gives its id; one that is to start later has a
// placeholder.
func (s *session) trigger(a triggerArgs) (any, error) {
	if len(a.Input) == 0 || a.Input[0] != '{' {
		return nil, fmt.Errorf("run of %s: the input must be an object", a.Workflow)
	}
	request := Trigger{Workflow: a.Workflow, Input: a.Input, Metadata: a.Metadata, Priority: a.Priority, Key: a.Key}
	if a.DelayMs == nil {
		return s.triggerNow(request)
	}
	if s.real {
		if err := bearable(milliseconds(*a.DelayMs)); err != nil {
			return nil, fmt.Errorf("run of %s: its delay: %w", a.Workflow, err)
		}
	}
	s.mu.Lock()
	placeholder := fmt.Sprintf("later %d", len(s.later)+1)
	if s.later == nil {
		s.later = map[string]string{}
	}
	s.later[placeholder] = ""
	s.mu.Unlock()
	s.clock.AfterFunc(milliseconds(*a.DelayMs), func() {
		id, err := s.triggerNow(request)
		if err != nil {
			s.write("ERROR", err.Error())
			return
		}
		s.mu.Lock()
		s.later[placeholder] = id
		s.mu.Unlock()
	})
	return placeholder, nil
}

func (s *session) triggerNow(request Trigger) (string, error) {
	return s.world.Trigger(context.Background(), request)
}

// runID is the id behind what the test holds; "" if that is to start later.
func (s *session) runID(held string) string {
	if !strings.HasPrefix(held, "later ") {
		return held
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.later[held]
}

// run finds a run by what the test holds.
func (s *session) run(held string) (Run, bool) {
	id := s.runID(held)
	if id == "" {
		return Run{}, false
	}
	return s.world.Run(id)
}

type pushArgs struct {
	Key      string          `json:"key"`
	Data     json.RawMessage `json:"data"`
	Metadata json.RawMessage `json:"metadata"`
	Priority int             `json:"priority"`
	Scope    string          `json:"scope"`
}

func (s *session) push(a pushArgs) (any, error) {
	s.observe(Event{At: s.clock.Now(), Kind: EventPushed, Text: a.Key, Input: a.Data})
	return nil, s.world.Push(s.ctx(), Push(a))
}

type runArgs struct {
	ID string `json:"id"`
}

// result waits until a run is final.
func (s *session) result(a runArgs) (any, error) {
	var err error
	if s.real {
		err = s.finished(a.ID)
	} else {
		err = s.drive.await(&wait{
			what:  func() string { return s.waitsOf(a.ID) },
			ready: func() bool { run, ok := s.run(a.ID); return ok && run.Done },
		})
	}
	if err != nil {
		return nil, err
	}
	run, _ := s.run(a.ID)
	return s.show(run), nil
}

type parkedArgs struct {
	ID    string `json:"id"`
	Sleep string `json:"sleep"`
	Event string `json:"event"`
	Child string `json:"child"`
}

// parked waits until a durable task of the run waits for something.
func (s *session) parked(a parkedArgs) (any, error) {
	sleep, err := spanOf(a.Sleep)
	if err != nil {
		return nil, err
	}
	over := false
	err = s.drive.await(&wait{
		what: func() string { return s.waitsOf(a.ID) },
		ready: func() bool {
			run, ok := s.run(a.ID)
			over = ok && run.Done
			return over || ok && s.waitsFor(run.ID, a, sleep)
		},
	})
	if err == nil && over {
		run, _ := s.run(a.ID)
		err = fmt.Errorf("run.parked: the run ended (%s) without waiting for that; it waited for %s", run.Status, s.waited(run.ID))
	}
	return nil, err
}

func (s *session) waitsFor(id string, a parkedArgs, sleep time.Duration) bool {
	for _, w := range s.world.Waits(id) {
		if w.Done {
			continue
		}
		if w.meets(a, sleep) {
			return true
		}
	}
	return false
}

func (s *session) cancel(a runArgs) (any, error) {
	return nil, s.world.Cancel(s.ctx(), s.runID(a.ID))
}

type replayArgs struct {
	ID   string `json:"id"`
	From string `json:"from"`
}

func (s *session) replay(a replayArgs) (any, error) {
	return nil, s.world.Replay(s.ctx(), s.runID(a.ID), a.From)
}

func (s *session) stream(a runArgs) (any, error) { return s.world.Stream(s.runID(a.ID)), nil }

type nothing struct{}

// idle waits until nothing more happens without time passing.
func (s *session) idle(nothing) (any, error) {
	return nil, s.noticed()
}

type advanceArgs struct {
	Ms float64  `json:"ms"`
	To *float64 `json:"to"`
}

// advance moves time and waits until all that fell due has settled.
func (s *session) advance(a advanceArgs) (any, error) {
	until := s.clock.Now().Add(milliseconds(a.Ms))
	if a.To != nil {
		until = time.UnixMilli(int64(*a.To)).UTC()
	}
	if until.Before(s.clock.Now()) {
		return nil, errors.New("t.clock: time does not go backwards")
	}
	if s.real {
		return nil, s.letPass(until.Sub(s.clock.Now()))
	}
	return nil, s.advanceTo(until)
}

func (s *session) advanceTo(until time.Time) error {
	return s.drive.await(&wait{
		what: func() string { return "t.clock.advance()" }, until: until,
		ready: func() bool {
			next, pending := s.drive.clock.Next()
			return !s.clock.Now().Before(until) && (!pending || next.After(until))
		},
	})
}

// next moves to the next deadline.
func (s *session) next(nothing) (any, error) {
	next, pending := s.drive.clock.Next()
	if !pending {
		return nil, errors.New("t.clock.next(): nothing waits for the time")
	}
	return nil, s.advanceTo(next)
}

type workflowArgs struct {
	Workflow string `json:"workflow"`
}

func (s *session) cronFire(a workflowArgs) (any, error) {
	request := Trigger{Workflow: a.Workflow, Input: json.RawMessage("{}")}
	for _, declared := range s.test.file.workflows {
		if strings.EqualFold(declared.Name, a.Workflow) {
			if len(declared.Crons) == 0 {
				return nil, fmt.Errorf("t.cron.fire: workflow %s has no cron", a.Workflow)
			}
			if len(declared.CronInput) > 0 {
				request.Input = declared.CronInput
			}
		}
	}
	return s.triggerNow(request)
}

func (s *session) cronEnable(a workflowArgs) (any, error) {
	return nil, s.world.EnableCrons(s.ctx(), a.Workflow)
}

func milliseconds(ms float64) time.Duration { return time.Duration(ms * float64(time.Millisecond)) }
