package core

import "testing"

// diamond is a -> b, c -> d with an on-failure task.
func diamond() Definition {
	onFailure := taskOf("dia", "on-failure-task", nil)
	return Definition{
		Name: "dia",
		Tasks: []TaskDefinition{
			taskOf("dia", "a", nil), taskOf("dia", "b", []string{"a"}),
			taskOf("dia", "c", []string{"a"}), taskOf("dia", "d", []string{"b", "c"}),
		},
		OnFailure: &onFailure,
	}
}

var diamondActions = []string{"dia:a", "dia:b", "dia:c", "dia:d", "dia:on-failure-task"}

// hatchet-protocol.md sections 4.1, 6.2, 6.5, 9.2 and 9.3.
func TestDAGCompletes(t *testing.T) {
	h, _ := withWorker(t, diamondActions...)
	h.define(diamond())
	id := h.trigger("dia", `{"n":1}`)
	h.status(id, Running)
	a := h.next()
	h.idle()
	if a.TaskID == id || a.RunID != id {
		t.Fatalf("task of a DAG has id %s, run %s", a.TaskID, a.RunID)
	}
	equal(t, "input", field(t, a.Payload, "input"), `{"n":1}`)
	equal(t, "triggers", field(t, a.Payload, "triggers"), `{"filter_payload":null}`)
	h.complete(a, `{"x":1}`)
	b, c := h.nextNamed("b"), h.nextNamed("c")
	equal(t, "parents of b", field(t, b.Payload, "parents"), `{"a":{"x":1}}`)
	h.complete(b, `"text"`)
	h.idle()
	h.complete(c, `null`)
	d := h.next()
	equal(t, "parents of d", field(t, d.Payload, "parents"), `{"a":{"x":1},"b":{},"c":null}`)
	h.complete(d, `{"done":true}`)
	h.status(id, Completed)
	if len(h.ends) != 1 || len(h.ends[0].Tasks) != 5 {
		t.Fatalf("ends: %+v", h.ends)
	}
	last := h.ends[0].Tasks[4]
	equal(t, "on-failure", string(last.Output), `{"skipped":true}`)
	equal(t, "on-failure status", last.Status, Completed)
}

// hatchet-protocol.md sections 9.2 and 9.3: a failure cancels descendants,
// siblings go on, and the on-failure task starts at once.
func TestDAGFailure(t *testing.T) {
	h, _ := withWorker(t, diamondActions...)
	h.define(diamond())
	id := h.trigger("dia", `{"n":1}`)
	h.complete(h.next(), `{}`)
	b, c := h.nextNamed("b"), h.nextNamed("c")
	h.fail(b, `{"message":"boom"}`)
	f := h.next()
	equal(t, "task", f.TaskName, "on-failure-task")
	equal(t, "errors", field(t, f.Payload, "step_run_errors", "b"), `"{\"message\":\"boom\"}"`)
	equal(t, "parents", field(t, f.Payload, "parents"), `{"a":{}}`)
	equal(t, "input", field(t, f.Payload, "input"), `{"n":1}`)
	h.taskStatus(id, "d", Cancelled)
	h.taskStatus(id, "c", Running)
	h.complete(f, `{}`)
	h.status(id, Running)
	h.complete(c, `{}`)
	h.status(id, Failed)
	equal(t, "error of b", h.tasks(id)["b"].Error, `{"message":"boom"}`)
}

// hatchet-protocol.md section 9.4: cancelling never starts the on-failure task.
func TestDAGCancel(t *testing.T) {
	h, w := withWorker(t, diamondActions...)
	h.define(diamond())
	id := h.trigger("dia", "")
	a := h.next()
	h.do(Cancel{IDs: []string{id}})
	h.idle()
	h.status(id, Cancelled)
	equal(t, "stops", len(h.stops), 1)
	equal(t, "worker", h.stops[0].WorkerID, w)
	equal(t, "stopped", h.stops[0].Action.TaskID, a.TaskID)
	h.complete(a, `{}`)
	h.status(id, Cancelled)
}
