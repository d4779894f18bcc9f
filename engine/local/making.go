package local

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync/atomic"

	"github.com/hatchet-js/hatchet-js-worker/engine/local/core"
	"github.com/hatchet-js/hatchet-js-worker/engine/local/store"
)

// making is a snapshot under way. A goroutine of its own brings the state at a
// mark about a second time, from what the store holds, as a restart would, and
// encodes it. The loop reads for it and writes the outcome, a piece at a time
// between two groups of commands, and never stands still for longer, however
// large the state is.
type making struct {
	at   store.Mark
	past *store.Past

	pieces chan store.Piece // capacity 1: the loop sends one whenever it is asked
	asks   atomic.Bool      // the goroutine waits for a piece
	turn   chan struct{}    // capacity 1: the loop has something to do
	ended  chan struct{}    // closed when data or err is set
	data   []byte
	err    error

	parts int // written so far
	size  int64
}

// snapshotPart is how much of a snapshot is written at a time, between two
// groups of commands.
const snapshotPart = 256 << 10

// errDropped is the end of a snapshot that nobody wants any more.
var errDropped = errors.New("the snapshot was dropped")

// begin starts the making of a snapshot as of now. Who takes it up waits for its
// end.
func begin(s *store.Store, config core.Config) *making {
	at := s.Mark()
	m := &making{
		at: at, past: s.Past(at), pieces: make(chan store.Piece, 1), turn: make(chan struct{}, 1), ended: make(chan struct{}),
	}
	go m.run(config)
	return m
}

func (m *making) run(config core.Config) {
	defer m.wake()
	defer close(m.ended)
	defer func() {
		if p := recover(); p != nil {
			m.err = fmt.Errorf("%v\n%s", p, debug.Stack())
		}
	}()
	m.data, m.err = m.encode(config)
	m.size = int64(len(m.data))
}

// encode applies all pieces to a core and gives its snapshot.
func (m *making) encode(config core.Config) ([]byte, error) {
	b := &rebuild{config: config}
	var snapshot []byte
	for {
		m.asks.Store(true)
		m.wake()
		piece, more := <-m.pieces
		if !more {
			return nil, errDropped
		}
		if piece.Snapshot != nil {
			snapshot = append(snapshot, piece.Snapshot...)
			continue
		}
		if b.core == nil {
			if err := b.restore(snapshot); err != nil {
				return nil, err
			}
			snapshot = nil
		}
		if piece.Records == nil { // the end
			return b.core.Snapshot()
		}
		for _, record := range piece.Records {
			if err := b.apply(record); err != nil {
				return nil, err
			}
		}
	}
}

func (m *making) wake() {
	select {
	case m.turn <- struct{}{}:
	default:
	}
}

// feed reads the next piece for the goroutine, which asks for it.
func (m *making) feed(ctx context.Context) error {
	m.asks.Store(false)
	piece, _, err := m.past.Next(ctx)
	if err != nil {
		return err
	}
	m.pieces <- piece // an empty one is the end
	return nil
}

// busy says whether the loop has something to do for the snapshot.
func (m *making) busy() bool { return m.asks.Load() || m.done() }

func (m *making) done() bool {
	select {
	case <-m.ended:
		return true
	default:
		return false
	}
}

// drop ends the making and waits for its end.
func (m *making) drop() {
	close(m.pieces)
	<-m.ended
}

// rebuild makes a core from a snapshot and the records behind it.
type rebuild struct {
	config core.Config
	core   *core.Core
}

// restore takes the snapshot; an empty one is that of a new core.
func (b *rebuild) restore(data []byte) (err error) {
	if len(data) == 0 {
		b.core = core.New(b.config)
		return nil
	}
	if b.core, err = core.Restore(b.config, data); err != nil {
		return &unreadableError{"a snapshot", err}
	}
	return nil
}

// apply takes a record. Its effects went out when it was written.
func (b *rebuild) apply(entry []byte) error {
	at, cmd, err := decodeEntry(entry)
	if err != nil {
		return &unreadableError{"a command", err}
	}
	_, err = applySafely(b.core, at, cmd)
	return err
}
