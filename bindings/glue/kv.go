package glue

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/glue/database"
	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
	"github.com/hatchet-js/hatchet-js-worker/bindings/value"
)

// kvFile is the store's file, in the folder that relative paths start from.
const kvFile = "hatchet-kv.db"

// kvModule is hatchet:kv.
var kvModule = native.Module{
	Name: "hatchet:kv",
	Doc: "A small store of values by keys, which all tasks of a folder share and which stays between runs: the SQLite file " + kvFile + " in the worker's working directory " +
		"(--allow-read=" + kvFile + " --allow-write=" + kvFile + "). Values are what JSON can hold. What has a ttl is gone when it is over.",
	Members: []member{
		{Name: "get", Type: "<T = any>(key: string): Promise<T | undefined>", Doc: "The value of a key; undefined if there is none.", Length: 1, Async: kvGet},
		{Name: "set", Type: "(key: string, value: any, options?: { ttl?: number | string }): Promise<void>",
			Doc: "Sets a key's value, for a time such as '1h' or a number of milliseconds if a ttl is given.", Length: 2, Async: kvSet},
		{Name: "delete", Type: "(key: string): Promise<boolean>", Doc: "Takes a key out; says whether it was there.", Length: 1, Async: kvDelete},
		{Name: "list", Type: "(prefix?: string, options?: { limit?: number }): Promise<{ key: string; value: any }[]>",
			Doc: "The keys that begin with the prefix, with their values, in order.", Async: kvList},
		{Name: "compareAndSet", Type: "(key: string, expected: any, value: any, options?: { ttl?: number | string }): Promise<boolean>", Length: 3,
			Doc: "Sets the value if the key has the one that is expected, compared as JSON text; undefined expects that there is none. False says that it had another.", Async: kvCompareAndSet},
	},
	Example: `import kv from 'hatchet:kv'

await kv.set('last/billing', { invoice: 17 })
await kv.set('lock/billing', 'me', { ttl: '10m' })
console.log(await kv.get('last/billing')) // -> { invoice: 17 }
console.log(await kv.compareAndSet('lock/billing', undefined, 'you')) // -> false
console.log((await kv.list('last/')).map((entry) => entry.key)) // -> [ 'last/billing' ]`,
}

// kvStore is the store of a VM.
type kvStore struct{ db *database.DB }

func kvOf(h *native.Host) *kvStore {
	return native.Local(h, func() *kvStore {
		db, err := pools().Open("sqlite", kvFile)
		if err != nil {
			panic(h.Runtime.NewGoError(err))
		}
		return &kvStore{db}
	})
}

const kvTable = `CREATE TABLE IF NOT EXISTS kv (key TEXT PRIMARY KEY, value TEXT NOT NULL, expires INTEGER) WITHOUT ROWID`

// alive is the condition that a key's time is not over.
const alive = `(expires IS NULL OR expires > ?)`

// with runs work, and once more when the table had to be made first.
func (s *kvStore) with(ctx context.Context, work func() error) error {
	err := work()
	var failed *database.Error
	if !errors.As(err, &failed) || !strings.Contains(failed.Error(), "no such table") {
		return err
	}
	if _, err := s.db.Exec(ctx, kvTable, nil); err != nil {
		return err
	}
	return work()
}

func (s *kvStore) exec(ctx context.Context, statement string, args ...any) (changed bool, err error) {
	err = s.with(ctx, func() error {
		result, err := s.db.Exec(ctx, statement, args)
		changed = result.Rows > 0
		return err
	})
	return changed, err
}

func (s *kvStore) query(ctx context.Context, statement string, args ...any) (rows [][]any, err error) {
	err = s.with(ctx, func() error {
		rows, err = (&sqlHandle{on: onDatabase{s.db}}).values(ctx, statement, args)
		return err
	})
	return rows, err
}

// now is the run's time, in milliseconds.
func now(ctx context.Context) int64 { return permit.From(ctx).Now().UnixMilli() }

// expiry is when a ttl is over; nil is never.
func expiry(ctx context.Context, ttl time.Duration) any {
	if ttl == 0 {
		return nil
	}
	return now(ctx) + max(ttl.Milliseconds(), 1)
}

func kvKey(h *native.Host, v goja.Value, what string) string {
	return native.NonEmpty(h.Runtime, v, what+": the key")
}

