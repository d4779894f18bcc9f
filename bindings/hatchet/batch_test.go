package hatchet_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/bindings/hatchet"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
)

// batch is an attempt of a batch task with two runs, a and b.
func (r *rig) batch(action string) *hatchet.Invocation {
	inv := r.invocation(action, "")
	inv.WorkflowRunID, inv.TaskRunID = "", ""
	inv.Batch = &hatchet.Batch{ID: "batch-1", Key: "k", Reason: "because", Members: []hatchet.BatchMember{
		{TaskRunID: "a", WorkflowRunID: "run-a", Payload: []byte(`{"input":{"n":1},"parents":{"p":{"x":1}},"triggers":{}}`)},
		{TaskRunID: "b", WorkflowRunID: "run-b", Payload: []byte(`{"input":null}`)},
	}}
	return inv
}

// batchBody runs the body of a handler of a batch task.
func batchBody(t *testing.T, options, source string) (*rig, string, error) {
	t.Helper()
	r := mustLoad(t, "workflow.batchTask('t', { batch: { maxSize: 2"+options+" } }, async (inputs, ctx) => {\n"+source+"\n})")
	output, err := r.invoke(r.batch("t:t"))
	return r, output, err
}

func TestBatchDeclaration(t *testing.T) {
	r := mustLoad(t, `
		workflow.batchTask('alone', { batch: { maxSize: 5, maxInterval: '2s', groupKey: 'input.to', groupMaxRuns: 3, broadcastOutput: true }, cron: '* * * * *' }, () => 1);
		workflow('dag', { taskDefaults: { retries: 3 } }).task('a', () => 1).batchTask({ name: 'b', parents: ['a'], batch: { maxSize: 1 }, fn: () => ({}) })`)
	workflows := r.realm.Workflows()
	if problems := workflow.Validate(workflows); len(problems) > 0 {
		t.Fatal(problems)
	}
	alone, dag := workflows[0], workflows[1]
	want := workflow.Batch{MaxSize: 5, MaxInterval: 2 * time.Second, GroupKey: "input.to", GroupMaxRuns: 3, BroadcastOutput: true, SaidBroadcast: true}
	if alone.Kind != workflow.KindBatch || *alone.Tasks[0].Batch != want || len(alone.Crons) != 1 {
		t.Errorf("declared %+v", alone)
	}
	if b := dag.Tasks[1]; b.Batch.MaxSize != 1 || b.Retries != 0 || dag.Tasks[0].Batch != nil || dag.Tasks[0].Retries != 3 {
		t.Errorf("declared %+v", b)
	}
}

func TestBatchHandler(t *testing.T) {
	r, got, err := batchBody(t, "", `
		const b = ctx.batch;
		if (ctx.input !== inputs || b !== ctx.batch) throw new Error('another');
		const child = await hatchet.runNoWait('c', {});
		await hatchet.events.push('e', {});
		return { a: { ...inputs.a, ...b.members.a.parents.p, run: b.members.a.workflowRunId, ids: [b.id, b.key, b.reason, b.size] }, b: undefined };`)
	if want := `{"a":{"n":1,"x":1,"run":"run-a","ids":["batch-1","k","because",2]},"b":null}`; err != nil || got != want {
		t.Errorf("gave %s, %v; want %s", got, err, want)
	}
	r.host.expect("trigger c {}", `push e {} {} priority 0 scope ""`)
}

func TestBatchBroadcast(t *testing.T) {
	if _, got, err := batchBody(t, ", broadcastOutput: true", `return { n: Object.keys(inputs).length }`); err != nil || got != `{"a":{"n":2},"b":{"n":2}}` {
		t.Errorf("gave %s, %v", got, err)
	}
	if _, got, err := batchBody(t, ", broadcastOutput: true", `return 0`); err != nil || got != `{"a":null,"b":null}` {
		t.Errorf("gave %s, %v", got, err)
	}
}

// An Error in the place of an output, or what is no JSON, fails one run.
func TestBatchMemberFailures(t *testing.T) {
	_, got, err := batchBody(t, "", `return { a: new NonRetryableError('no'), b: 2 }`)
	var each hatchet.MemberErrors
	if got != `{"b":2}` || !errors.As(err, &each) || len(each) != 1 {
		t.Fatalf("gave %s, %v", got, err)
	}
	failed := taskError(t, each["a"])
	if failed.Message != "no" || !failed.NonRetryable || !strings.Contains(failed.Stack, "test.js:2") {
		t.Errorf("failed with %+v", failed)
	}
	_, got, err = batchBody(t, "", `return { a: { x: 1n }, b: { x: '\0' } }`)
	if got != `{}` || !errors.As(err, &each) || len(each) != 2 {
		t.Fatalf("gave %s, %v", got, err)
	}
	for id, want := range map[string]string{"a": "BigInt", "b": "U+0000"} {
		if message := taskError(t, each[id]).Message; !strings.Contains(message, want) {
			t.Errorf("%s failed with %s", id, message)
		}
	}
}

func TestBatchFailures(t *testing.T) {
	for source, want := range map[string]string{
		`throw new Error('boom')`:           "boom",
		`return [1, 2]`:                     "a batch task returns an object with an output for each run, { [id]: output }, or sets broadcastOutput; it returned an array",
		`return null`:                       "it returned null",
		`return { a: 1 }`:                   "there is none for b",
		`return { a: 1, b: 1, c: 1, d: 1 }`: "there is one for c, d, which is no run of the batch",
		`return {}`:                         "there is none for a, b",
		`await ctx.putStream('x')`:          "ctx.putStream is about one run, and a batch task serves many; it has no stream",
		`ctx.parentOutput('p')`:             "see ctx.batch.members[id].parents",
		`ctx.parentOutputs`:                 "see ctx.batch.members[id].parents",
		`ctx.triggers()`:                    "see ctx.batch.members[id].triggers",
	} {
		_, _, err := batchBody(t, "", source)
		if err == nil || !strings.Contains(taskError(t, err).Message, want) {
			t.Errorf("%s failed with %v, want %s", source, err, want)
		}
	}
}

// A batch task whose payload cannot be read fails as a whole, once.
func TestBatchBadPayload(t *testing.T) {
	r := mustLoad(t, "workflow.batchTask('t', { batch: { maxSize: 2 } }, (inputs) => inputs)")
	inv := r.batch("t:t")
	inv.Batch.Members[1].Payload = []byte(`{`)
	_, err := r.invoke(inv)
	if failed := taskError(t, err); !failed.NonRetryable || !strings.Contains(failed.Message, "run run-b") {
		t.Errorf("failed with %+v", failed)
	}
	if got, err := r.invoke(r.batch("t:t")); err != nil || got != `{"a":{"n":1},"b":{}}` {
		t.Errorf("gave %s, %v", got, err)
	}
}
