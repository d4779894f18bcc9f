package worker

import (
	"context"
	"testing"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
)

func lounging(t *testing.T, slots int) (*Worker, *clock.Virtual) {
	virtual := clock.NewVirtual(time.Unix(0, 0))
	w := New(nil, Options{DurableSlots: slots, Clock: virtual})
	t.Cleanup(func() {
		w.cutoff(context.Canceled)
		w.background.Wait()
	})
	return w, virtual
}

// tick lets the watch check once more.
func tick(t *testing.T, v *clock.Virtual) {
	t.Helper()
	for range 1000 {
		if v.Waiting() > 0 {
			v.Advance(crowdedCheck)
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatal("nobody watches")
}

func askedToGo(stays ...*stay) (which int) {
	for i, s := range stays {
		select {
		case <-s.asked:
			which = which*10 + i + 1
		default:
		}
	}
	return which
}

func TestACrowdIsAskedToGoByPriorityAndThenByTime(t *testing.T) {
	w, v := lounging(t, 5)
	l := &w.lounge
	stays := []*stay{
		l.enter(workflow.EvictionPolicy{Capacity: true, Priority: 1}),
		l.enter(workflow.EvictionPolicy{}),
		l.enter(workflow.EvictionPolicy{Capacity: true}),
	}
	v.Advance(time.Second)
	stays = append(stays, l.enter(workflow.EvictionPolicy{Capacity: true}))
	v.Advance(leastStay)
	if v.Waiting() != 0 {
		t.Fatal("four of five slots are watched")
	}
	stays = append(stays, l.enter(workflow.EvictionPolicy{Capacity: true})) // has only come
	for _, want := range []int{3, 4, 1} {
		which := 0
		for range 1000 {
			if which = askedToGo(stays...); which != 0 {
				break
			}
			tick(t, v)
			time.Sleep(time.Millisecond)
		}
		if which != want {
			t.Fatalf("stay %d was asked to go, want %d", which, want)
		}
		l.leave(stays[which-1])
		l.enter(workflow.EvictionPolicy{}) // it stays crowded
	}
}

func TestTheWatchEndsWithTheCrowd(t *testing.T) {
	w, v := lounging(t, 1)
	s := w.lounge.enter(workflow.EvictionPolicy{Capacity: true})
	tick(t, v)
	w.lounge.leave(s)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		w.background.Wait()
	}()
	for range 1000 {
		select {
		case <-ended:
			return
		case <-time.After(time.Millisecond):
			v.Advance(crowdedCheck)
		}
	}
	t.Error("an empty room is watched")
}
