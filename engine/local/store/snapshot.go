package store

import (
	"context"
	"fmt"
	"os"
)

// snapshotPart is the size of a row of the snapshot, well below what SQLite
// can hold in one.
const snapshotPart = 8 << 20

// Snapshot stores data as the state after everything appended so far, and drops
// the journal it replaces, in one transaction.
func (s *Store) Snapshot(ctx context.Context, data []byte) error {
	if s.conn == nil {
		return fmt.Errorf("write snapshot to data file %s: %w", s.path, os.ErrClosed)
	}
	err := s.transact(ctx, func() error { return s.replaceSnapshot(ctx, data) })
	if err != nil {
		return fmt.Errorf("write snapshot to data file %s: %w", s.path, err)
	}
	s.appended = 0
	return nil
}

func (s *Store) replaceSnapshot(ctx context.Context, data []byte) error {
	for _, statement := range []string{
		`DELETE FROM snapshot`,
		`DELETE FROM journal`,
		fmt.Sprintf(`INSERT OR REPLACE INTO about VALUES ('snapshot', %d)`, s.next-1),
	} {
		if _, err := s.conn.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	for part := 0; ; part++ {
		piece := data[:min(len(data), snapshotPart)]
		data = data[len(piece):]
		if _, err := s.conn.ExecContext(ctx, `INSERT INTO snapshot VALUES (?, ?)`, part, frame(nil, piece)); err != nil {
			return err
		}
		if len(data) == 0 {
			return nil
		}
	}
}

// readSnapshot returns the stored snapshot, if there is one. A snapshot that
// cannot be read is a *FormatError, for nothing stands in for it.
func (s *Store) readSnapshot(ctx context.Context) (data []byte, found bool, err error) {
	rows, err := s.conn.QueryContext(ctx, `SELECT data FROM snapshot ORDER BY part`)
	if err != nil {
		return nil, false, s.explain(err)
	}
	defer rows.Close()
	for rows.Next() {
		var body []byte
		if err := rows.Scan(&body); err != nil {
			return nil, false, s.explain(err)
		}
		piece, _, err := unframe(body)
		if err != nil {
			return nil, false, &FormatError{Path: s.path, Reason: fmt.Sprintf("has a damaged snapshot (%v)", err)}
		}
		data, found = append(data, piece...), true
	}
	if err := rows.Err(); err != nil {
		return nil, false, s.explain(err)
	}
	return data, found, nil
}
