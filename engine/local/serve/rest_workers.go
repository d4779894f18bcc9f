package serve

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/local/core"
)

// restWorker is Worker.
type restWorker struct {
	Metadata        meta               `json:"metadata"`
	Name            string             `json:"name"`
	Type            string             `json:"type"`
	LastHeartbeatAt *time.Time         `json:"lastHeartbeatAt,omitempty"`
	Actions         []string           `json:"actions"`
	Status          string             `json:"status"` // ACTIVE, INACTIVE or PAUSED
	SlotConfig      map[string]slotUse `json:"slotConfig"`
	Labels          []restLabel        `json:"labels"`
	RuntimeInfo     *restRuntime       `json:"runtimeInfo,omitempty"`
	Workflows       []workflowName     `json:"registeredWorkflows,omitempty"`
	RecentStepRuns  []struct{}         `json:"recentStepRuns,omitzero"` // of details; always empty
}

// workflowName is RegisteredWorkflow.
type workflowName struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type slotUse struct {
	Available int32 `json:"available"`
	Limit     int32 `json:"limit"`
}

type restLabel struct {
	Metadata meta   `json:"metadata"`
	Key      string `json:"key"`
	Value    string `json:"value"`
}

type restRuntime struct {
	SDKVersion      string `json:"sdkVersion,omitempty"`
	Language        string `json:"language,omitempty"`
	LanguageVersion string `json:"languageVersion,omitempty"`
	OS              string `json:"os,omitempty"`
	RuntimeExtra    string `json:"runtimeExtra,omitempty"`
}

func worker(w core.WorkerView) restWorker {
	about := meta{w.WorkerID, w.RegisteredAt, w.RegisteredAt}
	out := restWorker{
		Metadata: about, Name: w.Name, Type: "SELFHOSTED", LastHeartbeatAt: timeOrNil(w.LastHeartbeat),
		Actions: append([]string{}, w.Actions...), Status: workerStatus(w), SlotConfig: map[string]slotUse{}, Labels: []restLabel{},
	}
	for _, s := range w.Slots {
		out.SlotConfig[s.Type] = slotUse{Available: s.Capacity - s.Used, Limit: s.Capacity}
	}
	for _, key := range slices.Sorted(maps.Keys(w.Labels)) {
		label := restLabel{Metadata: about, Key: key}
		switch value := w.Labels[key]; {
		case value.String != nil:
			label.Value = *value.String
		case value.Int != nil:
			label.Value = fmt.Sprint(*value.Int)
		}
		out.Labels = append(out.Labels, label)
	}
	if r := w.Runtime; r != nil {
		language := r.Language
		if language == "GO" {
			language = "GOLANG" // this face has its own word
		}
		out.RuntimeInfo = &restRuntime{r.SDKVersion, language, r.LanguageVersion, r.OS, r.Extra}
	}
	return out
}

func workerStatus(w core.WorkerView) string {
	switch {
	case w.Paused:
		return "PAUSED"
	case w.Connected:
		return "ACTIVE"
	}
	return "INACTIVE"
}

// maxWorkers is the limit of a list of workers that gives none.
const maxWorkers = 10_000

func (f *Faces) listWorkers(r *http.Request) (any, error) {
	values := r.URL.Query()
	offset, err := queryInt(values, "offset", 0)
	if err != nil {
		return nil, err
	}
	limit, err := queryInt(values, "limit", maxWorkers)
	if err != nil {
		return nil, err
	}
	for _, pair := range values["labels"] {
		if key, value, _ := strings.Cut(pair, ":"); key == "" || value == "" {
			return nil, httpError{http.StatusBadRequest, fmt.Sprintf("invalid label filter format: %s, expected key:value", pair)}
		}
	}
	var all []restWorker
	err = f.engine.View(r.Context(), func(c *core.Core) { all = mapped(c.Workers(), worker) })
	all = slices.DeleteFunc(all, func(w restWorker) bool { return !w.selected(values["statuses"], values["labels"]) })
	limit = max(limit, 1)
	return paged(page(all, offset, limit), offset, limit, len(all)), err
}

// selected says whether a worker has one of the statuses and all of the labels,
// which are "key:value".
func (w *restWorker) selected(statuses, labels []string) bool {
	if len(statuses) > 0 && !slices.Contains(statuses, w.Status) {
		return false
	}
	return !slices.ContainsFunc(labels, func(pair string) bool {
		return !slices.ContainsFunc(w.Labels, func(l restLabel) bool { return l.Key+":"+l.Value == pair })
	})
}

func (f *Faces) getWorker(r *http.Request) (any, error) {
	id, err := pathID(r, "worker")
	if err != nil {
		return nil, err
	}
	return look(f, r, fmt.Sprintf("worker %s not found", id), func(c *core.Core) (restWorker, bool) {
		view, ok := c.Worker(id)
		shown := worker(view)
		shown.Workflows, shown.RecentStepRuns = servedBy(c, view), []struct{}{}
		return shown, ok
	})
}

// servedBy lists the workflows with a task that the worker can run.
func servedBy(c *core.Core, w core.WorkerView) []workflowName {
	out := []workflowName{}
	for _, flow := range c.Workflows() {
		if slices.ContainsFunc(flow.Definition.Tasks, func(t core.TaskDefinition) bool { return slices.Contains(w.Actions, strings.ToLower(t.Action)) }) {
			out = append(out, workflowName{flow.WorkflowID, flow.Name})
		}
	}
	return out
}

// updateWorker pauses a worker or lets it go on (hatchet-protocol.md section
// 3.9).
func (f *Faces) updateWorker(r *http.Request) (any, error) {
	id, err := pathID(r, "worker")
	if err != nil {
		return nil, err
	}
	req, err := body[struct {
		IsPaused *bool `json:"isPaused"`
	}](r)
	if err != nil {
		return nil, err
	}
	if req.IsPaused != nil {
		if _, err := f.engine.Do(r.Context(), core.PauseWorker{WorkerID: id, Paused: *req.IsPaused}); err != nil {
			return nil, err
		}
	}
	return f.getWorker(r)
}
