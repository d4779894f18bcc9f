// Package store keeps the journal of the embedded engine in one SQLite file:
// batches of records, each batch written in one transaction, and now and then
// a snapshot that takes the place of all records before it.
//
// A batch that Append returned from survives the death of the process at any
// moment (kill -9, a panic, an out-of-memory kill): the write-ahead log is in
// the operating system's hands by then. Waiting for the disk itself
// (synchronous=FULL) would also cover a power cut or a kernel crash, at the
// price of a disk flush per batch; for an engine that lives on one machine
// with its worker that buys little, so synchronous=NORMAL is used: after a
// power cut the newest batches may be missing, but what is there is whole and
// in order.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

const (
	// applicationID marks our files in the SQLite header ("HJSW").
	applicationID = 0x484a5357
	// layout is the version of the tables below; the version of the records
	// is the caller's Options.Format.
	layout = 1
)

// schema is what a new file gets. A journal row is one batch; its key counts
// batches without gaps.
const schema = `
CREATE TABLE about (key TEXT PRIMARY KEY, value INTEGER NOT NULL);
CREATE TABLE journal (batch INTEGER PRIMARY KEY, records BLOB NOT NULL);
CREATE TABLE snapshot (part INTEGER PRIMARY KEY, data BLOB NOT NULL);
`

// Options says how to open a file.
type Options struct {
	// Format is the version of the records' encoding. A file written with
	// another one is refused with a *FormatError.
	Format int
	// Logger is told what was cut off a damaged file. nil = silent.
	Logger *slog.Logger
}

// InUseError says that another engine has the file open.
type InUseError struct {
	Path string
	PID  int // 0 = unknown
}

func (e *InUseError) Error() string {
	who := "another process"
	switch e.PID {
	case 0:
	case os.Getpid():
		who = fmt.Sprintf("this process (pid %d)", e.PID)
	default:
		who = fmt.Sprintf("process %d", e.PID)
	}
	return fmt.Sprintf("data file %s is in use by %s: stop it, or use another file with --data", e.Path, who)
}

// FormatError says that the file was written by another version, or by another
// program, or is damaged.
type FormatError struct {
	Path   string
	Reason string
	// Foreign: the file is not ours, and Reset will not touch it.
	Foreign bool
}

func (e *FormatError) Error() string {
	if e.Foreign {
		return fmt.Sprintf("data file %s %s: use another file with --data", e.Path, e.Reason)
	}
	return fmt.Sprintf("data file %s %s: start over with --reset, or use another file with --data", e.Path, e.Reason)
}

// Store is an open file. It is not safe for concurrent use: one goroutine owns
// it.
type Store struct {
	path     string
	options  Options
	log      *slog.Logger
	db       *sql.DB
	conn     *sql.Conn
	insert   *sql.Stmt
	next     int64 // key of the next batch
	appended int64 // bytes of records since the last snapshot
	replayed bool

	generation int64 // of the snapshot in force
	base       int64 // the last batch that it replaces
	leftOver   bool  // something that it replaces may still be there
}

// Open opens the file at path, making it and its folder if need be, and locks
// it until Close. Replay must be called before the first Append.
//
// Errors: *InUseError, *FormatError, or what the file system says.
func Open(ctx context.Context, path string, options Options) (*Store, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("open data file: %w", err)
	}
	s := &Store{path: path, options: options, log: options.Logger, next: 1}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if err := prepareFile(path); err != nil {
		return nil, fmt.Errorf("open data file %s: %w", path, err)
	}
	if err := s.open(ctx); err != nil {
		return nil, errors.Join(s.explain(err), s.close())
	}
	return s, nil
}

// prepareFile makes the file with rights for its owner alone, since payloads
// may hold secrets.
func prepareFile(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, os.ErrExist) {
		return nil // closing a file we open here would drop SQLite's locks on it
	}
	if err != nil {
		return err
	}
	return f.Close()
}

func (s *Store) open(ctx context.Context) error {
	db, err := sql.Open("sqlite", dataSource(s.path))
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	s.db = db
	if s.conn, err = db.Conn(ctx); err != nil {
		return err
	}
	if err := s.lock(ctx); err != nil {
		return err
	}
	if err := s.checkFormat(ctx); err != nil {
		return err
	}
	s.insert, err = s.conn.PrepareContext(ctx, `INSERT INTO journal (batch, records) VALUES (?, ?)`)
	return err
}

