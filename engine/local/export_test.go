package local

import "context"

// Watchers counts the subscriptions to a run, or those by metadata.
func (e *Engine) Watchers(runID string) (n int) {
	_ = e.loop.touch(context.Background(), func(h *hub) {
		if n = len(h.runEvents[runID]); runID == "" {
			n = len(h.metadata)
		}
	})
	return n
}

// BreakJournal makes the next write to the data file fail.
func (e *Engine) BreakJournal() error {
	var err error
	_ = e.loop.touch(context.Background(), func(*hub) { err = e.loop.journal.store.Close() })
	return err
}

// Streams counts the open streams of all kinds.
func (e *Engine) Streams() (n int) {
	_ = e.loop.touch(context.Background(), func(h *hub) { n = len(h.open) })
	return n
}

// SnapshotAfter makes an engine take snapshots so many bytes of journal apart.
func (o Options) SnapshotAfter(bytes int64) Options {
	o.snapshotAfter = bytes
	return o
}

// JournalBytes is the size of the commands since the newest snapshot.
func (e *Engine) JournalBytes() (n int64) {
	_ = e.loop.touch(context.Background(), func(*hub) { n = e.loop.journal.store.Appended() })
	return n
}
