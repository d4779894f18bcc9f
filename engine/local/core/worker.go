package core

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// worker is one registered worker.
type worker struct {
	id           string
	seq          uint64
	name         string
	services     []string
	actions      []string
	serves       map[string]bool
	slots        []slot
	labels       map[string]Label
	runtime      *RuntimeInfo
	registeredAt time.Time
	sessions     []session // open streams, oldest first
	listened     bool      // has had a stream
	paused       bool
	beaten       bool   // has sent a heartbeat
	fresh        bool   // its newest sign of life was young when it was last judged
	durable      string // newest DurableTask stream
	onIt         list[*task]
	timer        timer // of what becomes of a worker without a stream
	life         life
	freed        bool // is in Core.freed
	known        link[*worker]
}

// slot is the capacity of a worker for one slot type.
type slot struct {
	Type     string `json:"t"`
	Capacity int32  `json:"n"`
	used     int32
}

// session is one stream for assignments.
type session struct {
	ID    string `json:"id"`
	Beats bool   `json:"beats,omitempty"`
}

var languages = []string{"", "GO", "PYTHON", "TYPESCRIPT", "RUBY"}

// registerWorker makes a new worker, always (hatchet-protocol.md section 3.3).
func (c *Core) registerWorker(cmd *RegisterWorker) (*RegisterWorkerReply, *Error) {
	if err := checkRegistration(cmd); err != nil {
		return nil, err
	}
	id := derive(cmd.Seed, "worker")
	if c.workers[id] == nil {
		w := c.newWorker(id, cmd)
		c.addWorker(w)
		c.watchWorker(w)
	}
	return &RegisterWorkerReply{WorkerID: id, Name: cmd.Name}, nil
}

func (c *Core) newWorker(id string, cmd *RegisterWorker) *worker {
	w := &worker{
		id: id, seq: c.next(), name: cmd.Name, services: cmd.Services,
		serves: map[string]bool{}, labels: maps.Clone(cmd.Labels), runtime: cmd.Runtime, registeredAt: c.now,
	}
	if len(w.services) == 0 {
		w.services = []string{"default"}
	}
	slots := cmd.Slots
	if len(slots) == 0 {
		slots = map[string]int32{slotDefault: 100}
	}
	for _, u := range sortedUnits(slots) {
		w.slots = append(w.slots, slot{Type: u.Type, Capacity: u.Units})
	}
	for _, name := range cmd.Actions {
		if name = strings.ToLower(name); !w.serves[name] {
			w.serves[name] = true
			w.actions = append(w.actions, name)
		}
	}
	return w
}

func checkRegistration(cmd *RegisterWorker) *Error {
	if err := checkSeed(cmd.Seed); err != nil {
		return err
	}
	if !namePattern.MatchString(cmd.Name) {
		return invalid("worker name %q must match %s", cmd.Name, namePattern)
	}
	for _, s := range cmd.Services {
		if !namePattern.MatchString(s) {
			return invalid("service %q must match %s", s, namePattern)
		}
	}
	for _, a := range cmd.Actions {
		if n := strings.Count(a, ":"); n < 1 || n > 2 {
			return invalid("action id %q must have two or three parts joined by a colon", a)
		}
	}
	for _, u := range sortedUnits(cmd.Slots) {
		if u.Units < 0 {
			return invalid("capacity %d of slot type %s must not be negative", u.Units, u.Type)
		}
	}
	if cmd.Runtime != nil && !slices.Contains(languages, cmd.Runtime.Language) {
		return invalid("runtime language %q is not known", cmd.Runtime.Language)
	}
	return nil
}

func (c *Core) addWorker(w *worker) {
	c.workers[w.id] = w
	c.known.push(&w.known, w)
	for _, name := range w.actions {
		a := c.actionNamed(name)
		a.workers = append(a.workers, w)
	}
}

