package serve

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
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

func (f *Faces) listWorkers(r *http.Request) (any, error) {
	rows := []restWorker{}
	err := f.engine.View(r.Context(), func(c *core.Core) {
		for _, w := range c.Workers() {
			rows = append(rows, worker(w))
		}
	})
	return list[restWorker]{Rows: rows, Pagination: pagination{CurrentPage: 1, NextPage: 1, NumPages: 1}}, err
}

func (f *Faces) getWorker(r *http.Request) (any, error) {
	id, err := pathID(r, "worker")
	if err != nil {
		return nil, err
	}
	var view core.WorkerView
	found := false
	err = f.engine.View(r.Context(), func(c *core.Core) { view, found = c.Worker(id) })
	if err == nil && !found {
		err = httpError{http.StatusNotFound, fmt.Sprintf("worker %s not found", id)}
	}
	return worker(view), err
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
