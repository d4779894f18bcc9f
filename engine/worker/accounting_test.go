package worker

import (
	"fmt"
	"testing"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
)

func granted(c *claim) bool {
	if c.granted == nil {
		return true
	}
	select {
	case <-c.granted:
		return true
	default:
		return false
	}
}

func TestSlotsAreGrantedByArrivalAndAllTypesAtOnce(t *testing.T) {
	s := newSlots(map[string]int{"default": 2, "gpu": 1})
	one := map[string]int32{"default": 1}
	both := map[string]int32{"default": 1, "gpu": 1}
	a, b := s.take(both), s.take(both)
	if !granted(a) || granted(b) {
		t.Fatal("one gpu was given to two, or to none")
	}
	c, d := s.take(one), s.take(one)
	if !granted(c) || granted(d) {
		t.Fatal("a claim on one type waited for another type, or got what is taken")
	}
	s.give(d) // gives up waiting
	s.give(a)
	if !granted(b) {
		t.Error("what became free was not given on")
	}
	s.give(b)
	s.give(c)
	if use := s.use(); use["default"] != (SlotUse{0, 2}) || use["gpu"] != (SlotUse{0, 1}) {
		t.Errorf("left over: %v", use)
	}
}

func TestAClaimBeyondAllSlotsRunsAlone(t *testing.T) {
	s := newSlots(map[string]int{"default": 2})
	small := s.take(map[string]int32{"default": 1})
	huge := s.take(map[string]int32{"default": 5})
	if granted(huge) {
		t.Error("granted beside another")
	}
	s.give(small)
	if !granted(huge) {
		t.Error("not granted alone")
	}
}

func TestADeadlineMovesUntilItHasPassed(t *testing.T) {
	v := clock.NewVirtual(time.Unix(0, 0))
	var d deadline
	passed := make(chan string, 3)
	d.arm(v, time.Unix(10, 0), func() { passed <- "deadline" })
	if at := d.extend(10 * time.Second); !at.Equal(time.Unix(20, 0)) {
		t.Errorf("moved to %v", at)
	}
	v.Advance(15 * time.Second)
	if len(passed) != 0 || d.left() != 5*time.Second {
		t.Errorf("passed too early, %v left", d.left())
	}
	v.Advance(5 * time.Second)
	<-passed
	if at := d.extend(time.Hour); !at.Equal(time.Unix(20, 0)) {
		t.Errorf("a deadline that passed moved to %v", at)
	}
	d.rearm(time.Second, func() { passed <- "grace" })
	v.Advance(time.Second)
	if got := <-passed; got != "grace" {
		t.Errorf("then came %s", got)
	}
	d.stop()
	d.rearm(time.Second, func() { passed <- "ghost" })
	if v.Waiting() != 0 {
		t.Error("a stopped deadline waits")
	}
}

func TestPinsForgetTheOldestFirst(t *testing.T) {
	var p pins
	a, b := &action{}, &action{}
	for i := range maxPins + 10 {
		p.put(pinKey{fmt.Sprint(i), 0}, a)
	}
	if p.take(pinKey{"0", 0}) != nil || p.take(pinKey{"10", 0}) != a || len(p.byKey) != maxPins-1 {
		t.Errorf("%d pins", len(p.byKey))
	}
	if p.take(pinKey{"10", 0}) != nil || p.take(pinKey{"11", 1}) != nil {
		t.Error("taken twice, or for another attempt")
	}
	for range 3 * maxPins { // one run, evicted and resumed for ever
		p.put(pinKey{"x", 0}, b)
		if p.take(pinKey{"x", 0}) != b {
			t.Fatal("lost")
		}
	}
	if len(p.order) > 2*len(p.byKey)+65 {
		t.Errorf("the order of %d pins has %d entries", len(p.byKey), len(p.order))
	}
}

func TestFinishedAttemptsAreRememberedWithinBounds(t *testing.T) {
	table := newTable()
	w := &registration{}
	attemptOf := func(task string, retry int32) *attempt {
		return &attempt{key: attemptKey{task: task, retry: retry}, registration: w, drop: func(error) {}}
	}
	for i := range maxRecent + 5 {
		a := attemptOf(fmt.Sprint(i), 0)
		if _, ok := table.admit(a); !ok {
			t.Fatal("refused")
		}
		table.release(a)
	}
	if len(table.recent) != maxRecent {
		t.Errorf("%d remembered", len(table.recent))
	}
	if _, ok := table.admit(attemptOf(fmt.Sprint(maxRecent), 0)); ok {
		t.Error("a finished attempt was taken up again")
	}
	first, second := attemptOf("x", 1), attemptOf("x", 2)
	table.admit(first)
	if replaced, ok := table.admit(second); !ok || replaced != first {
		t.Error("a later attempt did not replace the earlier one")
	}
	if _, ok := table.admit(attemptOf("x", 0)); ok {
		t.Error("an older attempt was taken up")
	}
	table.release(first)
	if table.find("x") != second || table.hold(first) {
		t.Error("the end of the earlier attempt ended the later one")
	}
	table.release(second)
	<-table.empty()
}
