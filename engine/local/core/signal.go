package core

import (
	"maps"
	"slices"
)

// signal is a wait of a task under a key of its own, as workers of engines
// before v0.80.0 have it instead of an event log (hatchet-protocol.md section
// 8.6). It outlives attempts: an attempt that registers the key again finds it.
type signal struct {
	task       *task
	key        string
	conditions []Condition
	match      *match // nil = over
	data       []byte // what it was met with
}

// SignalMet says that all conditions of a signal are met.
type SignalMet struct {
	TaskID string
	Key    string
	Data   []byte // JSON: {"CREATE":{<readable data key>:[...]}}
}

func (SignalMet) effect() {}

func (c *Core) registerSignal(cmd *RegisterSignal) *Error {
	t, err := c.taskByID(cmd.TaskID)
	if err != nil {
		return err
	}
	if err := c.checkWait(cmd.Conditions); err != nil {
		return err
	}
	if t.final() || t.signals[cmd.Key] != nil {
		return nil
	}
	if t.signals == nil {
		t.signals = map[string]*signal{}
	}
	s := &signal{task: t, key: cmd.Key, conditions: cmd.Conditions}
	t.signals[cmd.Key] = s
	s.match = newMatch(waitTemplate(cmd.Conditions))
	s.match.signal = s
	c.startMatch(s.match)
	return nil
}

// signalMet ends the waiting of a signal.
func (c *Core) signalMet(s *signal) {
	s.data = s.match.created()
	s.match = nil
	c.emit(SignalMet{TaskID: s.task.id, Key: s.key, Data: s.data})
}

// closeSignals ends the waiting of a task that is over.
func (c *Core) closeSignals(t *task) {
	for _, key := range slices.Sorted(maps.Keys(t.signals)) {
		if s := t.signals[key]; s.match != nil {
			c.stopMatch(s.match)
			s.match = nil
		}
	}
}

// Signal gives what a signal was met with; ok is false while it is not, and for
// unknown ones.
func (c *Core) Signal(taskID, key string) (met SignalMet, ok bool) {
	t := c.tasks[taskID]
	if t == nil || t.signals[key] == nil || t.signals[key].data == nil {
		return SignalMet{}, false
	}
	return SignalMet{TaskID: taskID, Key: key, Data: t.signals[key].data}, true
}
