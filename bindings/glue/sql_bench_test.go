package glue_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
)

const tenThousand = "select i as id, 'row ' || i as name, now() as at from generate_series(1, 10000) i"

// What 10,000 rows take that a script streams, and what pgx takes for them.
func BenchmarkStreamedRows(b *testing.B) {
	where := servers.Postgres(b)
	m, _ := granted(b, permit.Rules{permit.Net: allow(hostOf(b, where))})
	for b.Loop() {
		m.Expect(b, onSQL("postgres", where)+`const s = db.stream("`+tenThousand+`"); let n = 0; for (let r; !(r = await s.next()).done;) n += r.value.name.length > 4; return n`, `10000`)
	}
}

// The least that 10,000 rows one by one can take: they are there, and what has them
// promises one after the other.
func BenchmarkIteratedRows(b *testing.B) {
	m, _ := granted(b, nil)
	for b.Loop() {
		m.Expect(b, `globalThis.rows ??= Array.from({ length: 10000 }, (_, id) => ({ id, name: 'row ' + id, at: new Date() }))
			let at = 0
			const s = { next() { return Promise.resolve(at < rows.length ? { value: rows[at++], done: false } : { value: undefined, done: true }) } }
			let n = 0; for (let r; !(r = await s.next()).done;) n += r.value.name.length > 4; return n`, `10000`)
	}
}

func BenchmarkQueriedRows(b *testing.B) {
	where := servers.Postgres(b)
	m, _ := granted(b, permit.Rules{permit.Net: allow(hostOf(b, where))})
	for b.Loop() {
		m.Expect(b, onSQL("postgres", where)+`return (await db.query("`+tenThousand+`")).length`, `10000`)
	}
}

func BenchmarkRowsOfPgx(b *testing.B) {
	conn, err := pgx.Connect(b.Context(), servers.Postgres(b))
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close(b.Context())
	for b.Loop() {
		rows, err := conn.Query(b.Context(), tenThousand)
		if err != nil {
			b.Fatal(err)
		}
		n := 0
		for rows.Next() {
			if values, err := rows.Values(); err == nil && len(values[1].(string)) > 4 {
				n++
			}
		}
		if rows.Err() != nil || n != 10000 {
			b.Fatal(n, rows.Err())
		}
	}
}
