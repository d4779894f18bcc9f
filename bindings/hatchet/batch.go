package hatchet

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
)

// Batch is the runs that one call of a batch task's handler serves
// (hatchet-protocol.md section 4.2).
type Batch struct {
	ID      string
	Key     string // group key; "" = none
	Reason  string // why the engine began it, in words
	Members []BatchMember
}

// BatchMember is one run of a batch.
type BatchMember struct {
	TaskRunID     string
	WorkflowRunID string
	Payload       []byte // JSON of hatchet-protocol.md section 4.1
}

// MemberErrors is what Invoke returns beside the output when some runs of a
// batch failed and others did not: their errors, each a [*TaskError], by
// TaskRunID.
type MemberErrors map[string]error

func (e MemberErrors) Error() string { return fmt.Sprintf("%d runs of the batch failed", len(e)) }

// batchOptions are the keys of the option batch.
var batchOptions = []option[*workflow.Batch]{
	{"maxSize", "number", "How many runs make a full batch, which starts at once. 1 to 100000; required.",
		func(r *Realm, b *workflow.Batch, what string, v goja.Value) {
			b.MaxSize = native.Integer(r.rt, v, what, 1, workflow.MaxBatchSize)
		}},
	{"maxInterval", "Duration", "How long a batch that is not full waits for more. 1ms to 24h; default 1s.",
		func(r *Realm, b *workflow.Batch, what string, v goja.Value) { b.MaxInterval = r.duration(v, what) }},
	{"groupKey", "string", "CEL over input and additional_metadata that gives a string: only runs with an equal value share a batch.",
		func(r *Realm, b *workflow.Batch, what string, v goja.Value) {
			b.GroupKey = native.NonEmpty(r.rt, v, what)
		}},
	{"groupMaxRuns", "number", "How many batches of one group go on at once. 1 to 10000; default 100.",
		func(r *Realm, b *workflow.Batch, what string, v goja.Value) {
			b.GroupMaxRuns = native.Integer(r.rt, v, what, 1, workflow.MaxBatchRuns)
		}},
	{"broadcastOutput", "boolean", "Whether every run gets what the handler returns. Default: the handler returns an output for each.",
		func(r *Realm, b *workflow.Batch, what string, v goja.Value) {
			b.BroadcastOutput, b.SaidBroadcast = native.Boolean(r.rt, v, what), true
		}},
}

func setBatch(r *Realm, t *task, what string, v goja.Value) {
	if t.Batch == nil {
		r.fail("%s is for batch tasks; declare it with batchTask", what)
	}
	apply(r, t.Batch, what, batchOptions, native.Object(r.rt, v, what))
	if t.Batch.MaxSize == 0 {
		r.fail("%s needs a maxSize: how many runs make a full batch", what)
	}
}

// checkBatch refuses a batch task that does not say how large a batch is.
func (r *Realm) checkBatch(t *task) {
	if t.Batch != nil && t.Batch.MaxSize == 0 {
		r.fail("%s: a batch task needs the option batch, like { batch: { maxSize: 100, maxInterval: '1s' } }", t.label())
	}
}

// batchInput is the input of the handler: those of the runs by their ids.
func (u *run) batchInput() (goja.Value, error) {
	inputs := u.realm.rt.NewObject()
	for i := range u.inv.Batch.Members {
		member := &u.inv.Batch.Members[i]
		input, err := u.memberPayload(i).get("input")
		if err != nil {
			return nil, fmt.Errorf("run %s: %w", member.WorkflowRunID, err)
		}
		if _, given := input.(*goja.Object); !given {
			input = u.realm.rt.NewObject()
		}
		_ = inputs.DefineDataProperty(member.TaskRunID, input, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_TRUE)
	}
	return inputs, nil
}

func (u *run) memberPayload(i int) *payload {
	if u.payloads == nil {
		u.payloads = make([]*payload, len(u.inv.Batch.Members))
	}
	if u.payloads[i] == nil {
		u.payloads[i] = &payload{realm: u.realm, text: u.inv.Batch.Members[i].Payload}
	}
	return u.payloads[i]
}

