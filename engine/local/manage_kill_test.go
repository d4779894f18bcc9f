package local_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/local"
)

// Whatever was managed over REST is there after a kill, and fires.
func TestKillKeepsWhatIsManaged(t *testing.T) {
	data := filepath.Join(t.TempDir(), "dev.db")
	child := spawn(t, data)
	r := attach(t, child)
	r.put("job", "a")
	call := func(want int, method, path string, body, into any) {
		t.Helper()
		if code := callAt(t, child.httpAddr, method, path, body, into); code != want {
			t.Fatalf("%s %s: %d", method, path, code)
		}
	}
	var workflows struct {
		Rows []struct{ Metadata struct{ ID string } }
	}
	call(200, "GET", "/api/v1/tenants/{tenant}/workflows", nil, &workflows)
	id := workflows.Rows[0].Metadata.ID
	for i := range 20 {
		due := time.Now().Add(time.Hour)
		if i%2 == 0 {
			due = time.Now().Add(time.Second)
		}
		call(200, "POST", "/api/v1/tenants/{tenant}/workflows/job/scheduled", anything{"triggerAt": due, "additionalMetadata": anything{"n": fmt.Sprint(i)}}, nil)
	}
	call(200, "POST", "/api/v1/tenants/{tenant}/workflows/job/crons", anything{"cronName": "c", "cronExpression": "@yearly"}, nil)
	call(200, "POST", filtersPath, anything{"workflowId": id, "scope": "s", "expression": "true"}, nil)
	call(200, "POST", webhooksPath, anything{"name": "w", "sourceName": "GENERIC", "eventKeyExpression": "'k'", "authType": "API_KEY", "auth": anything{"headerName": "X", "apiKey": "k"}}, nil)
	call(200, "PATCH", "/api/v1/workflows/"+id, anything{"pause": anything{
		"action": "pause", "pausedWorkflowCronRunQueueBehavior": "QUEUE", "pausedWorkflowScheduledRunQueueBehavior": "QUEUE",
	}}, nil)
	child.kill()
	time.Sleep(time.Second) // half of them fall due while no engine runs

	again := start(t, local.Options{Data: data, GRPCAddr: "127.0.0.1:0", HTTPAddr: "127.0.0.1:0"})
	again.eventually("what fell due", func() bool { return again.count("statuses=QUEUED") == 10 })
	rows, _ := again.ask(200, "GET", scheduledPath, nil)["rows"].([]any)
	again.expect("scheduled", fmt.Sprint(len(rows)), "10")
	again.expect("cron", at(again.ask(200, "GET", cronsPath, nil), "rows", 0, "name"), "c")
	again.expect("filter", at(again.ask(200, "GET", filtersPath, nil), "rows", 0, "scope"), "s")
	again.expect("webhook", at(again.ask(200, "GET", webhooksPath, nil), "rows", 0, "authType"), "API_KEY")
	again.work(echo, "job:a")
	again.expect("paused", at(again.ask(200, "GET", "/api/v1/workflows/"+id, nil), "isPaused")+fmt.Sprint(again.count("statuses=QUEUED")), "true10")
	again.ask(200, "PATCH", "/api/v1/workflows/"+id, anything{"pause": anything{"action": "unpause"}})
	again.eventually("they run", func() bool { return again.count("statuses=COMPLETED") == 10 })
}
