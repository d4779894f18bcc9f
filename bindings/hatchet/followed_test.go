package hatchet_test

import (
	"strings"
	"testing"
)

// After an output that is no object a server never starts what comes next
// (hatchet-protocol.md section 9.2).
func TestOnlyObjectsMayBeFollowed(t *testing.T) {
	r := mustLoad(t, `
workflow('w')
  .task('a', (input) => ({ list: [1], text: 'x', number: 5, yes: true, date: new Date(0), object: {}, nothing: undefined, zero: 0 })[input.give])
  .taskAfter('last', ['a'], () => [1, 2])
workflow('watched').task('only', () => 'text').onFailure(() => 'text')
workflow('celebrated').task('leaf', () => 'text').onSuccess(() => [1])
workflow('alone').task('only', () => 'text')`)
	for give, want := range map[string]string{
		"list": "an array", "text": "a string", "number": "a number", "yes": "a boolean", "date": "a Date",
	} {
		_, err := r.run("w:a", `{"give":"`+give+`"}`)
		failed := taskError(t, err)
		if !failed.NonRetryable || !strings.HasPrefix(failed.Message, "the output is "+want+", and other tasks come after this one") {
			t.Errorf("%s: %+v", give, failed)
		}
	}
	r.expect("w:a", `{"give":"object"}`, `{}`)
	r.expect("w:a", `{"give":"nothing"}`, `null`)
	r.expect("w:a", `{"give":"zero"}`, `null`)
	r.expect("w:last", "", `[1,2]`)
	for _, action := range []string{"watched:only", "celebrated:leaf"} {
		if _, err := r.run(action, ""); !strings.HasPrefix(taskError(t, err).Message, "the output is a string") {
			t.Errorf("%s: %v", action, err)
		}
	}
	r.expect("watched:on-failure-task", "", `"text"`)
	r.expect("celebrated:on-success-task", "", `[1]`)
	r.expect("alone:only", "", `"text"`)
}

// Engines tell of every task that has completed (hatchet-protocol.md section 4.1).
func TestParentOutputsAreThoseOfTheParents(t *testing.T) {
	r := mustLoad(t, `
workflow('w')
  .task('top', () => ({}))
  .taskAfter('left', ['top'], () => ({}))
  .taskAfter('right', ['top'], () => ({}))
  .taskAfter('end', ['right', 'left'], (input, ctx) => ({ parents: ctx.parentOutputs, top: ctx.parentOutput('top') }))
  .onFailure((input, ctx) => ({ parents: ctx.parentOutputs, top: ctx.parentOutput('top') }))`)
	for action, want := range map[string]string{
		"w:end":             `{"parents":{"right":null,"left":{"b":2}},"top":{"a":1}}`,
		"w:on-failure-task": `{"parents":{},"top":{"a":1}}`,
	} {
		inv := r.invocation(action, "")
		inv.Payload = []byte(`{"input":{},"parents":{"top":{"a":1},"left":{"b":2},"right":null}}`)
		if got, err := r.invoke(inv); err != nil || got != want {
			t.Errorf("%s: %s, %v", action, got, err)
		}
	}
}