// kvText is a value as it is kept.
func kvText(h *native.Host, v goja.Value, what string) string {
	if v == nil || goja.IsUndefined(v) {
		native.Throw(h.Runtime, "%s: the value is undefined; use null, or delete the key", what)
	}
	text, err := value.Stringify(h.Runtime, v)
	if err != nil {
		native.Throw(h.Runtime, "%s: the value: %v", what, err)
	}
	return string(text)
}

// kvValue is a value that was kept.
func kvValue(h *native.Host, cell any) goja.Value {
	text, _ := cell.(string)
	v, err := value.Decode(h.Runtime, []byte(text))
	if err != nil {
		h.Throw(err)
	}
	return v
}

func kvGet(h *native.Host, call goja.FunctionCall) native.Work {
	key, store := kvKey(h, call.Argument(0), "kv.get"), kvOf(h)
	return func(ctx context.Context) (any, error) {
		rows, err := store.query(ctx, `SELECT value FROM kv WHERE key = ? AND `+alive, key, now(ctx))
		if err != nil || len(rows) == 0 {
			return nil, err
		}
		return func() goja.Value { return kvValue(h, rows[0][0]) }, nil
	}
}

func kvSet(h *native.Host, call goja.FunctionCall) native.Work {
	key, text := kvKey(h, call.Argument(0), "kv.set"), kvText(h, call.Argument(1), "kv.set")
	ttl, store := bagOf(h, call.Argument(2), "kv.set", "ttl").duration("ttl", 0), kvOf(h)
	return func(ctx context.Context) (any, error) {
		_, err := store.exec(ctx, `INSERT INTO kv VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires = excluded.expires`,
			key, text, expiry(ctx, ttl))
		if err == nil && ttl > 0 {
			_, err = store.exec(ctx, `DELETE FROM kv WHERE expires <= ?`, now(ctx)) // so that the file does not grow
		}
		return nil, err
	}
}

func kvDelete(h *native.Host, call goja.FunctionCall) native.Work {
	key, store := kvKey(h, call.Argument(0), "kv.delete"), kvOf(h)
	return func(ctx context.Context) (any, error) {
		return store.exec(ctx, `DELETE FROM kv WHERE key = ? AND `+alive, key, now(ctx))
	}
}

func kvList(h *native.Host, call goja.FunctionCall) native.Work {
	prefix := ""
	if v := call.Argument(0); !native.Missing(v) {
		prefix = native.String(h.Runtime, v, "kv.list: the prefix")
	}
	limit, store := bagOf(h, call.Argument(1), "kv.list", "limit").integer("limit", -1, 0, 1<<31), kvOf(h)
	return func(ctx context.Context) (any, error) {
		rows, err := store.query(ctx, `SELECT key, value FROM kv WHERE key >= ? AND substr(key, 1, length(?)) = ? AND `+alive+` ORDER BY key LIMIT ?`,
			prefix, prefix, prefix, now(ctx), int64(limit))
		if err != nil {
			return nil, err
		}
		list := []any{}
		for _, row := range rows {
			list = append(list, native.Record{{Name: "key", Value: row[0]}, {Name: "value", Value: func() goja.Value { return kvValue(h, row[1]) }}})
		}
		return list, nil
	}
}

func kvCompareAndSet(h *native.Host, call goja.FunctionCall) native.Work {
	const what = "kv.compareAndSet"
	key, text := kvKey(h, call.Argument(0), what), kvText(h, call.Argument(2), what)
	expected, absent := "", goja.IsUndefined(call.Argument(1))
	if !absent {
		expected = kvText(h, call.Argument(1), what)
	}
	ttl, store := bagOf(h, call.Argument(3), what, "ttl").duration("ttl", 0), kvOf(h)
	return func(ctx context.Context) (any, error) {
		if absent {
			return store.exec(ctx, `INSERT INTO kv VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires = excluded.expires WHERE kv.expires <= ?`,
				key, text, expiry(ctx, ttl), now(ctx))
		}
		return store.exec(ctx, `UPDATE kv SET value = ?, expires = ? WHERE key = ? AND value = ? AND `+alive, text, expiry(ctx, ttl), key, expected, now(ctx))
	}
}
