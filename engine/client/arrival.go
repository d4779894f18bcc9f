package client

import (
	"context"
	"sync"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

const (
	// arrivalLag is how long after it acknowledged a run a server under load may
	// still not know it: the trigger waits in a queue then (hatchet-protocol.md
	// section 6.1).
	arrivalLag = 10 * time.Second
	// arrivalRetry is the first wait before the server is asked again; each is
	// twice as long as the one before, up to arrivalPace.
	arrivalRetry = 25 * time.Millisecond
	arrivalPace  = 400 * time.Millisecond
	// cancelsAtOnce bounds the questions that one Cancel asks at a time.
	cancelsAtOnce = 16
)

// arrivals are the runs that this client started a short while ago, of which
// "not found" is no final answer. Two maps that change places when arrivalLag
// has passed keep them at least that long, and cost nothing to clean up.
type arrivals struct {
	mu         sync.Mutex
	young, old map[string]struct{}
	turned     time.Time
}

func (a *arrivals) add(now time.Time, ids ...string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.turn(now)
	if a.young == nil {
		a.young = map[string]struct{}{}
	}
	for _, id := range ids {
		a.young[id] = struct{}{}
	}
}

func (a *arrivals) expected(now time.Time, id string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.turn(now)
	_, young := a.young[id]
	_, old := a.old[id]
	return young || old
}

func (a *arrivals) turn(now time.Time) {
	switch age := now.Sub(a.turned); {
	case age >= 2*arrivalLag:
		a.young, a.old, a.turned = nil, nil, now
	case age >= arrivalLag:
		a.young, a.old, a.turned = nil, a.young, now
	}
}

func (a *arrivals) seen(id string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.young, id)
	delete(a.old, id)
}

// arrived asks the server about a run, again while it says that it does not
// know one that it acknowledged a moment ago.
func (c *Client) arrived(ctx context.Context, id string, ask func(context.Context) error) error {
	for wait := arrivalRetry; ; wait = min(2*wait, arrivalPace) {
		err := ask(ctx)
		if err == nil {
			c.arrivals.seen(id)
		}
		if status.Code(err) != codes.NotFound || !c.arrivals.expected(c.options.Clock.Now(), id) {
			return err
		}
		if err := clock.Sleep(ctx, c.options.Clock, wait); err != nil {
			return err
		}
	}
}

// awaitArrival waits until the server knows those of the runs that were started
// a moment ago: it passes over ids that it does not know yet.
func (c *Client) awaitArrival(ctx context.Context, ids []string) error {
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(cancelsAtOnce)
	for _, id := range ids {
		if !c.arrivals.expected(c.options.Clock.Now(), id) {
			continue
		}
		group.Go(func() error {
			_, err := c.Details(inner, id)
			if status.Code(err) == codes.NotFound {
				return nil // then there is nothing to wait for either
			}
			return err
		})
	}
	return group.Wait()
}
