package store

import (
	"context"
	"fmt"
)

// checkFormat gives a new file its tables and refuses a file that this version
// cannot read.
func (s *Store) checkFormat(ctx context.Context) error {
	var application, tables int
	if err := s.scan(ctx, `PRAGMA application_id`, &application); err != nil {
		return err
	}
	if err := s.scan(ctx, `SELECT count(*) FROM sqlite_schema`, &tables); err != nil {
		return err
	}
	if tables == 0 {
		return s.create(ctx)
	}
	if application != applicationID {
		return &FormatError{Path: s.path, Reason: "is a database of another program", Foreign: true}
	}
	var foundLayout, foundFormat int
	if err := s.scan(ctx, `PRAGMA user_version`, &foundLayout); err != nil {
		return err
	}
	if err := s.scan(ctx, `SELECT value FROM about WHERE key = 'format'`, &foundFormat); err != nil {
		return err
	}
	if err := s.compare("layout", foundLayout, layout); err != nil {
		return err
	}
	return s.compare("format", foundFormat, s.options.Format)
}

func (s *Store) compare(what string, found, ours int) error {
	age := "an older"
	switch {
	case found == ours:
		return nil
	case found > ours:
		age = "a newer"
	}
	return &FormatError{Path: s.path,
		Reason: fmt.Sprintf("was written by %s version (%s %d, this one reads %d)", age, what, found, ours)}
}

func (s *Store) create(ctx context.Context) error {
	return s.transact(ctx, func() error {
		for _, statement := range []string{
			schema,
			fmt.Sprintf(`PRAGMA application_id = %d`, applicationID),
			fmt.Sprintf(`PRAGMA user_version = %d`, layout),
			fmt.Sprintf(`INSERT INTO about VALUES ('format', %d)`, s.options.Format),
		} {
			if _, err := s.conn.ExecContext(ctx, statement); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Store) scan(ctx context.Context, query string, into any) error {
	return s.conn.QueryRowContext(ctx, query).Scan(into)
}

// transact runs f between BEGIN and COMMIT, or undoes it.
func (s *Store) transact(ctx context.Context, f func() error) error {
	if _, err := s.conn.ExecContext(ctx, `BEGIN IMMEDIATE`); err != nil {
		return err
	}
	if err := f(); err != nil {
		_, _ = s.conn.ExecContext(context.WithoutCancel(ctx), `ROLLBACK`) // err says why
		return err
	}
	_, err := s.conn.ExecContext(ctx, `COMMIT`)
	return err
}