// lock takes SQLite's exclusive lock, which lasts until the connection is
// closed or the process dies, and leaves our process id beside the file for
// the error message of whoever comes second.
func (s *Store) lock(ctx context.Context) error {
	for _, pragma := range []string{
		`PRAGMA busy_timeout = 0`,
		`PRAGMA locking_mode = EXCLUSIVE`,
		`PRAGMA journal_mode = WAL`,
		`PRAGMA synchronous = NORMAL`,
		`BEGIN EXCLUSIVE`,
		`COMMIT`,
	} {
		if _, err := s.conn.ExecContext(ctx, pragma); err != nil {
			return err
		}
	}
	return os.WriteFile(pidFile(s.path), fmt.Appendf(nil, "%d\n", os.Getpid()), 0o600)
}

// dataSource is the driver's name for the file; a URI, so that no character of
// the path is taken for an option.
func dataSource(path string) string {
	slashed := filepath.ToSlash(path)
	if !strings.HasPrefix(slashed, "/") {
		slashed = "/" + slashed // a drive letter
	}
	return "file:" + (&url.URL{Path: slashed}).EscapedPath()
}

func pidFile(path string) string { return path + ".pid" }

// explain turns SQLite's codes into errors that a person can act on.
func (s *Store) explain(err error) error {
	var format *FormatError
	if errors.As(err, &format) {
		return err
	}
	switch primaryCode(err) {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return &InUseError{Path: s.path, PID: readPID(s.path)}
	case sqlite3.SQLITE_NOTADB:
		return &FormatError{Path: s.path, Reason: "is no data file of this program", Foreign: true}
	case sqlite3.SQLITE_CORRUPT:
		return &FormatError{Path: s.path, Reason: "is damaged beyond reading"}
	}
	return fmt.Errorf("data file %s: %w", s.path, err)
}

// primaryCode is SQLite's result code without its extension; 0 for errors of
// another kind.
func primaryCode(err error) int {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return 0
	}
	return e.Code() & 0xff
}

func readPID(path string) int {
	text, err := os.ReadFile(pidFile(path))
	if err != nil {
		return 0
	}
	var pid int
	if _, err := fmt.Sscan(string(text), &pid); err != nil {
		return 0
	}
	return pid
}

// Path is the absolute path of the file.
func (s *Store) Path() string { return s.path }

// Close writes what SQLite still holds back, closes the file and frees the
// lock.
func (s *Store) Close() error {
	err := s.close()
	if removeErr := os.Remove(pidFile(s.path)); removeErr != nil && !errors.Is(removeErr, os.ErrNotExist) {
		err = errors.Join(err, removeErr)
	}
	if err != nil {
		return fmt.Errorf("close data file %s: %w", s.path, err)
	}
	return nil
}

func (s *Store) close() error {
	var errs []error
	if s.insert != nil {
		errs = append(errs, s.insert.Close())
	}
	if s.conn != nil {
		errs = append(errs, s.conn.Close())
	}
	if s.db != nil {
		errs = append(errs, s.db.Close())
	}
	s.insert, s.conn, s.db = nil, nil, nil
	return errors.Join(errs...)
}

// Reset removes the file and all that lies beside it. No file at all is no
// error; a file in use is an *InUseError, a file of another program a
// *FormatError.
func Reset(ctx context.Context, path string) error {
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err := probeLock(ctx, path); err != nil {
		return err
	}
	for _, suffix := range []string{"", "-wal", "-shm", "-journal", ".pid"} {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("reset data: %w", err)
		}
	}
	return nil
}

// probeLock opens the file only to see whether it is in use; any other trouble
// with it is why it is being reset.
func probeLock(ctx context.Context, path string) error {
	s, err := Open(ctx, path, Options{})
	var inUse *InUseError
	var format *FormatError
	if errors.As(err, &inUse) || errors.As(err, &format) && format.Foreign {
		return err
	}
	if s != nil {
		return s.Close()
	}
	return nil
}
