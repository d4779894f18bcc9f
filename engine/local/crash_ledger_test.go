package local_test

import (
	"fmt"
	"maps"
	"sync"
)

// ledger is what engines have acknowledged.
type ledger struct {
	mu     sync.Mutex
	ended  bool
	runs   map[string]string // workflow by run id
	events map[string]bool   // by event id
	done   map[string]string // output by task id
	failed map[string]int32  // newest failed attempt by task id
	memos  map[string]string // value by task id
	sleeps map[string]int32  // newest invocation that was evicted asleep, by task id
}

func newLedger() *ledger {
	return &ledger{
		runs: map[string]string{}, events: map[string]bool{}, done: map[string]string{}, failed: map[string]int32{},
		memos: map[string]string{}, sleeps: map[string]int32{},
	}
}

// note enters what f enters.
func (l *ledger) note(f func(*ledger)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f(l)
}

func (l *ledger) size() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.runs) + len(l.events) + len(l.done) + len(l.failed) + len(l.memos) + len(l.sleeps)
}

// close lets the load end.
func (l *ledger) close() { l.note(func(l *ledger) { l.ended = true }) }

func (l *ledger) closed() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ended
}

func (l *ledger) copy() *ledger {
	l.mu.Lock()
	defer l.mu.Unlock()
	return &ledger{
		runs: maps.Clone(l.runs), events: maps.Clone(l.events), done: maps.Clone(l.done), failed: maps.Clone(l.failed),
		memos: maps.Clone(l.memos), sleeps: maps.Clone(l.sleeps),
	}
}

func (l *ledger) String() string {
	c := l.copy()
	return fmt.Sprintf("%d triggers, %d events, %d completions, %d failures, %d memos, %d evicted sleeps",
		len(c.runs), len(c.events), len(c.done), len(c.failed), len(c.memos), len(c.sleeps))
}
