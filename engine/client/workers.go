package client

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
)

// maxWorkersAsked bounds how many workers are asked one by one for their actions.
const maxWorkersAsked = 20

// listedWorker is a worker of the REST answer. A server's list leaves the actions
// out.
type listedWorker struct {
	Metadata struct{ ID string }
	Status   string
	Actions  []string
}

// Served reports whether a worker that is connected serves tasks of a workflow
// (hatchet-protocol.md section 6.10). It is true too when there are more workers
// than are worth asking.
func (c *Client) Served(ctx context.Context, name string) (bool, error) {
	var answer struct{ Rows []listedWorker }
	path := "/api/v1/tenants/" + url.PathEscape(c.conn.Config().TenantID) + "/worker"
	if err := c.get(ctx, path, nil, &answer); err != nil {
		return false, fmt.Errorf("list workers: %w", err)
	}
	prefix := workflow.ActionID(c.options.Namespace.Workflow(name), "")
	serves := func(w *listedWorker) bool {
		return slices.ContainsFunc(w.Actions, func(id string) bool { return strings.HasPrefix(id, prefix) })
	}
	asked := 0
	for _, w := range answer.Rows {
		if w.Status != "ACTIVE" {
			continue
		}
		if len(w.Actions) == 0 {
			if asked++; asked > maxWorkersAsked {
				return true, nil
			}
			if err := c.get(ctx, "/api/v1/workers/"+url.PathEscape(w.Metadata.ID), nil, &w); err != nil {
				return false, fmt.Errorf("ask for a worker: %w", err)
			}
		}
		if serves(&w) {
			return true, nil
		}
	}
	return false, nil
}
