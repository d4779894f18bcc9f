package sdk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/bindings/hatchet"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
)

// DurableContext is the run of a [DurableTask]: a Context that can wait beyond the
// worker's end. It is for one goroutine.
type DurableContext struct {
	*Context
	log    hatchet.Durable
	parked bool // the handler is to return
}

// errParked is what a handler is told that waits. It has no other meaning than
// that the handler returns.
var errParked = errors.New("the durable task waits and is called again when it can go on: return this error")

// A handler that waits is kept for a short while, in case the answer comes at
// once; for longer while it may repeat what it did before, for those answers do.
const (
	nativeLinger       = 50 * time.Millisecond
	nativeLingerUnsure = 200 * time.Millisecond
	// mostAsking is how often an engine that takes no request is waited for.
	mostAsking = 25
)

// SleepFor sleeps, at least a millisecond.
func (c *DurableContext) SleepFor(d time.Duration) error {
	if d <= 0 {
		return fmt.Errorf("sleep for %s: it takes a positive time", d)
	}
	_, err := c.wait(workflow.Condition{Kind: workflow.ConditionSleep, SleepFor: d})
	return err
}

// WaitForEvent waits for an event with the key and decodes its payload, unless
// that is nil. The expression, CEL over input, the event's payload, must be true
// of it; "" is true of any.
func (c *DurableContext) WaitForEvent(key, expression string, payload any) error {
	answer, err := c.wait(workflow.Condition{Kind: workflow.ConditionEvent, EventKey: key, Expression: expression})
	if err != nil {
		return err
	}
	var fired struct {
		Create map[string][]json.RawMessage `json:"CREATE"`
	}
	if err := json.Unmarshal(answer, &fired); err != nil || len(fired.Create[key]) == 0 {
		return fmt.Errorf("wait for %s: the engine answers %s", key, answer)
	}
	return decode(fired.Create[key][0], payload, "the payload of "+key)
}

// Now is the time when the handler came here first.
func (c *DurableContext) Now() (time.Time, error) {
	return Memo(c, "now", func() (time.Time, error) { return c.host.worker.clock.Now().UTC().Truncate(time.Millisecond), nil })
}

// Run is [Context.Run]: the run is started once, and waiting for it may outlast
// the worker.
func (c *DurableContext) Run(workflow string, input, output any, options RunOptions) error {
	if !c.log.KeepsRuns() {
		return c.Context.Run(workflow, input, output, options)
	}
	if c.parked {
		return errParked
	}
	request, err := c.childRequest(workflow, input, options)
	if err != nil {
		return err
	}
	child, err := c.start(request)
	if err != nil {
		return fmt.Errorf("run %s: %w", workflow, err)
	}
	answers := make(chan hatchet.Answer, 1)
	child.Result(func(a hatchet.Answer) { answers <- a })
	answer, err := c.await(answers)
	var failed *hatchet.RunFailedError
	if errors.As(err, &failed) {
		err = withKind(fmt.Errorf("run of %s: %w", workflow, err), ErrRunFailed)
	}
	if err != nil {
		return err
	}
	return decode(answer.Payload, output, "the output of "+workflow)
}

// start has the engine start a child run.
func (c *DurableContext) start(request hatchet.RunRequest) (child hatchet.DurableChild, err error) {
	type outcome struct {
		children []hatchet.DurableChild
		err      error
		took     func()
	}
	started := make(chan outcome, 1)
	c.log.RunChildren([]hatchet.RunRequest{request}, func(children []hatchet.DurableChild, err error, took func()) {
		started <- outcome{children, err, took}
	})
	select {
	case o := <-started:
		o.took()
		if o.err != nil {
			return child, classify(o.err)
		}
		return o.children[0], nil
	case <-c.Done():
		return child, context.Cause(c)
	}
}

// wait waits for a condition and gives what satisfied it.
func (c *DurableContext) wait(condition workflow.Condition) ([]byte, error) {
	if c.parked {
		return nil, errParked
	}
	conditions := []workflow.Condition{condition}
	answers := make(chan hatchet.Answer, 1)
	c.log.WaitFor(conditions, "", hatchet.DescribeConditions(conditions), func(a hatchet.Answer) { answers <- a })
	answer, err := c.await(answers)
	return answer.Payload, err
}

// await gives the answer to an operation, or gives the handler up if it takes long
// to come.
func (c *DurableContext) await(answers <-chan hatchet.Answer) (hatchet.Answer, error) {
	for asking := 0; ; asking++ {
		length := nativeLinger
		repeats := c.log.CatchingUp()
		if repeats {
			length = nativeLingerUnsure
		}
		timer := c.host.worker.lingering().NewTimer(length)
		select {
		case a := <-answers:
			timer.Stop()
			return c.take(a)
		case <-c.Done():
			timer.Stop()
			return hatchet.Answer{}, context.Cause(c)
		case <-timer.C():
		}
		if !repeats || asking >= mostAsking || !c.log.Asking() {
			c.parked = true
			return hatchet.Answer{}, errParked
		}
	}
}

// take has the handler go on with an answer.
func (c *DurableContext) take(a hatchet.Answer) (hatchet.Answer, error) {
	a.Took()
	c.Context.log.answered()
	return a, a.Err
}

// Memo computes a value once: when the handler is called again it gets the value
// that was remembered under the key, which has to be one of its own. The value
// passes through JSON. An error is not remembered.
func Memo[T any](c *DurableContext, key string, compute func() (T, error)) (value T, err error) {
	if c.parked {
		return value, errParked
	}
	answers := make(chan hatchet.Answer, 1)
	c.log.Memo([]byte(key), func(a hatchet.Answer) { answers <- a })
	var answer hatchet.Answer
	select {
	case answer = <-answers:
	case <-c.Done():
		return value, context.Cause(c)
	}
	if answer, err = c.take(answer); err != nil {
		return value, err
	}
	if !answer.Exists {
		computed, err := compute()
		if err != nil {
			return value, err
		}
		if answer.Payload, err = json.Marshal(computed); err != nil {
			return value, fmt.Errorf("memo %q: %w", key, err)
		}
		answer.Complete(answer.Payload)
	}
	return value, decode(answer.Payload, &value, fmt.Sprintf("memo %q", key))
}
