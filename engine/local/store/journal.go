package store

import (
	"context"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"os"
)

// castagnoli is the polynomial of the checksums; processors compute it in
// hardware.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

const frameHeader = 8 // length and checksum, 4 bytes each, little endian

// frame appends one record with its length and checksum.
func frame(dst, record []byte) []byte {
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(record)))
	dst = binary.LittleEndian.AppendUint32(dst, crc32.Checksum(record, castagnoli))
	return append(dst, record...)
}

// unframe splits the first record off. The error says what is wrong with it.
func unframe(data []byte) (record, rest []byte, err error) {
	if len(data) < frameHeader {
		return nil, nil, fmt.Errorf("%d bytes where a record should start", len(data))
	}
	length := binary.LittleEndian.Uint32(data)
	sum := binary.LittleEndian.Uint32(data[4:])
	data = data[frameHeader:]
	if uint64(length) > uint64(len(data)) {
		return nil, nil, fmt.Errorf("a record of %d bytes with %d left", length, len(data))
	}
	record, rest = data[:length:length], data[length:]
	if crc32.Checksum(record, castagnoli) != sum {
		return nil, nil, fmt.Errorf("a record of %d bytes with a wrong checksum", length)
	}
	return record, rest, nil
}

// Append writes the records as one batch in one transaction: all of them or,
// with an error, none. After an error the store must be closed.
func (s *Store) Append(ctx context.Context, records [][]byte) error {
	if s.insert == nil {
		return fmt.Errorf("append to data file %s: %w", s.path, os.ErrClosed)
	}
	if !s.replayed {
		return fmt.Errorf("append to data file %s: it was not replayed", s.path)
	}
	if len(records) == 0 {
		return nil
	}
	size := 0
	for _, r := range records {
		size += frameHeader + len(r)
	}
	body := make([]byte, 0, size)
	for _, r := range records {
		body = frame(body, r)
	}
	if _, err := s.insert.ExecContext(ctx, s.next, body); err != nil {
		return fmt.Errorf("append to data file %s: %w", s.path, err)
	}
	s.next++
	s.appended += int64(size)
	return nil
}

// Appended is how many bytes of records lie behind the last snapshot: what a
// restart would have to read and apply.
func (s *Store) Appended() int64 { return s.appended }
