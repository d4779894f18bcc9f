package core

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Slot types that the engine knows by itself (hatchet-protocol.md section 3.3).
const (
	slotDefault = "default"
	slotDurable = "durable"
)

// onePerDefault is the slot request that section 5.1 ignores.
var onePerDefault = map[string]int32{slotDefault: 1}

// checksum tells definitions apart. Or-group ids are replaced by their order of
// appearance, since SDKs make new ones each time (hatchet-protocol.md section
// 5.1).
func checksum(def Definition) string {
	groups := map[string]string{}
	def.Tasks = slices.Clone(def.Tasks)
	for i := range def.Tasks {
		def.Tasks[i] = normalised(def.Tasks[i], groups)
	}
	if def.OnFailure != nil {
		t := normalised(*def.OnFailure, groups)
		def.OnFailure = &t
	}
	text, err := json.Marshal(def)
	if err != nil {
		text = []byte(err.Error()) // raw JSON was checked before
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

func normalised(t TaskDefinition, groups map[string]string) TaskDefinition {
	t.Conditions = slices.Clone(t.Conditions)
	for i := range t.Conditions {
		group := &t.Conditions[i].Group
		if *group == "" {
			continue
		}
		if groups[*group] == "" {
			groups[*group] = strconv.Itoa(len(groups) + 1)
		}
		*group = groups[*group]
	}
	if len(t.SlotRequests) == 1 && t.SlotRequests[slotDefault] == 1 {
		t.SlotRequests = nil
	}
	return t
}

// newVersion makes a validated definition ready for running.
func newVersion(w *workflow, number int, def Definition, sum string) *version {
	v := &version{
		id:       derive(w.id, "version/"+strconv.Itoa(number)+"/"+sum),
		workflow: w,
		number:   number,
		checksum: sum,
		def:      def,
		priority: max(def.DefaultPriority, 1),
	}
	for i := range v.def.Tasks {
		v.addStep(&v.def.Tasks[i], false)
	}
	if v.def.OnFailure != nil {
		v.addStep(v.def.OnFailure, true)
	}
	v.linkParents()
	for _, s := range v.steps {
		s.addStrategies()
		s.addTemplates()
	}
	return v
}

func (v *version) linkParents() {
	byName := map[string]*step{}
	for _, s := range v.steps {
		byName[s.def.Name] = s
	}
	for _, s := range v.steps {
		if s.onFailure {
			continue
		}
		for _, name := range s.def.Parents {
			s.parents = append(s.parents, byName[name])
		}
	}
}

func (v *version) addStep(def *TaskDefinition, onFailure bool) {
	s := &step{
		id:              derive(v.id, "step/"+def.Name),
		index:           len(v.steps),
		def:             def,
		version:         v,
		action:          normalAction(def.Action),
		timeoutText:     def.Timeout,
		timeout:         durationOr(def.Timeout, defaultTimeout),
		scheduleTimeout: durationOr(def.ScheduleTimeout, defaultTimeout),
		slots:           slotDemand(def),
		batch:           newBatching(def.Batch),
		onFailure:       onFailure,
	}
	if s.timeoutText == "" {
		s.timeoutText = "5m"
	}
	s.class = classKey(s)
	v.steps = append(v.steps, s)
}

// defaultTimeout is both the execution and the schedule timeout of tasks that
// give none, and of texts that cannot be read (hatchet-protocol.md section 9.5).
const defaultTimeout = 5 * time.Minute

func durationOr(text string, otherwise time.Duration) time.Duration {
	d, err := time.ParseDuration(text)
	if err != nil {
		return otherwise
	}
	return d
}

// slotDemand is what an attempt takes of one worker, ordered by slot type
// (hatchet-protocol.md section 5.3).
func slotDemand(def *TaskDefinition) []slotUnits {
	requests := def.SlotRequests
	if len(requests) == 0 {
		requests = onePerDefault
		if def.Durable {
			requests = map[string]int32{slotDurable: 1}
		}
	}
	return sortedUnits(requests)
}

func sortedUnits(requests map[string]int32) []slotUnits {
	out := make([]slotUnits, 0, len(requests))
	for name, units := range requests {
		out = append(out, slotUnits{Type: name, Units: units})
	}
	slices.SortFunc(out, func(a, b slotUnits) int { return strings.Compare(a.Type, b.Type) })
	return out
}

func classKey(s *step) string {
	var key strings.Builder
	for _, u := range s.slots {
		key.WriteString(u.Type)
		key.WriteByte('=')
		key.WriteString(strconv.Itoa(int(u.Units)))
		key.WriteByte(';')
	}
	return key.String()
}

// normalAction gives an action id as the engine stores it (hatchet-protocol.md
// section 5.2).
func normalAction(action string) string {
	return strings.ToLower(action)
}
