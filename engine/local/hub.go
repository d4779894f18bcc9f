package local

import (
	"encoding/json"
	"io"
	"slices"

	"github.com/hatchet-js/hatchet-js-worker/engine/local/core"
	"github.com/hatchet-js/hatchet-js-worker/engine/local/serve"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Limits of what may wait for a slow reader. A worker's stream holds at most
// what its slots admit and their cancellations.
const (
	maxActions = 16_384
	maxDurable = 65_536
	maxEvents  = 65_536
)

// hub knows the open streams and hands effects to them. Only the loop touches
// it; streams are reached through their mailboxes.
type hub struct {
	workers   map[string][]*actionStream // by worker id, newest last
	durable   map[string]*durableStream  // by session id
	results   map[string][]*resultStream // by run id
	signals   map[serve.SignalKey][]*signalStream
	runEvents map[string][]*eventStream // by run id
	metadata  map[*eventStream]struct{} // subscriptions by metadata
	open      map[closer]struct{}       // all streams
	closed    bool
}

// closer is a stream seen from the end of the engine.
type closer interface{ end(err error) }

func newHub() *hub {
	return &hub{
		workers:   map[string][]*actionStream{},
		durable:   map[string]*durableStream{},
		results:   map[string][]*resultStream{},
		signals:   map[serve.SignalKey][]*signalStream{},
		runEvents: map[string][]*eventStream{},
		metadata:  map[*eventStream]struct{}{},
		open:      map[closer]struct{}{},
	}
}

// errClosing ends streams that are opened while the engine stops; clients try
// again and find the next engine.
var errClosing = status.Error(codes.Unavailable, "the engine is stopping")

func (h *hub) add(s closer) {
	if h.closed {
		s.end(errClosing)
		return
	}
	h.open[s] = struct{}{}
}

// closeAll ends every stream. Streams that come later are ended at once.
func (h *hub) closeAll() {
	h.closed = true
	for s := range h.open {
		s.end(io.EOF)
	}
}

// answered reports whether there are clients that have heard the last result
// they wait for and have not gone yet: they may be about to ask for the details.
func (h *hub) answered() bool {
	for s := range h.open {
		if results, ok := s.(*resultStream); ok && results.told && len(results.waiting) == 0 {
			return true
		}
	}
	return false
}

// deliver carries out an effect. It reports false, with a command that says so,
// for an assignment that no stream of the worker takes.
func (h *hub) deliver(e core.Effect) (core.Command, bool) {
	switch e := e.(type) {
	case core.Assign:
		if !h.toWorker(e.WorkerID, e) {
			return sendFailed(e), false
		}
	case core.AssignBatch:
		if !h.toWorker(e.WorkerID, e) {
			return sendFailed(e), false
		}
	case core.CancelAction:
		h.toWorker(e.WorkerID, e)
	case core.Durable:
		if s := h.durable[e.SessionID]; s != nil && !s.box.put(e.Message) {
			s.end(status.Error(codes.ResourceExhausted, "the durable stream is read too slowly"))
		}
	case core.RunFinished:
		for _, s := range h.results[e.Result.RunID] {
			s.put(e.Result)
		}
		delete(h.results, e.Result.RunID)
	case core.TaskEvent:
		h.event(e)
	case core.SignalMet:
		key := serve.SignalKey{TaskID: e.TaskID, Key: e.Key}
		for _, s := range h.signals[key] {
			s.box.put(e)
			delete(s.waiting, key)
		}
		delete(h.signals, key)
	}
	return nil, true
}

// sendFailed is the command that says of an assignment that it did not get
// through; nil for other effects.
func sendFailed(e core.Effect) core.Command {
	const reason = "the worker's stream is gone or does not read"
	switch e := e.(type) {
	case core.Assign:
		return core.SendFailed{
			TaskID: e.Action.TaskID, RetryCount: e.Action.RetryCount, WorkerID: e.WorkerID, Handout: e.Handout, Reason: reason,
		}
	case core.AssignBatch:
		return core.BatchSendFailed{BatchID: e.Action.Batch.ID, WorkerID: e.WorkerID, Handout: e.Handout, Reason: reason}
	}
	return nil
}

// toWorker queues an action on the newest stream of the worker: an older one
// may belong to a connection that is dead without anyone having noticed.
func (h *hub) toWorker(id string, e core.Effect) bool {
	streams := h.workers[id]
	return len(streams) > 0 && streams[len(streams)-1].box.put(e)
}

func (h *hub) event(e core.TaskEvent) {
	for _, s := range h.runEvents[e.RunID] {
		s.put(e)
	}
	if len(h.metadata) == 0 {
		return
	}
	var metadata map[string]any
	if json.Unmarshal(e.Metadata, &metadata) != nil {
		return
	}
	for s := range h.metadata {
		if value, ok := metadata[s.selection.MetaKey]; ok && metadataText(value) == s.selection.MetaValue {
			s.put(e)
		}
	}
}

// metadataText is a metadata value as it is written in a filter.
func metadataText(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	text, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(text)
}

// removeFrom takes one stream out of a list in a map, and the list with it when
// it is empty.
func removeFrom[K comparable, S comparable](m map[K][]S, key K, s S) {
	left := slices.DeleteFunc(m[key], func(other S) bool { return other == s })
	if len(left) == 0 {
		delete(m, key)
		return
	}
	m[key] = left
}

// closeWorker ends the streams of a worker that wants nothing more.
func (h *hub) closeWorker(id string) {
	for _, s := range h.workers[id] {
		s.end(io.EOF)
	}
}

var (
	_ serve.Stream[core.Effect]         = (*actionStream)(nil)
	_ serve.Stream[core.DurableMessage] = (*durableStream)(nil)
	_ serve.ResultStream                = (*resultStream)(nil)
	_ serve.Stream[core.TaskEvent]      = (*eventStream)(nil)
	_ serve.SignalStream                = (*signalStream)(nil)
)
