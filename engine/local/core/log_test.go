package core

import (
	"fmt"
	"strings"
	"testing"
)

// hatchet-protocol.md section 7.3.
func TestLogs(t *testing.T) {
	h := newHarness(t, Config{KeepLogLines: 3})
	h.worker(nil, "l:l")
	h.define(single("l"))
	id := h.trigger("l", "")
	unknown := h.seed()
	equal(t, "message", h.refused(PutLog{TaskID: unknown, Message: "x"}, NotFound), "task run not found: "+unknown)
	for _, bad := range []PutLog{
		{TaskID: "w", Message: "x"}, {TaskID: id}, {TaskID: id, Message: strings.Repeat("ü", 10_001)},
		{TaskID: id, Message: "x", Level: "LOUD"}, {TaskID: id, Message: "x", Metadata: "[]"},
	} {
		h.refused(bad, InvalidArgument)
	}
	h.do(PutLog{TaskID: id, Message: strings.Repeat("ü", 10_000)})
	for i := range 4 {
		retry := int32(7)
		h.do(PutLog{TaskID: id, Message: fmt.Sprint(i), Level: "WARN", RetryCount: &retry, Metadata: `{"a":1}`})
	}
	lines, ok := h.core.Logs(id)
	if !ok || len(lines) != 3 || lines[0].Message != "1" || lines[2] != (LogLine{At: h.now, Level: "WARN", Message: "3", Metadata: `{"a":1}`, RetryCount: 7}) {
		t.Fatalf("lines: %+v", lines)
	}
	if _, ok := h.core.Logs(unknown); ok {
		t.Fatal("an unknown task has a log")
	}
}

// hatchet-protocol.md sections 6.8 and 7.4.
func TestStreamsAndEvents(t *testing.T) {
	h, _ := withWorker(t, "l:l")
	h.define(single("l", retries(1)))
	id := h.trigger("l", "")
	index := int64(4)
	h.do(StreamEvent{TaskID: id, Payload: []byte("chunk"), Index: &index})
	h.refused(StreamEvent{TaskID: h.seed()}, NotFound)
	h.fail(h.next(), "once")
	h.complete(h.next(), `{"x":1}`)
	var got []string
	for _, e := range h.events {
		got = append(got, fmt.Sprintf("%s %s %v", e.Kind, e.Payload, e.Final))
	}
	equal(t, "events", strings.Join(got, "; "), `STARTED  false; STREAM chunk false; COMPLETED {"x":1} false; COMPLETED  true`)
}

// Final runs beyond the bound are forgotten, oldest first.
func TestRetention(t *testing.T) {
	h := newHarness(t, Config{KeepRuns: 2})
	h.worker(nil, "l:l")
	h.define(single("l"))
	var ids []string
	for range 4 {
		ids = append(ids, h.trigger("l", ""))
	}
	open := h.next()
	for range 3 {
		h.complete(h.next(), `{}`)
	}
	if _, ok := h.core.Run(ids[1]); ok {
		t.Fatal("the oldest final run is still there")
	}
	for _, id := range []string{ids[0], ids[2], ids[3]} {
		h.run(id)
	}
	h.refused(TaskCompleted{Report: Report{TaskID: ids[1]}}, NotFound)
	h.complete(open, `{}`)
	runs, total := h.core.ListRuns(RunQuery{Limit: 1})
	if total != 2 || len(runs) != 1 || runs[0].RunID != ids[3] {
		t.Fatalf("%d runs, first page %+v", total, runs)
	}
}

// hatchet-protocol.md section 6.10: list filters.
func TestListRuns(t *testing.T) {
	h, w := withWorker(t, "l:l", "m:m")
	l := h.define(single("l"))
	h.define(single("m"))
	h.do(Trigger{Seed: h.seed(), Items: []TriggerItem{{Workflow: "l", Metadata: `{"a":"1","b":2}`}}})
	h.complete(h.next(), `{}`)
	h.pass(10e9, w)
	h.trigger("m", "")
	until := testStart.Add(5e9)
	tests := []struct {
		name   string
		filter RunFilter
		want   int
	}{
		{"all", RunFilter{}, 2},
		{"status", RunFilter{Statuses: []Status{Completed}}, 1},
		{"statuses", RunFilter{Statuses: []Status{Completed, Running}}, 2},
		{"since", RunFilter{Since: until}, 1},
		{"until", RunFilter{Until: &until}, 1},
		{"workflow", RunFilter{WorkflowIDs: []string{l.WorkflowID}}, 1},
		{"metadata", RunFilter{Metadata: []string{"a:1", "b:2"}}, 1},
		{"any metadata", RunFilter{AnyMetadata: []string{"a:2", "b:2"}}, 1},
		{"none of the metadata", RunFilter{AnyMetadata: []string{"a:2", "c:1"}}, 0},
		{"no metadata", RunFilter{Metadata: []string{"a:2"}}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, total := h.core.ListRuns(RunQuery{Filter: tt.filter})
			equal(t, "runs", total, tt.want)
		})
	}
}

// hatchet-protocol.md section 6.7: by filter, and what is refused.
func TestCancelByFilter(t *testing.T) {
	h, _ := withWorker(t, "l:l")
	h.define(single("l"))
	ids := []string{h.trigger("l", ""), h.trigger("l", "")}
	h.complete(h.next(), `{}`)
	h.refused(Cancel{}, InvalidArgument)
	h.refused(Cancel{IDs: ids, Filter: &RunFilter{}}, InvalidArgument)
	got := h.do(Cancel{Filter: &RunFilter{}}).(CancelReply).IDs
	if len(got) != 1 || got[0] != ids[1] {
		t.Fatalf("cancelled %v", got)
	}
	h.status(ids[0], Completed)
	h.status(ids[1], Cancelled)
	unknown := []string{h.seed()}
	equal(t, "ids", h.do(Cancel{IDs: unknown}).(CancelReply).IDs[0], unknown[0])
}
