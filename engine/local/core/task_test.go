package core

import "testing"

// hatchet-protocol.md sections 3.6, 3.7, 4.1 and 6.2.
func TestSingleTask(t *testing.T) {
	h, w := withWorker(t, "one:one")
	put := h.define(single("one"))
	id := h.trigger("one", `{"a":1}`)
	a := h.next()
	equal(t, "task id", a.TaskID, id)
	equal(t, "worker", h.placed[id], w)
	equal(t, "workflow", a.WorkflowID, put.WorkflowID)
	equal(t, "version", a.WorkflowVersionID, put.VersionID)
	equal(t, "payload", string(a.Payload),
		`{"input":{"a":1},"triggered_by":"manual","parents":{},"triggers":{"filter_payload":null},"user_data":null,"overrides":null}`)
	if a.InvocationCount != nil {
		t.Fatal("a task that is not durable has an invocation count")
	}
	h.do(TaskStarted{Report: attemptOf(a)})
	h.complete(a, `{"r":2}`)
	h.status(id, Completed)
	equal(t, "ends", len(h.ends), 1)
	equal(t, "output", string(h.ends[0].Tasks[0].Output), `{"r":2}`)
	h.fail(a, "too late")
	h.status(id, Completed)
	equal(t, "ends", len(h.ends), 1)
}
