package hatchet

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
)

// contextMembers are the members of ctx, on one prototype for all runs: what
// they tell comes from the run in progress.
var contextMembers = promising(slices.Concat([]native.Member[*Realm]{
	{Name: "workflowRunId", Type: "(): string",
		Doc:  "The id of the run.",
		Call: text(func(u *run) string { return u.inv.WorkflowRunID })},
	{Name: "taskRunId", Type: "(): string",
		Doc:  "The id of this task's run.",
		Call: text(func(u *run) string { return u.inv.TaskRunID })},
	{Name: "taskRunExternalId", Type: "(): string",
		Doc:  "The same as taskRunId.",
		Call: text(func(u *run) string { return u.inv.TaskRunID })},
	{Name: "taskName", Type: "(): string",
		Doc:  "The task's name.",
		Call: text((*run).taskName)},
	{Name: "workflowName", Type: "(): string",
		Doc:  "The workflow's name, as declared.",
		Call: text(func(u *run) string { return u.task.workflow.Name })},
	{Name: "workflowNameV1", Type: "(): string",
		Doc: "The same as workflowName.", Call: text(func(u *run) string { return u.task.workflow.Name })},
	{Name: "workflowId", Type: "(): string | undefined",
		Doc:  "The id of the workflow in Hatchet.",
		Call: optionalText(func(u *run) string { return u.inv.WorkflowID })},
	{Name: "workflowVersionId", Type: "(): string | undefined",
		Doc:  "The id of the workflow's version in Hatchet.",
		Call: optionalText(func(u *run) string { return u.inv.WorkflowVersionID })},
	{Name: "retryCount", Type: "(): number",
		Doc:  "How often this task was tried before: 0 on the first attempt.",
		Call: number(func(u *run) int { return u.inv.RetryCount })},
	{Name: "priority", Type: "(): number | undefined",
		Doc:  "The run's priority: 1 low, 2 medium, 3 high.",
		Call: contextPriority},
	{Name: "childIndex", Type: "(): number | undefined",
		Doc:  "Which of its parent's child runs this is, from 0.",
		Call: contextChildIndex},
	{Name: "childKey", Type: "(): string | undefined",
		Doc:  "The key that the parent gave this child run.",
		Call: optionalText(func(u *run) string { return u.inv.ChildKey })},
	{Name: "parentWorkflowRunId", Type: "(): string | undefined",
		Doc:  "The id of the run that started this one.",
		Call: optionalText(func(u *run) string { return u.inv.ParentWorkflowRunID })},
	{Name: "additionalMetadata", Type: "(): JsonObject",
		Doc:  "The metadata of the run. Hatchet adds keys that begin with hatchet__.",
		Call: contextMetadata},
	{Name: "parentOutput", Type: "<K extends keyof P & string>(parent: K): P[K]",
		Doc:    "The output of a parent. It throws if the task has no such parent.",
		Length: 1, Call: contextParentOutput},
	{Name: "parentOutputs", Type: ": { readonly [K in keyof P]?: P[K] } & JsonObject",
		Doc: "The outputs of all parents, by name.",
		Get: contextParentOutputs},
	{Name: "batch", Type: ": BatchInfo | undefined",
		Doc: "In a batch task: the batch, with what is known of each of its runs.",
		Get: contextBatch},
	{Name: "triggers", Type: "(): JsonObject",
		Doc:  "What the conditions of waitFor were satisfied by, by their key.",
		Call: contextTriggers},
	{Name: "filterPayload", Type: "(): JsonObject | undefined",
		Doc:  "The payload of the filter that let the event start this run.",
		Call: contextFilterPayload},
	{Name: "triggeredByEvent", Type: "(): boolean",
		Doc: "Whether an event started the run.",
		Call: func(r *Realm, call goja.FunctionCall) goja.Value {
			return r.rt.ToValue(r.self(call, "ctx.triggeredByEvent").inv.TriggeringEventID != "")
		}},
	{Name: "triggeringEventId", Type: "(): string | undefined",
		Doc:  "The id of the event that started the run.",
		Call: optionalText(func(u *run) string { return u.inv.TriggeringEventID })},
	{Name: "triggeringEventKey", Type: "(): string | undefined",
		Doc:  "The key of the event that started the run.",
		Call: optionalText(func(u *run) string { return u.inv.TriggeringEventKey })},
	{Name: "errors", Type: "(): Record<string, string>",
		Doc:  "In onFailure: the message of each failed task, by its name.",
		Call: contextErrors},
	{Name: "failedTask", Type: ": string | undefined",
		Doc: "In onFailure: the name of the task that failed first.",
		Get: contextFailure(func(f TaskFailure) string { return f.Task })},
	{Name: "error", Type: ": string | undefined",
		Doc: "In onFailure: the message of the task that failed first.",
		Get: contextFailure(func(f TaskFailure) string { return f.Message })},
	{Name: "log", Type: "(message: unknown, level?: LogLevel, extra?: unknown): void",
		Doc:    "Writes to the task's log. extra goes along as fields, and is best an object.",
		Length: 1, Call: contextLog},
	{Name: "logger", Type: ": Logger",
		Doc: "Writes to the task's log, a method per level.",
		Get: func(r *Realm, call goja.FunctionCall) goja.Value { return r.logger }},
	{Name: "worker", Type: ": WorkerInfo",
		Doc: "The worker that runs the task.",
		Get: func(r *Realm, call goja.FunctionCall) goja.Value { return r.workerInfo }},
}, contextEffects, childMembers, durableMembers))

