package hatchet_test

import (
	"strings"
	"testing"

	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
)

func TestMiddleware(t *testing.T) {
	r := mustLoad(t, `
hatchet.withMiddleware({ before: (input, ctx) => ({ user: 'u' + input.n, n: input.n + 1, ctx: ctx.taskName() }) }).withMiddleware({
  before: [async (input) => { if (input.n === 2) return { second: true } }, () => {}],
  after: [(output, ctx, input) => ({ ...output, seen: input.n, same: ctx.input === input }), async () => undefined, (output) => output.drop ? { only: 1 } : undefined],
})
workflow.task('t', async (input) => ({ got: input }))
workflow.task('drop', () => ({ drop: true }))
workflow.task('skipped', { skipIf: (input) => input.n === 2 }, () => ({ ran: true }))
workflow('w').task('a', () => { throw new Error('boom') }).onFailure((input) => ({ cleaned: input.user }))`)
	r.expect("t:t", `{"n":1,"keep":0}`, `{"got":{"n":2,"keep":0,"user":"u1","ctx":"t","second":true},"seen":2,"same":true}`)
	r.expect("drop:drop", `{"n":5}`, `{"only":1}`)
	r.expect("skipped:skipped", `{"n":1}`, `{"skipped":true}`)
	r.expect("skipped:skipped", `{"n":2}`, `{"ran":true,"seen":3,"same":true}`)
	r.expect("w:on-failure-task", `{"n":1}`, `{"cleaned":"u1","seen":2,"same":true}`)
	if _, err := r.run("w:a", `{"n":1}`); taskError(t, err).Message != "boom" {
		t.Errorf("got %v", err)
	}
}

func TestMiddlewareThatFails(t *testing.T) {
	for hooks, want := range map[string]string{
		`before: () => { throw new Error('no') }`:          `no`,
		`before: async () => { throw new Error('later') }`: `later`,
		`before: () => 5`: `a before hook must return an object, which is merged into the input, or nothing; it returned a number`,
		`after: () => { throw new NonRetryableError('never') }`: `never`,
	} {
		r := mustLoad(t, `hatchet.withMiddleware({ `+hooks+` })
workflow.task('t', () => ({}))`)
		_, err := r.run("t:t", "")
		if failed := taskError(t, err); failed.Message != want || failed.NonRetryable != (want == "never") {
			t.Errorf("%s: %+v", hooks, failed)
		}
	}
	for source, want := range map[string]string{
		`hatchet.withMiddleware()`:                          `the hooks must be an object, got undefined`,
		`hatchet.withMiddleware({ before: 5 })`:             `before must be a function, or a list of functions, got a number`,
		`hatchet.withMiddleware({ befor: () => ({}) })`:     `unknown option "befor", did you mean "before"?`,
		`hatchet.withMiddleware({ after: [() => {}, {}] })`: `after must be a function, or a list of functions, got an object`,
	} {
		if _, err := load(t, source); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", source, err)
		}
	}
	_, _, err := body(t, `hatchet.withMiddleware({})`)
	if failed := taskError(t, err); !strings.Contains(failed.Message, "are declared while the file loads") {
		t.Errorf("got %v", failed)
	}
}

const orderSchema = `{ type: 'object', required: ['customer'], properties: {
  customer: { type: 'object', properties: { email: { type: 'string', format: 'email' } } },
  items: { type: 'array', items: { $ref: '#/$defs/item' } } },
  $defs: { item: { type: 'object', properties: { price: { type: 'number', minimum: 0 } } } } }`

func TestInputsAreChecked(t *testing.T) {
	r := mustLoad(t, `
workflow.task('t', { validateInput: true, inputSchema: `+orderSchema+` }, (input) => ({ ok: true }))
workflow('w').validateInput(true).input(`+orderSchema+`).task('a', () => ({ ok: true })).onFailure(() => ({ cleaned: true }))
workflow.task('shown', { inputSchema: `+orderSchema+` }, (input) => ({ ok: true }))`)
	for input, want := range map[string]string{
		`{"customer":{"email":"a@b.example"},"items":[{"price":1.5}]}`: "",
		`{}`:                              `$: missing property 'customer'`,
		`{"customer":5}`:                  `$.customer: got number, want object`,
		`{"customer":{"email":"nobody"}}`: `$.customer.email: 'nobody' is not valid email`,
		`{"customer":{},"items":[{},{"price":"1"}]}`: `$.items[1].price: got string, want number`,
		`{"customer":{},"items":[{"price":-1},5]}`:   `$.items[0].price: minimum: got -1, want 0; $.items[1]: got number, want object`,
		`{"customer":{},"items":[1,2,3,4,5,6,7]}`:    `and 2 more`,
	} {
		for _, action := range []string{"t:t", "w:a"} {
			output, err := r.run(action, input)
			if want == "" {
				if err != nil || output != `{"ok":true}` {
					t.Errorf("%s: %s, %v", input, output, err)
				}
				continue
			}
			failed := taskError(t, err)
			if !failed.NonRetryable || !strings.HasPrefix(failed.Message, "the input is not what the task's schema asks for: $") ||
				!strings.Contains(failed.Message, want) || !strings.Contains(failed.Stack, "test.js:") {
				t.Errorf("%s: %+v, want %s", input, failed, want)
			}
		}
	}
	r.expect("w:on-failure-task", `{}`, `{"cleaned":true}`)
	r.expect("shown:shown", `{}`, `{"ok":true}`)
}

func TestBadSchemas(t *testing.T) {
	for options, want := range map[string]string{
		`{ validateInput: true, inputSchema: { type: 'strin' } }`:                      `the input schema cannot be used: $.type: `,
		`{ inputSchema: { pattern: '(' }, validateInput: true }`:                       `the input schema cannot be used: `,
		`{ validateInput: true, inputSchema: { $ref: 'file:///etc/passwd' } }`:         `refers to file:///etc/passwd; put it into $defs`,
		`{ validateInput: true, inputSchema: { $ref: 'https://example.com/a.json' } }`: `refers to https://example.com/a.json; put it into $defs`,
		`{ validateInput: 'yes' }`:                                                     `validateInput must be true or false, got a string`,
	} {
		_, err := load(t, `workflow.task('t', `+options+`, () => ({}))`)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", options, err)
		}
	}
	r := mustLoad(t, `workflow.task('t', { validateInput: true }, () => ({}))`)
	problems := workflow.Validate(r.realm.Workflows())
	if len(problems) != 1 || !strings.Contains(problems[0].Error(), "validateInput has nothing to check against: give an inputSchema") {
		t.Errorf("got %v", problems)
	}
}

func TestBatchesHaveNoHooks(t *testing.T) {
	r := mustLoad(t, `workflow.batchTask('b', { validateInput: true, inputSchema: {}, batch: { maxSize: 2 } }, () => ({}))`)
	problems := workflow.Validate(r.realm.Workflows())
	if len(problems) != 1 || !strings.Contains(problems[0].Error(), "validateInput does not go with batch tasks") {
		t.Errorf("got %v", problems)
	}
	r = mustLoad(t, `hatchet.withMiddleware({ before: () => ({ a: 5 }), after: () => ({}) })
workflow.batchTask('t', { batch: { maxSize: 2 } }, (inputs) => inputs)`)
	if got, err := r.invoke(r.batch("t:t")); err != nil || got != `{"a":{"n":1},"b":{}}` {
		t.Errorf("gave %s, %v", got, err)
	}
}
