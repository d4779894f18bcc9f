package worker

import (
	"context"
	"sync"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/worker/internal/reconnect"
)

// retireCheck is how often a registration that was taken over looks whether it
// can leave.
const retireCheck = time.Second

// crew is the registrations of a worker: at most one that serves, one that is
// about to take over, and any number that finish what they were assigned.
type crew struct {
	worker *Worker
	group  sync.WaitGroup // everything the crew started

	mu      sync.Mutex
	active  *registration
	coming  *registration
	members map[*registration]struct{}
	ever    bool // a registration was established once
	last    *handover
}

// take begins to adopt a generation, ending the adoption before it. Only Run's
// goroutine calls it.
func (c *crew) take(h *handover) {
	previous := c.last
	c.last = h
	if previous != nil {
		previous.cancel(ErrSuperseded)
	}
	c.group.Go(func() {
		if previous != nil {
			<-previous.done
		}
		h.finish(c.worker.adopt(h.ctx, h.generation))
	})
}

// ensure returns the registration that serves, or is going to serve, the
// catalogue; nil if that has no actions.
func (c *crew) ensure(next *catalogue) *registration {
	c.mu.Lock()
	defer c.mu.Unlock()
	newest := c.coming
	if newest == nil {
		newest = c.active
	}
	if newest != nil && newest.serves(next) {
		return newest
	}
	c.discardComing()
	if len(next.actions) == 0 {
		c.retireActive()
		return nil
	}
	if c.active != nil && c.active.serves(next) {
		return c.active
	}
	c.coming = newRegistration(c.worker, next)
	c.start(c.coming)
	return c.coming
}

func (c *crew) start(r *registration) {
	ctx, cancel := context.WithCancelCause(c.worker.life)
	r.cancel = cancel
	if c.members == nil {
		c.members = map[*registration]struct{}{}
	}
	c.members[r] = struct{}{}
	c.group.Go(func() {
		r.run(ctx)
		c.forget(r)
	})
	c.group.Go(func() {
		select {
		case <-r.established:
			c.promote(r)
		case <-r.done:
		}
	})
}

// promote makes r the one that serves; the one before it retires.
func (c *crew) promote(r *registration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.coming != r {
		return
	}
	c.retireActive()
	c.active, c.coming, c.ever = r, nil, true
}

func (c *crew) retireActive() {
	if old := c.active; old != nil {
		c.active = nil
		c.group.Go(func() {
			c.serveOut(old)
			c.retire(old)
		})
	}
}

func (c *crew) discardComing() {
	if unborn := c.coming; unborn != nil {
		c.coming = nil
		c.group.Go(func() { c.retire(unborn) })
	}
}

// retire lets a registration finish. Its heartbeats become so rare that it gets
// no new work most of the time, while its tasks stay its own and can still be
// cancelled; it leaves when it has none and the engine cannot be about to send
// one.
func (c *crew) retire(r *registration) {
	r.quiet.Store(true)
	for {
		silent := c.worker.clock.Now().Sub(time.Unix(0, r.lastBeat.Load()))
		if r.assigned.Load() == 0 && silent >= eligible {
			break
		}
		select {
		case <-r.done:
			return
		default:
		}
		if reconnect.Wait(c.worker.life, c.worker.clock, retireCheck, r.done) != nil {
			return
		}
	}
	r.leave(c.worker.life)
	r.cancel(errLeft)
}

// forget removes a registration that is over. When only one is left, nothing
// can be assigned any more that it does not serve.
func (c *crew) forget(r *registration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.members, r)
	if len(c.members) > 1 || c.active == nil {
		return
	}
	if now := c.worker.catalogue.Load(); now != nil && len(now.withdrawn) > 0 && c.active.serves(now) {
		c.worker.catalogue.CompareAndSwap(now, assemble(now.entries, nil))
	}
}

// speaks reports whether the state of r is the state of the worker.
func (c *crew) speaks(r *registration) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.active != nil {
		return c.active == r
	}
	return c.coming == r
}

func (c *crew) everEstablished() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ever
}

// stopTaking ends an adoption that is under way.
func (c *crew) stopTaking() {
	if c.last != nil {
		c.last.cancel(ErrStopped)
		<-c.last.done
	}
}

// leave has every registration leave, side by side.
func (c *crew) leave() {
	c.mu.Lock()
	var group sync.WaitGroup
	for r := range c.members {
		group.Go(func() { r.leave(c.worker.life) })
	}
	c.mu.Unlock()
	group.Wait()
}

// disband ends every registration and waits for all the crew started.
func (c *crew) disband() {
	c.mu.Lock()
	for r := range c.members {
		r.cancel(errLeft)
	}
	c.mu.Unlock()
	c.group.Wait()
}