// self returns the run that ctx belongs to. A method taken off ctx works, too:
// there is one run at a time. The ctx of a run that is over does not.
func (r *Realm) self(call goja.FunctionCall, what string) *run {
	u := r.running(what)
	if this, ok := call.This.(*goja.Object); ok && this != u.object && r.isContext(this.Prototype()) {
		r.fail("%s: this ctx belongs to a run that is over; a handler must not keep its ctx", what)
	}
	return u
}

func text(get func(*run) string) func(*Realm, goja.FunctionCall) goja.Value {
	return func(r *Realm, call goja.FunctionCall) goja.Value {
		return r.rt.ToValue(get(r.self(call, "ctx")))
	}
}

// optionalText is text that is undefined when there is none.
func optionalText(get func(*run) string) func(*Realm, goja.FunctionCall) goja.Value {
	return func(r *Realm, call goja.FunctionCall) goja.Value {
		if s := get(r.self(call, "ctx")); s != "" {
			return r.rt.ToValue(s)
		}
		return goja.Undefined()
	}
}

func number(get func(*run) int) func(*Realm, goja.FunctionCall) goja.Value {
	return func(r *Realm, call goja.FunctionCall) goja.Value {
		return r.rt.ToValue(get(r.self(call, "ctx")))
	}
}

func contextPriority(r *Realm, call goja.FunctionCall) goja.Value {
	if p := r.self(call, "ctx.priority").inv.Priority; p != 0 {
		return r.rt.ToValue(p)
	}
	return goja.Undefined()
}

func contextChildIndex(r *Realm, call goja.FunctionCall) goja.Value {
	if index := r.self(call, "ctx.childIndex").inv.ChildIndex; index != nil {
		return r.rt.ToValue(*index)
	}
	return goja.Undefined()
}

func contextMetadata(r *Realm, call goja.FunctionCall) goja.Value {
	u := r.self(call, "ctx.additionalMetadata")
	if u.metadata == nil {
		u.metadata = r.rt.NewObject()
		if len(u.inv.AdditionalMetadata) > 0 {
			decoded, err := r.decoder.Decode(u.inv.AdditionalMetadata)
			if err != nil {
				r.throw(fmt.Errorf("ctx.additionalMetadata: %w", err))
			}
			if object, ok := decoded.(*goja.Object); ok {
				u.metadata = object
			}
		}
	}
	return u.metadata
}

// contextParentOutputs is ctx.parentOutputs: of what the engine tells, which is
// the outputs of all tasks that have completed by now, those of the parents.
func contextParentOutputs(r *Realm, call goja.FunctionCall) goja.Value {
	u := r.self(call, "ctx.parentOutputs")
	u.notInBatch("ctx.parentOutputs", "see ctx.batch.members[id].parents")
	known, parents := u.payload.object("parents"), r.rt.NewObject()
	for _, name := range u.task.Parents {
		if output := known.Get(name); output != nil {
			_ = parents.DefineDataProperty(name, output, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_TRUE)
		}
	}
	return parents
}

func contextParentOutput(r *Realm, call goja.FunctionCall) goja.Value {
	u := r.self(call, "ctx.parentOutput")
	u.notInBatch("ctx.parentOutput", "see ctx.batch.members[id].parents")
	name := r.nameOf(call.Argument(0), "ctx.parentOutput: the parent")
	r.noMore(call, 1, "ctx.parentOutput")
	if output := u.payload.object("parents").Get(name); output != nil {
		return output
	}
	switch parents := u.task.Parents; {
	case slices.Contains(parents, name):
		r.fail("ctx.parentOutput: parent %q left no output", name)
	case len(parents) == 0:
		r.fail("ctx.parentOutput: %q is no parent of %s, which has none", name, u.task.label())
	default:
		r.fail("ctx.parentOutput: %q is no parent of %s; its parents are %s", name, u.task.label(), strings.Join(parents, ", "))
	}
	return nil
}

