package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"

	sqlite3 "modernc.org/sqlite/lib"
)

// Recovery tells what Replay found.
type Recovery struct {
	Snapshot bool // there was one
	Records  int  // applied after it
	// Cut says why the journal's end was cut off; "" = it was whole.
	Cut string
	// Moved is where a file with damaged pages was moved to; "" = it was not. The
	// store is empty then and the caller must write a Snapshot before anything
	// else, which Replay's records were applied for.
	Moved string
}

// Replay hands the snapshot, if there is one, to restore and then every record
// behind it to apply, in the order they were appended. The slices are the
// callee's to keep.
//
// A damaged end of the journal is cut off at the first record that does not
// match its checksum, and a message about it goes to the logger. An error of
// restore or apply ends the replay and is returned.
func (s *Store) Replay(ctx context.Context, restore, apply func([]byte) error) (Recovery, error) {
	var r Recovery
	if err := s.readGeneration(ctx); err != nil {
		return r, err
	}
	data, found, err := s.readSnapshot(ctx)
	if err != nil {
		return r, err
	}
	if found {
		r.Snapshot = true
		if err := restore(data); err != nil {
			return r, fmt.Errorf("restore the snapshot: %w", err)
		}
	}
	cutAt, err := s.replayJournal(ctx, apply, &r)
	if err != nil {
		return r, err
	}
	if r.Cut != "" {
		if err := s.cut(ctx, cutAt, &r); err != nil {
			return r, err
		}
	}
	s.replayed = true
	return r, nil
}

// readGeneration finds out which snapshot is in force, and what it replaces. A
// process that died may have left the rest for Sweep.
func (s *Store) readGeneration(ctx context.Context) error {
	for key, into := range map[string]*int64{"snapshot": &s.base, "generation": &s.generation} {
		var value sql.NullInt64
		err := s.conn.QueryRowContext(ctx, `SELECT max(value) FROM about WHERE key = ?`, key).Scan(&value)
		if err != nil {
			return s.explain(err)
		}
		*into = value.Int64
	}
	s.leftOver = s.generation > 0
	return nil
}

// position is a place in the journal: a batch, and the bytes of it that are
// whole.
type position struct {
	batch int64
	whole []byte
}

// replayJournal applies batch after batch until one is not as it should be,
// whose position it returns with r.Cut set.
func (s *Store) replayJournal(ctx context.Context, apply func([]byte) error, r *Recovery) (position, error) {
	s.next = s.base + 1
	rows, err := s.conn.QueryContext(ctx, `SELECT batch, records FROM journal WHERE batch > ? ORDER BY batch`, s.base)
	if err != nil {
		return position{}, s.explain(err)
	}
	defer rows.Close()
	for rows.Next() {
		at, err := s.replayRow(rows, apply, r)
		if err != nil || r.Cut != "" {
			return at, err
		}
	}
	if err := rows.Err(); err != nil {
		if primaryCode(err) != sqlite3.SQLITE_CORRUPT {
			return position{}, s.explain(err)
		}
		r.Cut, r.Moved = "damaged pages", s.path+".damaged"
	}
	return position{batch: s.next}, nil
}

func (s *Store) replayRow(rows *sql.Rows, apply func([]byte) error, r *Recovery) (position, error) {
	var batch int64
	var body []byte
	if err := rows.Scan(&batch, &body); err != nil {
		return position{}, s.explain(err)
	}
	if batch != s.next {
		r.Cut = fmt.Sprintf("batch %d follows batch %d", batch, s.next-1)
		return position{batch: s.next}, nil
	}
	rest, err := s.replayBatch(body, apply, r)
	if err != nil {
		return position{}, err
	}
	if r.Cut != "" {
		return position{batch: batch, whole: body[:len(body)-len(rest)]}, nil
	}
	s.next++
	s.appended += int64(len(body))
	return position{}, nil
}

// replayBatch applies the records of a batch and returns what is left of it
// when it is not whole.
func (s *Store) replayBatch(body []byte, apply func([]byte) error, r *Recovery) ([]byte, error) {
	for len(body) > 0 {
		record, rest, err := unframe(body)
		if err != nil {
			r.Cut = fmt.Sprintf("batch %d holds %v", s.next, err)
			return body, nil
		}
		if err := apply(record); err != nil {
			return nil, fmt.Errorf("replay batch %d: %w", s.next, err)
		}
		r.Records++
		body = rest
	}
	return nil, nil
}

// cut drops everything from the position on.
func (s *Store) cut(ctx context.Context, at position, r *Recovery) error {
	s.log.Warn("the end of the data file was damaged and has been cut off; what came after is lost",
		"file", s.path, "reason", r.Cut, "records", r.Records, "moved_to", r.Moved)
	if r.Moved != "" {
		return s.startOver(ctx, r.Moved)
	}
	err := s.transact(ctx, func() error {
		if _, err := s.conn.ExecContext(ctx, `DELETE FROM journal WHERE batch >= ?`, at.batch); err != nil {
			return err
		}
		if len(at.whole) == 0 {
			return nil
		}
		s.next++
		s.appended += int64(len(at.whole))
		_, err := s.conn.ExecContext(ctx, `INSERT INTO journal VALUES (?, ?)`, at.batch, at.whole)
		return err
	})
	if primaryCode(err) == sqlite3.SQLITE_CORRUPT {
		r.Moved = s.path + ".damaged"
		return s.startOver(ctx, r.Moved)
	}
	if err != nil {
		return s.explain(err)
	}
	return nil
}

// startOver moves a file whose pages are damaged out of the way and opens an
// empty one in its place.
func (s *Store) startOver(ctx context.Context, moved string) error {
	if err := s.close(); err != nil {
		s.log.Debug("close damaged data file", "file", s.path, "error", err)
	}
	for _, suffix := range []string{"", "-wal"} {
		if err := os.Rename(s.path+suffix, moved+suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("move damaged data file: %w", err)
		}
	}
	fresh, err := Open(ctx, s.path, s.options)
	if err != nil {
		return err
	}
	*s = *fresh
	return nil
}
