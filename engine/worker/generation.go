package worker

import "github.com/hatchet-js/hatchet-js-worker/engine/workflow"

// Generation is one version of everything a worker serves. It is not changed
// after it was handed over.
type Generation struct {
	// Workflows are registered with the engine. They must be valid.
	Workflows []*workflow.Workflow
	// Runners by workflow.ActionID without namespace; the on-failure task of a
	// workflow is named workflow.OnFailureTask. Every task needs one.
	Runners map[string]Runner
}