func contextTriggers(r *Realm, call goja.FunctionCall) goja.Value {
	u := r.self(call, "ctx.triggers")
	u.notInBatch("ctx.triggers", "see ctx.batch.members[id].triggers")
	return u.payload.object("triggers")
}

func contextFilterPayload(r *Realm, call goja.FunctionCall) goja.Value {
	if payload := r.self(call, "ctx.filterPayload").payload.object("triggers").Get("filter_payload"); !native.Missing(payload) {
		return payload
	}
	return goja.Undefined()
}

// failures are the failed tasks that an on-failure task is told of
// (hatchet-protocol.md section 4.1).
func (u *run) failures() []TaskFailure {
	reported := u.payload.object("step_run_errors")
	var failures []TaskFailure
	for _, name := range reported.Keys() {
		failures = append(failures, failureOf(name, reported.Get(name).String()))
	}
	return failures
}

func contextErrors(r *Realm, call goja.FunctionCall) goja.Value {
	messages := r.rt.NewObject()
	for _, f := range r.self(call, "ctx.errors").failures() {
		_ = messages.DefineDataProperty(f.Task, r.rt.ToValue(f.Message), goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_TRUE)
	}
	return messages
}

// contextFailure is something about the task that failed first; undefined where
// none did.
func contextFailure(get func(TaskFailure) string) func(*Realm, goja.FunctionCall) goja.Value {
	return func(r *Realm, call goja.FunctionCall) goja.Value {
		if failures := r.self(call, "ctx").failures(); len(failures) > 0 {
			return r.rt.ToValue(get(failures[0]))
		}
		return goja.Undefined()
	}
}

// contextEffects are the members of ctx that do something.
var contextEffects = []native.Member[*Realm]{
	{Name: "signal", Type: ": AbortSignal",
		Doc: "Fires when the task is cancelled, times out, or the worker stops.",
		Get: func(r *Realm, call goja.FunctionCall) goja.Value {
			return r.self(call, "ctx.signal").abortController().Get("signal")
		}},
	{Name: "abortController", Type: ": AbortController",
		Doc: "The controller of signal.",
		Get: func(r *Realm, call goja.FunctionCall) goja.Value {
			return r.self(call, "ctx.abortController").abortController()
		}},
	{Name: "cancelled", Type: ": boolean",
		Doc: "Whether signal has fired.",
		Get: func(r *Realm, call goja.FunctionCall) goja.Value {
			return r.rt.ToValue(r.self(call, "ctx.cancelled").cancelled())
		}},
	{Name: "cancel", Type: "(): Promise<void>",
		Doc:  "Cancels this task.",
		Call: contextCancel},
	{Name: "rethrowIfCancelled", Type: "(error: unknown): void",
		Doc:    "Throws the error again if the task was cancelled; for a catch that would otherwise go on.",
		Length: 1, Call: contextRethrow},
	{Name: "refreshTimeout", Type: "(by: Duration): Promise<void>",
		Doc:    "Moves the task's deadline away by this much.",
		Length: 1, Call: contextRefreshTimeout},
	{Name: "releaseSlot", Type: "(): Promise<void>",
		Doc:  "Frees the worker's slot for another task, while this one goes on.",
		Call: contextReleaseSlot},
	{Name: "putStream", Type: "(chunk: string | Uint8Array | ArrayBuffer): Promise<void>",
		Doc:    "Sends a chunk to whoever follows the run's stream. Chunks arrive in the order of the calls.",
		Length: 1, Call: contextPutStream},
}

// abortController is made when the script first asks for it.
func (u *run) abortController() *goja.Object {
	u.heeds.Store(true)
	if u.controller == nil {
		u.controller = u.realm.web.NewAbortController(u.listen)
		if u.aborted != nil {
			u.realm.web.Abort(u.controller, u.aborted.Error())
		}
	}
	return u.controller
}

// listen keeps the run waiting while somebody listens to its signal. A durable
// task does not wait for it: it would never be let go of.
func (u *run) listen(listening bool) {
	switch {
	case listening && u.listening == nil && u.inv.Durable == nil:
		u.listening = u.realm.vm.Reserve()
	case !listening && u.listening != nil:
		u.listening(func() error { return nil })
		u.listening = nil
	}
}

// abort fires ctx.signal.
func (u *run) abort(cause error) {
	if u.aborted != nil {
		return
	}
	u.aborted = cause
	if u.controller != nil {
		u.realm.web.Abort(u.controller, cause.Error())
	}
}

