package worker_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/worker"
	"google.golang.org/grpc/codes"
)

func TestLabelsAreSetAndOutliveARegistration(t *testing.T) {
	o := quick()
	o.Labels = map[string]worker.Label{"zone": {Text: "a"}, "load": {Text: "low"}}
	r := start(t, o)
	r.serve(serving().with(task("a", answering("1"))).Generation)
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	eight := int32(8)
	if err := r.worker.UpsertLabels(ctx, map[string]worker.Label{"load": {Text: "high"}, "cores": {Number: &eight}}); err != nil {
		t.Fatal(err)
	}
	first, _ := r.engine.Newest()
	if len(first.Upserted) != 1 || first.Upserted[0]["load"].GetStrValue() != "high" || first.Upserted[0]["cores"].GetIntValue() != 8 || len(first.Upserted[0]) != 2 {
		t.Errorf("the engine was told %v", first.Upserted)
	}
	if now := r.worker.Labels(); now["zone"].Text != "a" || now["load"].Text != "high" || *now["cores"].Number != 8 {
		t.Errorf("the labels are %v", now)
	}
	if o.Labels["load"].Text != "low" {
		t.Error("the options were changed")
	}
	r.engine.Forget()
	r.until("a new registration", func() bool { w, known := r.engine.Newest(); return known && w.ID != first.ID })
	if w, _ := r.engine.Newest(); w.Request.Labels["load"].GetStrValue() != "high" || w.Request.Labels["cores"].GetIntValue() != 8 {
		t.Errorf("registered with %v", w.Request.Labels)
	}
}

func TestLabelsThatTheEngineRefuses(t *testing.T) {
	r := start(t, quick())
	r.serve(serving().with(task("a", answering("1"))).Generation)
	r.engine.Refuse("UpsertWorkerLabels", codes.InvalidArgument)
	err := r.worker.UpsertLabels(context.Background(), map[string]worker.Label{"a": {Text: "b"}})
	if err == nil || !strings.HasPrefix(err.Error(), "set the worker's labels: ") {
		t.Errorf("got %v", err)
	}
}
