package serve

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
	"github.com/hatchet-js/hatchet-js-worker/engine/local/core"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// appearWithin is how long a subscription waits for a run that is not there yet
// (hatchet-protocol.md section 6.8).
const appearWithin = 10 * time.Second

type eventSender = grpc.ServerStreamingServer[contract.WorkflowEvent]

// SubscribeToWorkflowEvents implements hatchet-protocol.md section 6.8.
func (d *dispatcher) SubscribeToWorkflowEvents(req *contract.SubscribeToWorkflowEventsRequest, stream eventSender) error {
	selection := EventSelection{
		RunID: req.GetWorkflowRunId(), MetaKey: req.GetAdditionalMetaKey(), MetaValue: req.GetAdditionalMetaValue(),
	}
	switch {
	case selection.RunID != "":
		if err := checkUUID("workflow_run_id", selection.RunID); err != nil {
			return err
		}
	case selection.MetaKey == "" || selection.MetaValue == "":
		return invalid("either workflow_run_id, or additional_meta_key and additional_meta_value must be given")
	}
	source, err := d.engine.Events(stream.Context(), selection)
	if err != nil {
		return err
	}
	defer source.Close()
	w := &watcher{Faces: d.Faces, selection: selection, source: source, stream: stream, active: map[string]bool{}}
	return orderly(w.run(stream.Context()))
}

// watcher passes on what happens in the selected runs until the last of them
// is final.
type watcher struct {
	*Faces
	selection EventSelection
	source    Stream[core.TaskEvent]
	stream    eventSender
	order     reorder
	active    map[string]bool // runs seen; false = final
}

// errWatched says that the last event was sent.
var errWatched = errors.New("nothing is left to watch")

func (w *watcher) run(ctx context.Context) error {
	if w.selection.RunID != "" {
		if over, err := w.appear(ctx); over || err != nil {
			return err
		}
	}
	for {
		if err := w.step(ctx); errors.Is(err, errWatched) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// appear waits for the run to exist. It reports true if the run is final
// already.
func (w *watcher) appear(ctx context.Context) (over bool, err error) {
	found, over, err := w.lookUp(ctx)
	if found || err != nil {
		return over, err
	}
	waiting, cancel := clock.WithTimeout(ctx, w.clock, appearWithin, nil)
	defer cancel()
	event, err := w.source.Next(waiting)
	if err == nil {
		return false, w.pass(event)
	}
	if !errors.Is(err, context.DeadlineExceeded) {
		return false, err
	}
	found, over, err = w.lookUp(ctx)
	if err == nil && !found {
		err = status.Errorf(codes.NotFound, "workflow run %s not found", w.selection.RunID)
	}
	return over, err
}

func (w *watcher) lookUp(ctx context.Context) (found, over bool, err error) {
	err = w.engine.View(ctx, func(c *core.Core) {
		var run core.RunView
		run, found = c.Run(w.selection.RunID)
		over = run.Done
	})
	return found, over, err
}

// step waits for the next event, or until something that was held is due.
func (w *watcher) step(ctx context.Context) error {
	patience, limited := w.order.patience(w.clock.Now())
	if !limited {
		event, err := w.source.Next(ctx)
		if err != nil {
			return err
		}
		return w.pass(event)
	}
	waiting, cancel := clock.WithTimeout(ctx, w.clock, patience, nil)
	defer cancel()
	event, err := w.source.Next(waiting)
	switch {
	case err == nil:
		return w.pass(event)
	case ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded):
		return w.send(w.order.expire(w.clock.Now()))
	}
	return err
}

// pass puts an event in its order and sends what can be sent then.
func (w *watcher) pass(event core.TaskEvent) error {
	return w.send(w.order.add(event, w.clock.Now()))
}

func (w *watcher) send(events []core.TaskEvent) error {
	for _, event := range events {
		hangup := w.note(event)
		if err := w.stream.Send(workflowEvent(event, hangup)); err != nil {
			return err
		}
		if hangup {
			return errWatched
		}
	}
	return nil
}

// note keeps count of the active runs. It reports true for the last event.
func (w *watcher) note(event core.TaskEvent) bool {
	_, seen := w.active[event.RunID]
	switch {
	case event.Final:
		w.active[event.RunID] = false
	case !seen || event.Kind == core.EventStarted: // what trails behind an end changes nothing
		w.active[event.RunID] = true
	}
	return event.Final && !slices.Contains(slices.Collect(maps.Values(w.active)), true)
}

var eventTypes = map[core.EventKind]contract.ResourceEventType{
	core.EventStarted:   contract.ResourceEventType_RESOURCE_EVENT_TYPE_STARTED,
	core.EventCompleted: contract.ResourceEventType_RESOURCE_EVENT_TYPE_COMPLETED,
	core.EventFailed:    contract.ResourceEventType_RESOURCE_EVENT_TYPE_FAILED,
	core.EventCancelled: contract.ResourceEventType_RESOURCE_EVENT_TYPE_CANCELLED,
	core.EventStream:    contract.ResourceEventType_RESOURCE_EVENT_TYPE_STREAM,
}

func workflowEvent(e core.TaskEvent, hangup bool) *contract.WorkflowEvent {
	event := &contract.WorkflowEvent{
		WorkflowRunId:  e.RunID,
		ResourceType:   contract.ResourceType_RESOURCE_TYPE_STEP_RUN,
		ResourceId:     e.TaskID,
		EventType:      eventTypes[e.Kind],
		EventTimestamp: timestamppb.New(e.At),
		EventPayload:   string(e.Payload),
		Hangup:         hangup,
		EventIndex:     e.Index,
	}
	if e.TaskID == "" {
		event.ResourceType, event.ResourceId = contract.ResourceType_RESOURCE_TYPE_WORKFLOW_RUN, e.RunID
		return event
	}
	event.TaskRetries, event.RetryCount = &e.Retries, &e.RetryCount
	return event
}