// contextBatch is ctx.batch.
func contextBatch(r *Realm, call goja.FunctionCall) goja.Value {
	u := r.self(call, "ctx.batch")
	b := u.inv.Batch
	if b == nil {
		return goja.Undefined()
	}
	if u.batch != nil {
		return u.batch
	}
	members := r.rt.NewObject()
	for i := range b.Members {
		member := r.rt.NewObject()
		set(member, "workflowRunId", r.rt.ToValue(b.Members[i].WorkflowRunID))
		set(member, "parents", u.memberPayload(i).object("parents"))
		set(member, "triggers", u.memberPayload(i).object("triggers"))
		set(members, b.Members[i].TaskRunID, member)
	}
	u.batch = r.rt.NewObject()
	set(u.batch, "id", r.rt.ToValue(b.ID))
	set(u.batch, "key", r.rt.ToValue(b.Key))
	set(u.batch, "reason", r.rt.ToValue(b.Reason))
	set(u.batch, "size", r.rt.ToValue(len(b.Members)))
	set(u.batch, "members", members)
	return u.batch
}

func set(object *goja.Object, name string, v goja.Value) {
	_ = object.DefineDataProperty(name, v, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_TRUE)
}

// notInBatch refuses what is about one run.
func (u *run) notInBatch(what, instead string) {
	if u.inv.Batch != nil {
		u.realm.fail("%s is about one run, and a batch task serves many; %s", what, instead)
	}
}

// settleBatch encodes what the handler of a batch task gave: one output for all
// runs, or an object with one for each. An Error in its place fails that run
// alone, and so does what cannot be reported.
func (u *run) settleBatch(result goja.Value) error {
	if u.task.Batch.BroadcastOutput {
		output, err := u.encode(result)
		if err != nil {
			return err
		}
		u.output = u.assemble(func(string) ([]byte, error) { return output, nil })
		return nil
	}
	outputs, err := u.outputsByRun(result)
	if err != nil {
		return err
	}
	u.output = u.assemble(func(id string) ([]byte, error) {
		output := outputs.Get(id)
		if failed := u.realm.memberFailure(output); failed != nil {
			return nil, failed
		}
		return u.encode(output)
	})
	return nil
}

// assemble writes the output of the batch, and keeps the errors of its runs.
func (u *run) assemble(encode func(id string) ([]byte, error)) []byte {
	out := []byte{'{'}
	for i := range u.inv.Batch.Members {
		id := u.inv.Batch.Members[i].TaskRunID
		output, err := encode(id)
		if err != nil {
			if u.failed == nil {
				u.failed = MemberErrors{}
			}
			u.failed[id] = u.failure(err)
			continue
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = fmt.Appendf(out, "%q:", id)
		out = append(out, output...)
	}
	return append(out, '}')
}

// outputsByRun checks that there is an output for each run and none besides.
func (u *run) outputsByRun(result goja.Value) (*goja.Object, error) {
	if !native.IsPlain(result) {
		return nil, u.outputError(&TaskError{Message: fmt.Sprintf(
			"a batch task returns an object with an output for each run, { [id]: output }, or sets broadcastOutput; it returned %s", native.Describe(result))})
	}
	object := result.(*goja.Object)
	unknown := object.Keys()
	var missing []string
	for i := range u.inv.Batch.Members {
		id := u.inv.Batch.Members[i].TaskRunID
		if at := slices.Index(unknown, id); at >= 0 {
			unknown = slices.Delete(unknown, at, at+1)
		} else {
			missing = append(missing, id)
		}
	}
	if len(missing)+len(unknown) == 0 {
		return object, nil
	}
	var parts []string
	if len(missing) > 0 {
		parts = append(parts, "none for "+some(missing))
	}
	if len(unknown) > 0 {
		parts = append(parts, "one for "+some(unknown)+", which is no run of the batch")
	}
	return nil, u.outputError(&TaskError{Message: "a batch task returns an output for each run, by the ids of its input: there is " + strings.Join(parts, ", and ")})
}

// some lists a few names and says how many more there are.
func some(names []string) string {
	const few = 3
	if len(names) <= few {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:few], ", "), len(names)-few)
}

// memberFailure is the failure that an Error in the place of an output stands
// for, or nil.
func (r *Realm) memberFailure(v goja.Value) error {
	object, ok := v.(*goja.Object)
	if !ok || object.ClassName() != "Error" {
		return nil
	}
	return r.vm.Describe(object)
}
