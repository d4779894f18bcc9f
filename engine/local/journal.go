package local

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/local/cel"
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
	store  *store.Store
	config core.Config
	log    *slog.Logger
	after  int64 // bytes of commands that are kept at least before a snapshot
	batch  [][]byte
	last   int64 // size of the newest snapshot, in bytes

	making *making // a snapshot under way; nil = none
}

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
// part of the work at a time, and leaves most of it to another goroutine.
func (j *journal) compact(ctx context.Context, c *core.Core) error {
	switch m := j.making; {
	case m == nil && j.store.LeftOver():
		return j.store.Sweep(ctx)
	case m == nil && j.store.Appended() >= max(j.after, 2*j.last):
		j.making = begin(j.store, j.beside())
	case m == nil:
	case m.done() && m.err != nil:
		return j.atOnce(ctx, c, m.err)
	case m.done():
		return j.write(ctx, m)
	case m.asks.Load():
		if err := m.feed(ctx); err != nil {
			return j.atOnce(ctx, c, err)
		}
	}
	return nil
}

// atOnce takes the snapshot of the core itself, when it could not be made beside
// it.
func (j *journal) atOnce(ctx context.Context, c *core.Core, reason error) error {
	j.log.Warn("a snapshot could not be made from the data file and is made from the state", "file", j.store.Path(), "error", reason)
	return j.snapshot(ctx, c)
}

// beside is the configuration of a second core. An evaluator of CEL belongs to
// one goroutine.
func (j *journal) beside() core.Config {
	config := j.config
	if _, ours := config.Evaluator.(*cel.Evaluator); ours {
		config.Evaluator = cel.New()
	}
	return config
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
		return j.making.busy()
	}
	return j.store.LeftOver()
}

// ready says that compact may be able to go on; nil = it waits for nothing.
func (j *journal) ready() <-chan struct{} {
	if j == nil || j.making == nil {
		return nil
	}
	return j.making.turn
}

// settle drops a snapshot under way.
func (j *journal) settle() {
	if j.making != nil {
		j.making.drop()
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
func (j *journal) recover(ctx context.Context) (*core.Core, store.Recovery, error) {
	b := &rebuild{config: j.config, core: core.New(j.config)}
	restore := func(data []byte) error {
		j.last = int64(len(data))
		return j.unreadable(b.restore(data))
	}
	r, err := j.store.Replay(ctx, restore, func(entry []byte) error { return j.unreadable(b.apply(entry)) })
	if err != nil {
		return nil, r, err
	}
	if r.Moved != "" {
		return b.core, r, j.snapshot(ctx, b.core)
	}
	return b.core, r, nil
}

// unreadableError says that what is whole means nothing to this version.
type unreadableError struct {
	what string
	err  error
}

func (e *unreadableError) Error() string {
	return fmt.Sprintf("%s that this version cannot read (%v)", e.what, e.err)
}

func (e *unreadableError) Unwrap() error { return e.err }

// unreadable tells the file of what is unreadable in it; other errors stay as
// they are.
func (j *journal) unreadable(err error) error {
	var unreadable *unreadableError
	if !errors.As(err, &unreadable) {
		return err
	}
	return &store.FormatError{Path: j.store.Path(), Reason: "holds " + unreadable.Error()}
}

// decodeEntry reads what add wrote.
func decodeEntry(entry []byte) (time.Time, core.Command, error) {
	if len(entry) < timeSize {
		return time.Time{}, nil, fmt.Errorf("a record of %d bytes", len(entry))
	}
	cmd, err := core.Decode(entry[timeSize:])
	return time.Unix(0, int64(binary.LittleEndian.Uint64(entry))).UTC(), cmd, err
}
