package core

import (
	"slices"
	"time"
)

// Liveness (hatchet-protocol.md section 3.5) is kept apart from the rest of the
// state. Heartbeats come every few seconds from every worker and matter only
// when they stop, or start again, so they are not in the journal: what is, are
// the judgements. A heartbeat of a worker that is not fresh is journaled, and so
// is [WorkerSilent], which [Core.Due] gives for a worker that has been silent.
// Everything in life is left out of snapshots and is nothing that other parts
// of the state may depend on.

// life is what is known of a worker's heartbeats.
type life struct {
	heard    time.Time // its silence counts from here
	lastBeat time.Time // zero = none in the life of this engine
	alarm    timer     // when its silence says something
}

// eligible says whether a worker gets new work.
func (c *Core) eligible(w *worker) bool {
	if len(w.sessions) == 0 || w.paused {
		return false
	}
	return c.config.HeartbeatFresh < 0 || w.fresh || w.beats()
}

// beats says whether the engine heartbeats for w.
func (w *worker) beats() bool {
	return slices.ContainsFunc(w.sessions, func(s session) bool { return s.Beats })
}

func (c *Core) heartbeat(cmd *Heartbeat) *Error {
	w, err := c.workerByID(cmd.WorkerID)
	if err != nil {
		return err
	}
	if w.rejectsBeats() {
		return errorf(FailedPrecondition, "Heartbeat rejected: worker stream is not active")
	}
	w.life.lastBeat = c.present
	c.heardOf(w)
	if !w.fresh {
		w.fresh, w.beaten = true, true
		c.free(w)
	}
	c.watchLife(w)
	return nil
}

// rejectsBeats says whether w has lost its stream.
func (w *worker) rejectsBeats() bool { return w.listened && len(w.sessions) == 0 }

// heardOf notes a sign of life.
func (c *Core) heardOf(w *worker) { w.life.heard = c.present }

// watchLife sets the alarm of a worker to when its silence would say something.
func (c *Core) watchLife(w *worker) {
	var at time.Time
	if fresh := c.config.HeartbeatFresh; fresh >= 0 && w.fresh {
		at = w.life.heard.Add(fresh)
	}
	if dead := c.config.HeartbeatDead; dead >= 0 && w.onIt.size > 0 {
		if lost := w.life.heard.Add(dead); at.IsZero() || lost.Before(at) {
			at = lost
		}
	}
	switch alarm := &w.life.alarm; {
	case at.IsZero() || w.beats():
		c.alarms.remove(alarm)
	case !alarm.set() || !alarm.at.Equal(at):
		c.alarms.put(alarm, timer{at: at, seq: w.seq, owner: w})
	}
}

// silent lists the judgements on workers whose alarm has gone off.
func (c *Core) silent(now time.Time) []Command {
	var out []Command
	for len(c.alarms) > 0 && !c.alarms[0].at.After(now) {
		w := c.alarms[0].owner.(*worker)
		c.alarms.remove(&w.life.alarm)
		lost := c.config.HeartbeatDead >= 0 && now.Sub(w.life.heard) >= c.config.HeartbeatDead
		out = append(out, WorkerSilent{WorkerID: w.id, Lost: lost})
	}
	return out
}

// workerSilent keeps work from a worker and, if it is lost, gives the work that
// it has to others.
func (c *Core) workerSilent(cmd *WorkerSilent) *Error {
	w, err := c.workerByID(cmd.WorkerID)
	if err != nil {
		return err
	}
	w.fresh = false
	if cmd.Lost {
		c.takeBack(w, "the worker stopped sending heartbeats")
	}
	c.watchLife(w)
	return nil
}

// takeBack ends the attempts on a worker, for no fault of theirs.
func (c *Core) takeBack(w *worker, reason string) {
	for _, t := range w.onIt.items() {
		c.retryInternally(t, reason, 0)
	}
}

// watchWorker sets the timer of a worker to what is to become of it, and its
// alarm.
func (c *Core) watchWorker(w *worker) {
	c.watchLife(w)
	switch {
	case len(w.sessions) > 0:
		c.disarm(&w.timer)
	case w.onIt.size == 0:
		c.arm(&w.timer, c.now.Add(workerForgotten), w)
	case c.config.HeartbeatDead < 0:
		c.arm(&w.timer, c.now, w)
	default:
		c.disarm(&w.timer) // the alarm stands for it
	}
}

// due takes the tasks of a worker without a stream back, or forgets an idle one.
func (w *worker) due(c *Core) {
	switch {
	case len(w.sessions) > 0:
	case w.onIt.size > 0:
		c.takeBack(w, "the worker's stream is gone")
	default:
		c.alarms.remove(&w.life.alarm)
		c.forgetWorker(w)
	}
}
