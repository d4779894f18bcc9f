package local

import (
	"context"
	"encoding/binary"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/local/core"
	"github.com/hatchet-js/hatchet-js-worker/engine/local/store"
)

// journalFormat is the version of the journal's records and snapshots: a time
// and an encoded command each.
const journalFormat = 1

// defaultSnapshotAfter is how many bytes of commands are kept at least before a
// snapshot replaces them.
const defaultSnapshotAfter = 4 << 20

const timeSize = 8 // nanoseconds since 1970, little endian

// journal writes commands to a store in groups. The loop owns it.
type journal struct {
	store *store.Store
	after int64 // bytes of commands that are kept at least before a snapshot
	batch [][]byte
	last  int64 // size of the newest snapshot, in bytes

	making *making // a snapshot under way; nil = none
}

// making is a snapshot while it is encoded on a goroutine of its own, and then
// written part by part.
type making struct {
	at      store.Mark
	encoded chan struct{} // closed when data or err is set
	data    []byte
	err     error
	parts   int // written so far
	size    int64
}

// snapshotPart is how much of a snapshot is written at a time, between two
// groups of commands.
const snapshotPart = 1 << 20

// add puts a record into the present group.
func (j *journal) add(at time.Time, record []byte) {
	entry := make([]byte, 0, timeSize+len(record))
	entry = binary.LittleEndian.AppendUint64(entry, uint64(at.UnixNano()))
	j.batch = append(j.batch, append(entry, record...))
}

// commit writes the group in one transaction. It takes no context: a group is
// written whole, also while the engine is being stopped.
func (j *journal) commit() error {
	err := j.store.Append(context.Background(), j.batch)
	clear(j.batch)
	j.batch = j.batch[:0]
	return err
}

// compact takes a snapshot once the journal has outgrown the newest one, so
// that the work for snapshots stays in proportion to the work done. It does a
// part of the work at a time: the core is captured at once, encoded meanwhile,
// and written and put in force in steps.
func (j *journal) compact(ctx context.Context, c *core.Core) error {
	switch m := j.making; {
	case m == nil && j.store.LeftOver():
		return j.store.Sweep(ctx)
	case m == nil && j.store.Appended() >= max(j.after, 2*j.last):
		j.making = begin(j.store.Mark(), c.Capture())
	case m == nil || !m.done():
	case m.err != nil:
		return j.snapshot(ctx, c)
	default:
		return j.write(ctx, m)
	}
	return nil
}

// begin encodes a capture. Who takes the snapshot up waits for its end.
func begin(at store.Mark, captured *core.Capture) *making {
	m := &making{at: at, encoded: make(chan struct{})}
	go func() {
		defer close(m.encoded)
		defer func() {
			if p := recover(); p != nil {
				m.err = fmt.Errorf("encode a snapshot: %v\n%s", p, debug.Stack())
			}
		}()
		m.data, m.err = captured.Encode()
		m.size = int64(len(m.data))
	}()
	return m
}

func (m *making) done() bool {
	select {
	case <-m.encoded:
		return true
	default:
		return false
	}
}

// write writes the next part, and after the last puts the snapshot in force.
func (j *journal) write(ctx context.Context, m *making) error {
	if len(m.data) == 0 {
		j.making = nil
		j.last = m.size
		return j.store.Publish(ctx, m.at)
	}
	piece := m.data[:min(len(m.data), snapshotPart)]
	m.data = m.data[len(piece):]
	m.parts++
	return j.store.Stage(ctx, m.parts-1, piece)
}

// busy says whether compact has something to do at once.
func (j *journal) busy() bool {
	if j == nil {
		return false
	}
	if j.making != nil {
		return j.making.done()
	}
	return j.store.LeftOver()
}

// ready is closed when compact can go on; nil = it waits for nothing.
func (j *journal) ready() <-chan struct{} {
	if j == nil || j.making == nil {
		return nil
	}
	return j.making.encoded
}

// settle waits for the end of a snapshot under way and drops it.
func (j *journal) settle() {
	if j.making != nil {
		<-j.making.encoded
		j.making = nil
	}
}

// snapshot takes a snapshot at once, whatever is under way.
func (j *journal) snapshot(ctx context.Context, c *core.Core) error {
	j.settle()
	data, err := c.Snapshot()
	if err != nil {
		return fmt.Errorf("take a snapshot: %w", err)
	}
	if err := j.store.Snapshot(ctx, data); err != nil {
		return err
	}
	j.last = int64(len(data))
	return nil
}

// recover makes the core that the store describes. Effects of replayed commands
// went out in an earlier life, or the core brings them about again when workers
// come back.
func (j *journal) recover(ctx context.Context, config core.Config) (*core.Core, store.Recovery, error) {
	c := core.New(config)
	restore := func(data []byte) (err error) {
		if c, err = core.Restore(config, data); err != nil {
			return j.unreadable("a snapshot", err)
		}
		j.last = int64(len(data))
		return nil
	}
	apply := func(entry []byte) error {
		at, cmd, err := decodeEntry(entry)
		if err != nil {
			return j.unreadable("a command", err)
		}
		_, err = applySafely(c, at, cmd)
		return err
	}
	r, err := j.store.Replay(ctx, restore, apply)
	if err != nil {
		return nil, r, err
	}
	if r.Moved != "" {
		return c, r, j.snapshot(ctx, c)
	}
	return c, r, nil
}

// unreadable says that what is whole on the disk means nothing to this version.
func (j *journal) unreadable(what string, err error) error {
	return &store.FormatError{Path: j.store.Path(), Reason: fmt.Sprintf("holds %s that this version cannot read (%v)", what, err)}
}

// decodeEntry reads what add wrote.
func decodeEntry(entry []byte) (time.Time, core.Command, error) {
	if len(entry) < timeSize {
		return time.Time{}, nil, fmt.Errorf("a record of %d bytes", len(entry))
	}
	cmd, err := core.Decode(entry[timeSize:])
	return time.Unix(0, int64(binary.LittleEndian.Uint64(entry))).UTC(), cmd, err
}
