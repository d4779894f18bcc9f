package local

import (
	"context"
	"encoding/binary"
	"fmt"
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
// that the work for snapshots stays in proportion to the work done.
func (j *journal) compact(ctx context.Context, c *core.Core) error {
	if j.store.Appended() < max(j.after, 2*j.last) {
		return nil
	}
	return j.snapshot(ctx, c)
}

func (j *journal) snapshot(ctx context.Context, c *core.Core) error {
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
