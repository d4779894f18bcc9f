package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// Event is one event to push.
type Event struct {
	Key                string          // without namespace
	Payload            json.RawMessage // a JSON object; nil = {}
	AdditionalMetadata json.RawMessage // a JSON object; nil = none
	Priority           int             // 1..3 of the runs it starts; 0 = their own
	Scope              string          // for filters and conditions with a scope
}

// MaxBulkEvents is how many events one request carries (hatchet-protocol.md
// section 7.1).
const MaxBulkEvents = 1000

// eventEcho is by how much an event is larger in the server's answer than in the
// request: it comes back whole, with the ids of its tenant and its own.
const eventEcho = 128

// PushEvent pushes an event and returns its id. Like Hatchet's SDKs it may push
// the event twice if the server's answer is lost. hatchet-protocol.md section
// 7.1.
func (c *Client) PushEvent(ctx context.Context, event Event) (string, error) {
	request, err := c.pushRequest(event)
	if err != nil {
		return "", fmt.Errorf("push event %q: %w", event.Key, err)
	}
	pushed, err := c.events.Push(ctx, request)
	if err != nil {
		return "", fmt.Errorf("push event %q: %w", event.Key, err)
	}
	return pushed.EventId, nil
}

// BulkPushEvents pushes events and returns their ids in the order of events. It
// sends them in requests of at most MaxBulkEvents and within the size limit,
// one after the other. When a request fails the ids of those before it are
// returned with the error. Nothing is pushed if an event is malformed.
func (c *Client) BulkPushEvents(ctx context.Context, events []Event) ([]string, error) {
	requests := make([]*contract.PushEventRequest, len(events))
	for i, event := range events {
		request, err := c.pushRequest(event)
		if err != nil {
			return nil, fmt.Errorf("push event %q: item %d: %w", event.Key, i, err)
		}
		requests[i] = request
	}
	ids := make([]string, 0, len(events))
	for _, chunk := range chunks(requests, MaxBulkEvents, c.conn.Config().MaxSend, eventEcho) {
		pushed, err := c.events.BulkPush(ctx, &contract.BulkPushEventRequest{Events: chunk})
		if err == nil && len(pushed.Events) != len(chunk) {
			err = fmt.Errorf("the server answered with %d events for %d", len(pushed.Events), len(chunk))
		}
		if err != nil {
			return ids, fmt.Errorf("push %d events: after the first %d: %w", len(events), len(ids), err)
		}
		for _, event := range pushed.Events {
			ids = append(ids, event.EventId)
		}
	}
	return ids, nil
}

// pushRequest is the wire form of an event, checked as far as it can be without
// the server.
func (c *Client) pushRequest(event Event) (*contract.PushEventRequest, error) {
	if event.Key == "" {
		return nil, errors.New("it has no key")
	}
	if err := checkRun(event.Payload, event.AdditionalMetadata, event.Priority); err != nil {
		return nil, err
	}
	request := &contract.PushEventRequest{
		Key:                c.options.Namespace.Apply(event.Key),
		Payload:            "{}",
		EventTimestamp:     timestamppb.New(c.options.Clock.Now()),
		AdditionalMetadata: optional(string(event.AdditionalMetadata)),
		Priority:           optional(int32(event.Priority)),
		Scope:              optional(event.Scope),
	}
	if len(event.Payload) > 0 {
		request.Payload = string(event.Payload)
	}
	if size, most := proto.Size(request), c.conn.Config().MaxSend-bulkSlack-eventEcho; size > most {
		return nil, fmt.Errorf("the payload has %d bytes, and an event may have %d", len(event.Payload), most)
	}
	return request, nil
}
