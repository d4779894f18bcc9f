package core

// handOut gives the current attempt to the worker that the task is on.
func (t *task) handOut() Assign {
	t.handouts++
	a := t.cancelAction()
	a.Payload = t.payload()
	return Assign{WorkerID: t.worker.id, Workflow: t.run.version.workflow.name, Action: a, Handout: t.handouts}
}

// cancelAction describes the current attempt without its payload
// (hatchet-protocol.md section 3.6).
func (t *task) cancelAction() AssignedAction {
	r, s := t.run, t.step
	return AssignedAction{
		RunID: r.id, TaskID: t.id, StepID: s.id, TaskName: s.def.Name, ActionID: s.action,
		RetryCount: t.retryCount, Metadata: r.metadata, ChildIndex: r.childIndex, ChildKey: r.childKey,
		ParentRunID: r.parentRun, Priority: r.priority,
		WorkflowID: s.version.workflow.id, WorkflowVersionID: s.version.id,
		InvocationCount: t.invocation(), EventID: r.eventID, EventKey: r.eventKey, Batch: t.batchPlace(),
	}
}

// payload is the JSON object of hatchet-protocol.md section 4.1.
func (t *task) payload() []byte {
	r := t.run
	out := make([]byte, 0, 160+len(r.input))
	out = append(out, `{"input":`...)
	if isObject(r.input) {
		out = append(out, r.input...)
	} else {
		out = append(out, `null`...)
	}
	out = append(out, `,"triggered_by":"manual","parents":{`...)
	out = t.appendOutputs(out)
	out = append(out, `},"triggers":{"filter_payload":`...)
	if t.withFilter && len(r.filterPayload) > 0 {
		out = append(out, r.filterPayload...)
	} else {
		out = append(out, `null`...)
	}
	for _, d := range t.triggers {
		out = appendField(out, false, d.Key, rawOr(d.Data, `null`))
	}
	out = append(out, `},"user_data":null,"overrides":null`...)
	return append(t.appendErrors(out), '}')
}

func (t *task) appendErrors(out []byte) []byte {
	if len(t.stepErrors) == 0 {
		return out
	}
	out = append(out, `,"step_run_errors":{`...)
	for i, d := range t.stepErrors {
		out = appendField(out, i == 0, d.Key, appendQuoted(nil, string(d.Data)))
	}
	return append(out, '}')
}

// appendOutputs writes what the payload calls parents: the outputs of all tasks
// of the run that have completed by now. Servers do not look at who is whose
// parent (hatchet-protocol.md section 4.1).
func (t *task) appendOutputs(out []byte) []byte {
	first := true
	for i := range t.run.steps {
		other := t.run.steps[i].task
		if other == nil || other == t || other.status != Completed {
			continue
		}
		output := []byte(`null`)
		if !isNull(other.output) {
			output = objectOr(other.output, `{}`)
		}
		out = appendField(out, first, other.step.def.Name, output)
		first = false
	}
	return out
}

func appendField(out []byte, first bool, name string, value []byte) []byte {
	if !first {
		out = append(out, ',')
	}
	out = appendQuoted(out, name)
	out = append(out, ':')
	return append(out, value...)
}

func rawOr(text []byte, otherwise string) []byte {
	if len(text) == 0 {
		return []byte(otherwise)
	}
	return text
}
