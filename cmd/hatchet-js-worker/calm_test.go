package main

import (
	"testing"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/sdk"
)

func TestATroubleIsToldOnceAMinute(t *testing.T) {
	var c calm
	begin := time.Unix(0, 0)
	for i, step := range []struct {
		after         time.Duration
		state, detail string
		want          bool
	}{
		{0, "registering", "", true},
		{0, "registering", "register workflow a: the engine cannot be reached", true},
		{0, "registering", "register workflow b: the engine cannot be reached", false},
		{9 * time.Second, "registering", "register workflow a: the engine cannot be reached; next attempt in 4s", false},
		{10 * time.Second, "registering", "register workflow a: the engine does not accept the token", true},
		{20 * time.Second, "registering", "register workflow b: the engine cannot be reached", false},
		{71 * time.Second, "registering", "register workflow b: the engine cannot be reached", true},
		{72 * time.Second, "registering", "register workflow a: the engine cannot be reached", false},
		{73 * time.Second, "connected", "", true},
		{74 * time.Second, "reconnecting", "heartbeat: the engine cannot be reached", true},
		{75 * time.Second, "reconnecting", "listen: the engine cannot be reached", false},
	} {
		if got := c.worth(sdk.WorkerState{State: step.state, Detail: step.detail}, begin.Add(step.after)); got != step.want {
			t.Errorf("step %d: %s, %q: told %v", i, step.state, step.detail, got)
		}
	}
}
