package store

import (
	"context"
	"fmt"
	"os"
)

// snapshotPart is the size of a row of the snapshot: what is read of it at a
// time.
const snapshotPart = pieceSize

// generationParts is how far the part numbers of two snapshots are apart. Those
// of the one in force are from its generation's first number on; others are
// being made, or left over.
const generationParts = 1 << 32

// Mark is a place in the journal: the end of what was appended by some time.
type Mark struct {
	batch int64
	bytes int64
}

// Mark is the end of what is appended so far.
func (s *Store) Mark() Mark { return Mark{batch: s.next - 1, bytes: s.appended} }

// Snapshot stores data as the state after everything appended so far, and drops
// the journal it replaces, in one transaction.
func (s *Store) Snapshot(ctx context.Context, data []byte) error {
	err := s.change(ctx, func() error { return s.replaceSnapshot(ctx, data) })
	if err != nil {
		return fmt.Errorf("write snapshot to data file %s: %w", s.path, err)
	}
	s.appended, s.leftOver, s.base = 0, false, s.next-1
	return nil
}

func (s *Store) change(ctx context.Context, f func() error) error {
	if s.conn == nil {
		return os.ErrClosed
	}
	return s.transact(ctx, f)
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
	for part := int64(0); ; part++ {
		piece := data[:min(len(data), snapshotPart)]
		data = data[len(piece):]
		if err := s.insertPart(ctx, s.generation, part, piece); err != nil {
			return err
		}
		if len(data) == 0 {
			return nil
		}
	}
}

func (s *Store) insertPart(ctx context.Context, generation, part int64, piece []byte) error {
	_, err := s.conn.ExecContext(ctx, `INSERT INTO snapshot VALUES (?, ?)`, generation*generationParts+part, frame(nil, piece))
	return err
}

// Stage writes one part of a snapshot that is being made, from part 0 on. It
// takes no effect before [Store.Publish]; part 0 drops what was staged before.
func (s *Store) Stage(ctx context.Context, part int, piece []byte) error {
	err := s.change(ctx, func() error {
		if part == 0 {
			if _, err := s.conn.ExecContext(ctx, `DELETE FROM snapshot WHERE part >= ?`, (s.generation+1)*generationParts); err != nil {
				return err
			}
		}
		return s.insertPart(ctx, s.generation+1, int64(part), piece)
	})
	if err != nil {
		return fmt.Errorf("write snapshot to data file %s: %w", s.path, err)
	}
	return nil
}

// Publish puts the staged snapshot, the state at the mark, in force. What it
// replaces is dropped by [Store.Sweep], step by step.
func (s *Store) Publish(ctx context.Context, at Mark) error {
	err := s.change(ctx, func() error {
		_, err := s.conn.ExecContext(ctx, `INSERT OR REPLACE INTO about VALUES ('snapshot', ?), ('generation', ?)`, at.batch, s.generation+1)
		return err
	})
	if err != nil {
		return fmt.Errorf("publish snapshot of data file %s: %w", s.path, err)
	}
	s.generation++
	s.base = at.batch
	s.appended -= at.bytes
	s.leftOver = true
	return nil
}

// LeftOver says whether there is something for Sweep to drop.
func (s *Store) LeftOver() bool { return s.leftOver }

// Sweep drops a little of what a snapshot has replaced.
func (s *Store) Sweep(ctx context.Context) error {
	const batches = 16
	dropped := int64(0)
	err := s.change(ctx, func() error {
		for statement, bound := range map[string]int64{
			`DELETE FROM snapshot WHERE part = (SELECT min(part) FROM snapshot WHERE part < ?)`:                                             s.generation * generationParts,
			fmt.Sprintf(`DELETE FROM journal WHERE batch IN (SELECT batch FROM journal WHERE batch <= ? ORDER BY batch LIMIT %d)`, batches): s.base,
		} {
			result, err := s.conn.ExecContext(ctx, statement, bound)
			if err != nil {
				return err
			}
			n, err := result.RowsAffected()
			if err != nil {
				return err
			}
			dropped += n
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("drop what a snapshot of data file %s replaced: %w", s.path, err)
	}
	s.leftOver = dropped > 0
	return nil
}

// readSnapshot returns the stored snapshot, if there is one. A snapshot that
// cannot be read is a *FormatError, for nothing stands in for it.
func (s *Store) readSnapshot(ctx context.Context) (data []byte, found bool, err error) {
	first := s.generation * generationParts
	rows, err := s.conn.QueryContext(ctx, `SELECT data FROM snapshot WHERE part >= ? AND part < ? ORDER BY part`, first, first+generationParts)
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
