package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// pieceSize is about how much of a [Past] is read at a time.
const pieceSize = 256 << 10

// Past is what the file held at a mark: the snapshot in force and the records
// behind it. Until it is read, nothing of it may be replaced: no snapshot is
// published and nothing is swept.
type Past struct {
	store *Store
	part  int64 // the next of the snapshot
	parts bool  // there are more, perhaps
	batch int64 // the last that was read
	until int64
}

// Piece is a part of a [Past]: the next bytes of the snapshot or, once they are
// all read, records. The slices are the callee's to keep.
type Piece struct {
	Snapshot []byte
	Records  [][]byte
}

// Past is what the file holds up to a mark.
func (s *Store) Past(at Mark) *Past {
	return &Past{store: s, part: s.generation * generationParts, parts: true, batch: s.base, until: at.batch}
}

// Next reads the next piece, of bounded size as far as the records are; false
// after the last one. What is damaged is an error.
func (p *Past) Next(ctx context.Context) (piece Piece, more bool, err error) {
	if p.store.conn == nil {
		return piece, false, fmt.Errorf("read data file %s: it is closed", p.store.path)
	}
	if p.parts {
		piece.Snapshot, err = p.nextPart(ctx)
		if err != nil || p.parts {
			return piece, true, err
		}
	}
	if p.batch >= p.until {
		return piece, false, nil
	}
	piece.Records, err = p.nextRecords(ctx)
	return piece, true, err
}

func (p *Past) nextPart(ctx context.Context) ([]byte, error) {
	var body []byte
	row := p.store.conn.QueryRowContext(ctx, `SELECT part, data FROM snapshot WHERE part >= ? AND part < ? ORDER BY part LIMIT 1`,
		p.part, (p.store.generation+1)*generationParts)
	err := row.Scan(&p.part, &body)
	if errors.Is(err, sql.ErrNoRows) {
		p.parts = false
		return nil, nil
	}
	if err != nil {
		return nil, p.store.explain(err)
	}
	p.part++
	data, _, err := unframe(body)
	if err != nil {
		return nil, &FormatError{Path: p.store.path, Reason: fmt.Sprintf("has a damaged snapshot (%v)", err)}
	}
	return data, nil
}

func (p *Past) nextRecords(ctx context.Context) (records [][]byte, err error) {
	rows, err := p.store.conn.QueryContext(ctx, `SELECT batch, records FROM journal WHERE batch > ? AND batch <= ? ORDER BY batch`, p.batch, p.until)
	if err != nil {
		return nil, p.store.explain(err)
	}
	defer rows.Close()
	for size := 0; size < pieceSize && rows.Next(); {
		var batch int64
		var body []byte
		if err := rows.Scan(&batch, &body); err != nil {
			return nil, p.store.explain(err)
		}
		if batch != p.batch+1 {
			return nil, &FormatError{Path: p.store.path, Reason: fmt.Sprintf("has batch %d behind batch %d", batch, p.batch)}
		}
		p.batch = batch
		size += len(body)
		for len(body) > 0 {
			record, rest, err := unframe(body)
			if err != nil {
				return nil, &FormatError{Path: p.store.path, Reason: fmt.Sprintf("has a damaged batch %d (%v)", batch, err)}
			}
			records, body = append(records, record), rest
		}
	}
	if err := rows.Err(); err != nil {
		return nil, p.store.explain(err)
	}
	if len(records) == 0 && p.batch < p.until {
		return nil, &FormatError{Path: p.store.path, Reason: fmt.Sprintf("ends with batch %d before batch %d", p.batch, p.until)}
	}
	return records, nil
}