// forgetWorker drops a worker that has been silent for long.
func (c *Core) forgetWorker(w *worker) {
	delete(c.workers, w.id)
	w.known.remove()
	for _, name := range w.actions {
		a := c.actions[name]
		at := slices.Index(a.workers, w)
		a.workers = slices.Delete(a.workers, at, at+1)
		if at < a.cursor {
			a.cursor--
		}
		if a.cursor >= len(a.workers) {
			a.cursor = 0
		}
		c.dropUnused(a)
	}
}

func (c *Core) eachWorker(yield func(*worker) bool) {
	for k := c.known.head; k != nil; k = k.next {
		if !yield(k.item) {
			return
		}
	}
}

func (c *Core) workerByID(id string) (*worker, *Error) {
	if w := c.workers[id]; w != nil {
		return w, nil
	}
	return nil, errorf(NotFound, "worker not found: %s", id)
}

func (c *Core) workerConnected(cmd *WorkerConnected) *Error {
	w, err := c.workerByID(cmd.WorkerID)
	if err != nil {
		return err
	}
	w.sessions = append(w.sessions, session{ID: cmd.SessionID, Beats: cmd.Beats})
	w.listened = true
	w.fresh = w.beaten // it came back: as good as a heartbeat
	c.heardOf(w)
	c.watchWorker(w)
	seen := map[*batch]bool{}
	for k := w.onIt.head; k != nil; k = k.next {
		// What a broken stream or a stopped engine swallowed goes out again.
		if t := k.item; t.confirmed || t.phase != phaseRunning {
			continue
		} else if t.batch == nil {
			again := t.handOut()
			again.Again = true
			c.emit(again)
		} else if !seen[t.batch] {
			seen[t.batch] = true
			again := t.batch.handOut()
			again.Again = true
			c.emit(again)
		}
	}
	c.free(w)
	return nil
}

func (c *Core) workerDisconnected(cmd *WorkerDisconnected) *Error {
	w := c.workers[cmd.WorkerID]
	if w == nil {
		return nil
	}
	c.leaveSessions(w, func(s session) bool { return s.ID == cmd.SessionID })
	return nil
}

// leaveSessions takes away the streams that match.
func (c *Core) leaveSessions(w *worker, match func(session) bool) {
	if w.beats() {
		c.heardOf(w) // until now
	}
	w.sessions = slices.DeleteFunc(w.sessions, match)
	w.fresh = w.fresh && len(w.sessions) > 0
	c.watchWorker(w)
}

func (c *Core) unsubscribe(cmd *Unsubscribe) *Error {
	w, err := c.workerByID(cmd.WorkerID)
	if err != nil {
		return err
	}
	c.leaveSessions(w, func(session) bool { return true })
	return nil
}

func (c *Core) upsertLabels(cmd *UpsertLabels) *Error {
	w, err := c.workerByID(cmd.WorkerID)
	if err != nil {
		return err
	}
	if w.labels == nil {
		w.labels = map[string]Label{}
	}
	maps.Copy(w.labels, cmd.Labels)
	c.free(w)
	return nil
}

func (c *Core) pauseWorker(cmd *PauseWorker) *Error {
	w, err := c.workerByID(cmd.WorkerID)
	if err != nil {
		return err
	}
	w.paused = cmd.Paused
	if !w.paused {
		c.free(w)
	}
	return nil
}

// fits says whether w has the units free, all of them.
func (w *worker) fits(demand []slotUnits) bool {
	for _, u := range demand {
		s := w.slot(u.Type)
		if s == nil || s.Capacity-s.used < u.Units {
			return false
		}
	}
	return true
}

func (w *worker) slot(name string) *slot {
	for i := range w.slots {
		if w.slots[i].Type == name {
			return &w.slots[i]
		}
	}
	return nil
}

func (w *worker) hasRoom() bool {
	for i := range w.slots {
		if w.slots[i].used < w.slots[i].Capacity {
			return true
		}
	}
	return false
}

func (w *worker) take(demand []slotUnits) {
	for _, u := range demand {
		w.slot(u.Type).used += u.Units
	}
}

func (w *worker) give(demand []slotUnits) {
	for _, u := range demand {
		w.slot(u.Type).used -= u.Units
	}
}