// endsBy has the script hear that the run is over. What it does from then on to
// tidy up has the time of the grace.
func (u *run) endsBy(cause error) {
	grace := u.realm.options.Grace
	ctx, done := clock.WithTimeout(context.WithoutCancel(u.ctx), u.realm.vm.Options().Clock, grace, cause)
	u.mu.Lock()
	u.ctx, u.done = ctx, done
	u.mu.Unlock()
	u.abort(cause)
}

// finish lets go of what the grace took.
func (u *run) finish() {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.done != nil {
		u.done()
	}
}

// cancelled reports whether the signal has fired.
func (u *run) cancelled() bool {
	u.heeds.Store(true)
	return u.aborted != nil || u.controller != nil && u.realm.web.Aborted(u.controller)
}

// contextRethrow is ctx.rethrowIfCancelled(error). An AbortError counts as
// cancelled, too.
func contextRethrow(r *Realm, call goja.FunctionCall) goja.Value {
	u := r.self(call, "ctx.rethrowIfCancelled")
	thrown := call.Argument(0)
	aborts := false
	if object, ok := thrown.(*goja.Object); ok {
		if name := object.Get("name"); name != nil {
			aborts = name.String() == "AbortError"
		}
	}
	if aborts || u.cancelled() {
		panic(thrown)
	}
	return goja.Undefined()
}

// contextCancel is ctx.cancel(): the engine cancels the task, and the signal
// fires.
func contextCancel(r *Realm, call goja.FunctionCall) goja.Value {
	u := r.self(call, "ctx.cancel")
	host := u.inv.Host
	return u.effect("ctx.cancel", func(ctx context.Context) (answer, error) {
		err := host.Cancel(ctx, u.inv.TaskRunID)
		return func() (goja.Value, error) {
			u.abort(errCancelledBySelf)
			return goja.Undefined(), nil
		}, err
	})
}

func contextRefreshTimeout(r *Realm, call goja.FunctionCall) goja.Value {
	u := r.self(call, "ctx.refreshTimeout")
	r.noMore(call, 1, "ctx.refreshTimeout")
	by := r.duration(call.Argument(0), "ctx.refreshTimeout")
	host := u.inv.Host
	return u.effect("ctx.refreshTimeout", func(ctx context.Context) (answer, error) {
		return nil, host.RefreshTimeout(ctx, by)
	})
}

func contextReleaseSlot(r *Realm, call goja.FunctionCall) goja.Value {
	u := r.self(call, "ctx.releaseSlot")
	host := u.inv.Host
	return u.effect("ctx.releaseSlot", func(ctx context.Context) (answer, error) {
		return nil, host.ReleaseSlot(ctx)
	})
}

// contextPutStream is ctx.putStream(chunk). Chunks leave one after another, in
// the order of the calls.
func contextPutStream(r *Realm, call goja.FunctionCall) goja.Value {
	u := r.self(call, "ctx.putStream")
	u.notInBatch("ctx.putStream", "it has no stream")
	r.noMore(call, 1, "ctx.putStream")
	chunk := r.chunk(call.Argument(0))
	index := u.chunks
	u.chunks++
	if u.repeating() {
		return r.resolved(goja.Undefined())
	}
	host, before, sent := u.inv.Host, u.streamed, make(chan struct{})
	u.streamed = sent
	send := func(ctx context.Context) (answer, error) {
		defer close(sent)
		if before != nil {
			<-before
		}
		return nil, host.PutStream(ctx, index, chunk)
	}
	if u.replaying() {
		u.holdChunk(send, sent)
		return r.resolved(goja.Undefined())
	}
	u.held.release()
	return u.effect("ctx.putStream", send)
}

// holdChunk keeps a chunk until it is known whether an invocation before has
// sent it. The script does not hear what becomes of it.
func (u *run) holdChunk(send func(context.Context) (answer, error), sent chan struct{}) {
	if u.inv.Host == nil {
		close(sent)
		return
	}
	ctx := u.ctx
	u.held.hold(heldLine{
		write: func() {
			u.operations.Go(func() {
				if _, err := send(ctx); err != nil {
					u.note(&operation{name: "ctx.putStream"}, err)
				}
			})
		},
		drop: func() { close(sent) },
	})
}

// resolved is a promise that is fulfilled already.
func (r *Realm) resolved(v goja.Value) goja.Value {
	promise, resolve, _ := r.rt.NewPromise()
	if err := resolve(v); err != nil {
		panic(err)
	}
	return r.rt.ToValue(promise)
}

// chunk reads text or bytes.
func (r *Realm) chunk(v goja.Value) []byte {
	if goja.IsString(v) {
		return []byte(v.String())
	}
	data, ok := r.web.Bytes(v)
	if !ok {
		r.fail("ctx.putStream: a chunk must be a string or a Uint8Array, got %s", native.Describe(v))
	}
	return slices.Clone(data)
}
