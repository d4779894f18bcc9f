package core

import (
	"encoding/json"
	"slices"
	"strings"
)

// Keys of additional metadata that the engine sets (hatchet-protocol.md
// section 4.3).
const (
	reservedPrefix    = "hatchet__"
	metaEventID       = "hatchet__event_id"
	metaEventKey      = "hatchet__event_key"
	metaSourceRun     = "hatchet__source_workflow_run_id"
	metaSourceTask    = "hatchet__source_step_run_id"
	metaCron          = "hatchet__cron_expression"
	metaCronScheduled = "hatchet__cron_scheduled_at"
	metaCronName      = "hatchet__cron_name"
	metaParentRun     = "hatchet__parent_workflow_run_id"
	metaParentTask    = "hatchet__parent_step_run_id"
	metaTraceparent   = "traceparent"
)

// metadata is a JSON object being put together.
type metadata map[string]json.RawMessage

// parseMetadata reads text that checkObject accepted.
func parseMetadata(text []byte) metadata {
	m := metadata{}
	if len(text) > 0 && json.Unmarshal(text, &m) != nil || m == nil {
		return metadata{}
	}
	return m
}

func (m metadata) set(key, value string) {
	m[key] = appendQuoted(nil, value)
}

// text gives the object for a run, with a traceparent.
func (m metadata) text(runID string) []byte {
	if _, ok := m[metaTraceparent]; !ok {
		m.set(metaTraceparent, traceparent(runID))
	}
	out, err := json.Marshal(m)
	if err != nil { // raw values were valid JSON when they came in
		return []byte(`{}`)
	}
	return out
}

// traceparent gives the W3C trace context of a run, always the same for one id.
func traceparent(runID string) string {
	trace := strings.ReplaceAll(runID, "-", "")
	span := strings.ReplaceAll(derive(runID, "span"), "-", "")
	return "00-" + trace + "-" + span[:16] + "-01"
}

// plainMetadata is the metadata of a run that was triggered from outside.
func plainMetadata(runID, own string) []byte {
	if own == "" {
		return []byte(`{"traceparent":"` + traceparent(runID) + `"}`)
	}
	return parseMetadata([]byte(own)).text(runID)
}

// childMetadata is the metadata of a run that a task triggered.
func childMetadata(runID, own string, parent *task) []byte {
	m := parseMetadata([]byte(own))
	for key, value := range parseMetadata(parent.run.metadata) {
		if _, ok := m[key]; !ok && !strings.HasPrefix(key, reservedPrefix) {
			m[key] = value
		}
	}
	m.set(metaParentRun, parent.run.id)
	m.set(metaParentTask, parent.id)
	return m.text(runID)
}

// eventMetadata is the metadata of a run that an event triggered.
func eventMetadata(runID string, e *UserEvent, eventID string) []byte {
	m := parseMetadata([]byte(e.Metadata))
	for key := range m {
		if strings.HasPrefix(key, reservedPrefix) && key != metaSourceRun && key != metaSourceTask {
			delete(m, key)
		}
	}
	m.set(metaEventID, eventID)
	m.set(metaEventKey, e.Key)
	return m.text(runID)
}

// hasAll says whether the metadata has every "key:value" of wanted.
func hasAll(text []byte, wanted []string) bool {
	if len(wanted) == 0 {
		return true
	}
	m := parseMetadata(text)
	return !slices.ContainsFunc(wanted, func(w string) bool { return !m.has(w) })
}

// hasAny says whether the metadata has one "key:value" of wanted.
func hasAny(text []byte, wanted []string) bool {
	return slices.ContainsFunc(wanted, parseMetadata(text).has)
}

// has says whether the metadata has a "key:value".
func (m metadata) has(pair string) bool {
	key, value, _ := strings.Cut(pair, ":")
	raw, ok := m[key]
	if !ok {
		return false
	}
	var s string
	if json.Unmarshal(raw, &s) != nil {
		s = string(raw)
	}
	return s == value
}
