package hatchet

import (
	"context"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
)

// eventMembers are the methods of hatchet.events.
var eventMembers = []native.Member[*Realm]{
	{Name: "push", Type: "(key: string, payload?: object, options?: EventOptions): Promise<PushedEvent>",
		Doc:    "Pushes an event.",
		Length: 2, Call: pushEvent},
	{Name: "bulkPush", Type: "(key: string, events: BulkEvent[], options?: EventOptions): Promise<PushedEvent[]>",
		Doc:    "Pushes several events of one key. What an item does not say is taken from the options.",
		Length: 2, Call: bulkPushEvents},
	listEvents,
}

var eventOptions = []option[*eventGiven]{
	{"additionalMetadata", "JsonObject", "Metadata of the event and of the runs it starts.",
		func(r *Realm, e *eventGiven, what string, v goja.Value) { e.metadata = native.Object(r.rt, v, what) }},
	{"priority", "1 | 2 | 3", "The priority of the runs it starts.",
		func(r *Realm, e *eventGiven, what string, v goja.Value) { e.Priority = r.priority(v, what) }},
	{"scope", "string", "The scope that filters and conditions compare.",
		func(r *Realm, e *eventGiven, what string, v goja.Value) { e.Scope = native.NonEmpty(r.rt, v, what) }},
}

// bulkEventOptions are the keys of one item of bulkPush.
var bulkEventOptions = append([]option[*eventGiven]{
	{"payload", "JsonObject", "The event's payload, the input of the runs it starts.",
		func(r *Realm, e *eventGiven, what string, v goja.Value) { e.Payload = r.inputOf(v, what) }},
}, eventOptions...)

// eventGiven is an event as it is being read.
type eventGiven struct {
	Event
	metadata *goja.Object
}

// Keys of the metadata that says where an event was pushed from
// (hatchet-protocol.md section 4.3).
const (
	sourceRunKey  = "hatchet__source_workflow_run_id"
	sourceTaskKey = "hatchet__source_step_run_id"
)

// event completes e: its metadata gain the ids of the running task.
func (u *run) event(e eventGiven, what string) Event {
	r := u.realm
	metadata := r.rt.NewObject()
	if e.metadata != nil {
		for _, key := range e.metadata.Keys() {
			_ = metadata.DefineDataProperty(key, e.metadata.Get(key), goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_TRUE)
		}
	}
	if u.inv.Batch == nil && u.loader == nil {
		_ = metadata.Set(sourceRunKey, u.inv.WorkflowRunID)
		_ = metadata.Set(sourceTaskKey, u.inv.TaskRunID)
	}
	e.AdditionalMetadata = r.json(metadata, what+": additionalMetadata")
	return e.Event
}

func pushEvent(r *Realm, call goja.FunctionCall) goja.Value {
	const what = "hatchet.events.push"
	u := r.running(what)
	r.noMore(call, 3, what)
	given := eventGiven{Event: Event{Key: native.NonEmpty(r.rt, call.Argument(0), what+": the key")}}
	given.Payload = r.inputOf(call.Argument(1), what)
	apply(r, &given, what, eventOptions, r.bag(call.Argument(2), what+": the options"))
	event, host := u.event(given, what), u.inv.Host
	return u.effect(what, func(ctx context.Context) (answer, error) {
		id, err := host.PushEvent(ctx, event)
		return func() (goja.Value, error) { return r.pushed(id, event.Key), nil }, err
	})
}

// bulkPushEvents is hatchet.events.bulkPush(key, items, options): what an item
// does not say is taken from the options.
func bulkPushEvents(r *Realm, call goja.FunctionCall) goja.Value {
	const what = "hatchet.events.bulkPush"
	u := r.running(what)
	r.noMore(call, 3, what)
	key := native.NonEmpty(r.rt, call.Argument(0), what+": the key")
	var shared eventGiven
	apply(r, &shared, what, eventOptions, r.bag(call.Argument(2), what+": the options"))
	var events []Event
	for _, item := range native.Elements(r.rt, call.Argument(1), what+": the list of events") {
		given := shared
		given.Key, given.Payload = key, []byte("{}")
		apply(r, &given, what, bulkEventOptions, native.Object(r.rt, item, what+": an event"))
		events = append(events, u.event(given, what))
	}
	if len(events) == 0 {
		r.fail("%s: the list of events is empty", what)
	}
	host := u.inv.Host
	return u.effect(what, func(ctx context.Context) (answer, error) {
		ids, err := host.BulkPushEvents(ctx, events)
		return func() (goja.Value, error) {
			list := make([]any, len(ids))
			for i, id := range ids {
				list[i] = r.pushed(id, key)
			}
			return r.rt.NewArray(list...), nil
		}, err
	})
}

func (r *Realm) pushed(id, key string) goja.Value {
	o := r.rt.NewObject()
	_ = o.Set("eventId", id)
	_ = o.Set("key", key)
	return o
}
