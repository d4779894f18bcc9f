package glue_test

import (
	"context"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/bindings/builtin/moduletest"
	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
)

const each = "const all = async (s) => { const out = []; for (let r; !(r = await s.next()).done;) out.push(r.value); return out }; " +
	"const fails = async (p) => { try { await p } catch (e) { return [e.name, e.code] } return 'it did not' }; "

// onSQL is what scripts begin with that use the database.
func onSQL(kind, where string) string {
	return "const db = require('hatchet:sql').open('" + kind + "', '" + where + "'); " + each
}

// kinds are the databases that the tests of all of them use.
func kinds(t *testing.T, test func(t *testing.T, m *moduletest.Machine, head, kind string)) {
	t.Run("sqlite", func(t *testing.T) {
		m, _ := granted(t, permit.Rules{permit.Read: allow("."), permit.Write: allow(".")})
		test(t, m, onSQL("sqlite", "app.db"), "sqlite")
	})
	t.Run("postgres", func(t *testing.T) {
		where := servers.Postgres(t)
		m, _ := granted(t, permit.Rules{permit.Net: allow(hostOf(t, where))})
		test(t, m, onSQL("postgres", where), "postgres")
	})
	t.Run("mysql", func(t *testing.T) {
		where := servers.MySQL(t)
		m, _ := granted(t, permit.Rules{permit.Net: allow(hostOf(t, where))})
		test(t, m, onSQL("mysql", where), "mysql")
	})
}

func hostOf(t testing.TB, where string) string {
	u, err := url.Parse(where)
	if err != nil {
		t.Fatal(err)
	}
	return u.Host
}

// placeholders writes ? as PostgreSQL has it, for at most three.
func placeholders(kind, text string) string {
	if kind == "postgres" {
		for _, to := range []string{"$1", "$2", "$3"} {
			text = strings.Replace(text, "?", to, 1)
		}
	}
	return text
}

func TestStatements(t *testing.T) {
	kinds(t, func(t *testing.T, m *moduletest.Machine, head, kind string) {
		insert := placeholders(kind, "insert into t values (?, ?)")
		id := map[string]string{"sqlite": ",2", "postgres": ",null", "mysql": ",0"}[kind]
		m.Expect(t, head+`await db.exec('drop table if exists t'); await db.exec('create table t (id bigint primary key, v text)'); const r = await db.exec('`+insert+`', [1, "o'x"]); const s = await db.exec('`+insert+`', [2, null]); return [r.rowsAffected, s.rowsAffected, s.lastInsertId ?? null]`, `[1,1`+id+`]`)
		m.Expect(t, head+`return db.query('select id, v from t order by id')`, `[{"id":1,"v":"o'x"},{"id":2,"v":null}]`)
		m.Expect(t, head+`return [await db.queryRow('`+placeholders(kind, "select v from t where id = ?")+`', [1]), await db.queryRow('select v from t where id = 9')]`, `[{"v":"o'x"},null]`)
		m.Expect(t, head+`return (await all(db.stream('select id from t order by id'))).map((r) => r.id)`, `[1,2]`)
		m.Expect(t, head+`return fails(db.exec('`+insert+`', [1, 'twice']))`, `["SqlError","`+map[string]string{"sqlite": "SQLITE_CONSTRAINT_PRIMARYKEY", "postgres": "23505", "mysql": "23000"}[kind]+`"]`)
		m.Expect(t, head+`return fails(db.query('selec 1'))`, `["SqlError","`+map[string]string{"sqlite": "SQLITE_ERROR", "postgres": "42601", "mysql": "42000"}[kind]+`"]`)
		m.Expect(t, head+`return fails(db.query('select 1 as a, 2 as a'))`, `["SqlError","DUPLICATE_COLUMN"]`)
		m.Expect(t, head+`return fails(db.query('`+insert+`', [undefined, 1]))`, `["TypeError",null]`)
	})
}

func TestTransactions(t *testing.T) {
	kinds(t, func(t *testing.T, m *moduletest.Machine, head, kind string) {
		add := "await tx.exec('insert into n values (1)'); "
		count := "Number((await db.queryRow('select count(*) as c from n')).c)"
		m.Expect(t, head+`await db.exec('drop table if exists n'); await db.exec('create table n (v integer)'); const r = await db.transaction(async (tx) => { `+add+add+`return 'done' }); return [r, `+count+`]`, `["done",2]`)
		m.Expect(t, head+`let said; try { await db.transaction(async (tx) => { `+add+`throw new Error('no') }) } catch (e) { said = e.message }; return [said, `+count+`]`, `["no",2]`)
		m.Expect(t, head+`await db.transaction(async (tx) => { `+add+`await Promise.all([tx.query('select 1 as a'), tx.query('select 2 as a'), tx.exec('insert into n values (2)')]); for (const r of [tx.stream('select * from n')]) { await r.next(); await r.return() } `+add+`}); return `+count, `5`)
		m.Expect(t, head+`return fails(db.transaction(async (tx) => { const rows = tx.stream('select * from n'); await rows.next(); await tx.exec('delete from n') }))`, `["SqlError","TX_STREAMING"]`)
		// A transaction that is left open by the end of its run is undone.
		m.Expect(t, head+`let opened; const begun = new Promise((go) => { opened = go }); db.transaction(async (tx) => { `+add+`opened(); await new Promise(() => {}) }); await begun; return 1`, `1`)
		m.Expect(t, head+`return `+count, `5`)
		m.Expect(t, head+`return fails(db.transaction(() => {}, { isolation: 'none' }))`, `["TypeError",null]`)
		if kind != "sqlite" {
			m.Expect(t, head+`return db.transaction(async (tx) => Number((await tx.queryRow('select count(*) as c from n')).c), { isolation: 'serializable', readOnly: true })`, `5`)
		}
	})
}

func TestValuesOfPostgres(t *testing.T) {
	where := servers.Postgres(t)
	m, _ := granted(t, permit.Rules{permit.Net: allow(hostOf(t, where))})
	head := onSQL("postgres", where)
	m.Expect(t, head+`const r = await db.queryRow("select 9007199254740991::bigint as safe, 9007199254740993::bigint as big, 12345678901234567890.123456789::numeric as n, 1.5::float8 as f, true as b, "+
  "'2026-01-02'::date as d, '2026-01-02 03:04:05.678'::timestamp as ts, '2026-01-02 03:04:05.678+09'::timestamptz as tz, '12:30'::time as t, '{\"z\":1,\"a\":[9007199254740991]}'::json as j, '[1]'::jsonb as jb, "+
  "'\\x00ff'::bytea as y, 'b3a1c0de-0000-4000-8000-000000000001'::uuid as u, array[1,2] as arr, null as nil, 'infinity'::timestamptz as inf")
return [typeof r.safe, String(r.big), typeof r.big, r.n, r.f, r.b, r.d, r.ts, r.tz, r.ts instanceof Date, r.t, r.j, r.jb, r.y.toString('hex'), Buffer.isBuffer(r.y), r.u, r.arr, r.nil, r.inf]`,
		`["number","9007199254740993","bigint","12345678901234567890.123456789",1.5,true,"2026-01-02","2026-01-02T03:04:05.678Z","2026-01-01T18:04:05.678Z",true,"12:30:00",{"z":1,"a":[9007199254740991]},[1],"00ff",true,"b3a1c0de-0000-4000-8000-000000000001","{1,2}",null,"infinity"]`)
	m.Expect(t, head+`const at = new Date('2026-01-02T03:04:05.678Z'); const r = await db.queryRow('select $1::bigint as a, $2::numeric as b, $3::timestamptz as c, $4::jsonb as d, $5::bytea as e, $6::text as f, $7::int as g, $8::bool as h, $9::jsonb as i', [9223372036854775807n, '1.10', at, { a: [1, { b: null }] }, Buffer.from([1, 2]), 'é', null, false, [1, 'x', { y: [2] }]]);
return [String(r.a), r.b, r.c, r.d, [...r.e], r.f, r.g, r.h, r.i]`, `["9223372036854775807","1.10","2026-01-02T03:04:05.678Z",{"a":[1,{"b":null}]},[1,2],"é",null,false,[1,"x",{"y":[2]}]]`)
	m.Expect(t, head+`return db.query('select x from (values (1), (2), (3)) v(x) where x = any($1::int[]) order by x', [[1, 3, 9]])`, `[{"x":1},{"x":3}]`)
	m.Expect(t, head+`return db.query('select x from unnest($1::text[]) x', [['a', 'b"c']])`, `[{"x":"a"},{"x":"b\"c"}]`)
}

func TestValuesOfMySQL(t *testing.T) {
	where := servers.MySQL(t)
	m, _ := granted(t, permit.Rules{permit.Net: allow(hostOf(t, where))})
	head := onSQL("mysql", where)
	m.Expect(t, head+`await db.exec('drop table if exists v'); await db.exec('create table v (a bigint, b bigint unsigned, n decimal(30,9), f double, d date, ts timestamp(3) null, dt datetime(3), t time, y varbinary(9), bl blob, x text, bo tinyint)')
const at = new Date('2026-01-02T03:04:05.678Z')
await db.exec('insert into v values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)', [9007199254740993n, 18446744073709551615n, '12345678901234567890.123456789', 1.5, '2026-01-02', at, at, '12:30', Buffer.from([0, 255]), Buffer.from([1]), 'é', true])
const show = (r) => [String(r.a), String(r.b), r.n, r.f, r.d, r.ts, r.dt, r.t, r.y.toString('hex'), [...r.bl], r.x, r.bo]
return [show(await db.queryRow('select * from v')), JSON.stringify(show(await db.queryRow('select * from v where f = ?', [1.5]))) === JSON.stringify(show(await db.queryRow('select * from v')))]`,
		`[["9007199254740993","18446744073709551615","12345678901234567890.123456789",1.5,"2026-01-02","2026-01-02T03:04:05.678Z","2026-01-02T03:04:05.678Z","12:30:00","00ff",[1],"é",1],true]`)
	m.Expect(t, head+`return db.queryRow('select ? as o, ? as l', [{ a: 1 }, [1, { b: 2 }]])`, `{"o":"{\"a\":1}","l":"[1,{\"b\":2}]"}`)
}

func TestValuesOfSQLite(t *testing.T) {
	m, _ := granted(t, permit.Rules{})
	m.Expect(t, onSQL("sqlite", ":memory:")+`await db.exec('create table v (i integer, r real, x text, b blob, at timestamp, d date, n)')
await db.exec('insert into v values (?, ?, ?, ?, ?, ?, ?)', [9007199254740993n, 1.5, 'é', Buffer.from([0, 255]), new Date(1000), '2026-01-02', null])
const r = await db.queryRow('select * from v'), s = await db.queryRow('select typeof(at) as t, at || \'\' as x from v')
return [String(r.i), r.r, r.x, r.b.toString('hex'), r.at, r.at instanceof Date, r.d, r.n, s]`,
		`["9007199254740993",1.5,"é","00ff","1970-01-01T00:00:01.000Z",true,"2026-01-02",null,{"t":"text","x":"1970-01-01T00:00:01.000Z"}]`)
	m.Expect(t, onSQL("sqlite", ":memory:")+`await db.exec('create table v (i)'); await db.exec('pragma foreign_keys = on'); await db.exec('insert into v values (1), (2), (3)')
for (let i = 0; i < 20; i++) { await db.queryRow('select i from v'); const s = db.stream('select i from v'); await s.next(); await s.return() }
return (await db.query('select i from v')).length`, `3`)
	m.Expect(t, onSQL("sqlite", ":memory:")+`return fails(db.query('select * from v'))`, `["SqlError","SQLITE_ERROR"]`) // a database of its own
}

func TestStreamsOfRowsHoldLittle(t *testing.T) {
	kinds(t, func(t *testing.T, m *moduletest.Machine, head, kind string) {
		numbers := "with recursive n(i) as (select 1 union all select i + 1 from n where i < 20000) select i from n"
		if kind == "mysql" {
			numbers = "select seq as i from seq_1_to_20000"
		}
		m.Expect(t, head+`const s = db.stream('`+numbers+`'); let sum = 0; for (let r; !(r = await s.next()).done;) sum += r.value.i; return sum`, `200010000`)
		endless := strings.Replace(numbers, "20000", "100000000000", 1)
		if kind != "mysql" {
			m.Expect(t, head+`const s = db.stream('`+endless+`'); const first = (await s.next()).value.i; await s.return(); return [first, (await s.next()).done]`, `[1,true]`)
		}
		m.Expect(t, head+`const s = db.stream('`+numbers+`'); await s.next(); return 1`, `1`) // left open: the run's end closes it
		m.Expect(t, head+`return fails(all(db.stream('selec 1')))`, `["SqlError","`+map[string]string{"sqlite": "SQLITE_ERROR", "postgres": "42601", "mysql": "42000"}[kind]+`"]`)
	})
}

func TestAStatementEndsWithItsRun(t *testing.T) {
	slow := map[string]string{
		"sqlite":   "with recursive n(i) as (select 1 union all select i + 1 from n) select max(i) as i from n",
		"postgres": "select pg_sleep(600)", "mysql": "select sleep(600) as s",
	}
	running := map[string]string{
		"postgres": "select count(*) as n from pg_stat_activity where query like '%pg_sleep(600)%' and state = 'active' and pid <> pg_backend_pid()",
		"mysql":    "select count(*) as n from information_schema.processlist where info like '%sleep(600)%' and info not like '%processlist%'",
	}
	kinds(t, func(t *testing.T, m *moduletest.Machine, head, kind string) {
		ctx, stop := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer stop()
		begun := time.Now()
		if _, err := m.Run(ctx, head+`await db.query("`+slow[kind]+`")`); err == nil || time.Since(begun) > time.Minute {
			t.Errorf("%v after %v", err, time.Since(begun))
		}
		if running[kind] != "" {
			again, _ := granted(t, permit.Rules{permit.Net: allow("127.0.0.1")})
			again.Expect(t, head+`for (;;) { if (Number((await db.queryRow("`+running[kind]+`")).n) === 0) return 'ended'; await new Promise((go) => setTimeout(go, 20)) }`, `"ended"`)
		}
	})
}

// What one run leaves behind on a connection, another does not find.
func TestConnectionsCarryNothingOver(t *testing.T) {
	kinds(t, func(t *testing.T, m *moduletest.Machine, head, kind string) {
		m.Expect(t, head+`await db.exec('create temporary table mine (v integer)'); return fails(db.query('select * from mine'))`,
			`["SqlError","`+map[string]string{"sqlite": "SQLITE_ERROR", "postgres": "42P01", "mysql": "42S02"}[kind]+`"]`)
		switch kind {
		case "postgres":
			m.Expect(t, head+`await db.query("select set_config('app.x', 'leaked', false) as c"); await db.exec("set application_name = 'leaked'"); const r = []; for (let i = 0; i < 5; i++) r.push(await db.queryRow("select current_setting('application_name') as a, current_setting('app.x', true) as x")); return r.some((x) => x.a === 'leaked' || x.x === 'leaked')`, `false`)
		case "mysql":
			m.Expect(t, head+`await db.exec("set @x = 7"); const r = []; for (let i = 0; i < 5; i++) r.push((await db.queryRow('select @x as x')).x); return r.every((x) => x === null)`, `true`)
		case "sqlite":
			m.Expect(t, head+`await db.exec("pragma foreign_keys = on"); const r = []; for (let i = 0; i < 5; i++) r.push((await db.queryRow('pragma foreign_keys')).foreign_keys); return r`, `[0,0,0,0,0]`)
		}
	})
}

func TestADatabaseIsKeptBetweenRuns(t *testing.T) {
	kinds(t, func(t *testing.T, m *moduletest.Machine, head, _ string) {
		m.Expect(t, strings.Replace(head, "const db =", "const db = globalThis.kept =", 1)+`return (await db.queryRow('select 1 as v')).v`, `1`)
		m.Expect(t, `return (await kept.queryRow('select 2 as v')).v`, `2`)
	})
}

func TestDatabasesBehindTheDoor(t *testing.T) {
	refused := func(where, kind, want string) {
		t.Helper()
		m, dir := granted(t, permit.Rules{permit.Read: allow("data"), permit.Write: allow("data")})
		m.Refused(t, onSQL(kind, where)+`await db.query('select 1')`, strings.ReplaceAll(want, "DIR", dir))
	}
	refused("postgres://u:p@127.0.0.1:1/d", "postgres", `NotCapable: Requires net access to "127.0.0.1:1" (loopback addresses need an entry of their own), run again with --allow-net=127.0.0.1`)
	refused("mysql://u:p@127.0.0.1:1/d", "mysql", `NotCapable: Requires net access to "127.0.0.1:1" (loopback addresses need an entry of their own), run again with --allow-net=127.0.0.1`)
	refused("other.db", "sqlite", `NotCapable: Requires read access to "DIR/other.db", run again with --allow-read=DIR/other.db`)
	refused("data/../other.db", "sqlite", `NotCapable: Requires read access to "DIR/other.db", run again with --allow-read=DIR/other.db`)
	// What was opened for one run is asked for again by another.
	where := servers.Postgres(t)
	open, _ := granted(t, permit.Rules{permit.Net: allow(hostOf(t, where))})
	open.Expect(t, onSQL("postgres", where)+`return db.queryRow('select 1 as v')`, `{"v":1}`)
	closed, _ := granted(t, permit.Rules{})
	closed.Refused(t, onSQL("postgres", where)+`await db.query('select 1')`, `NotCapable: Requires net access to "`+hostOf(t, where)+`" (loopback addresses need an entry of their own), run again with --allow-net=127.0.0.1`)
}

func TestConnectionsThatFail(t *testing.T) {
	m, _ := granted(t, permit.Rules{permit.Net: allow("127.0.0.1", "nowhere.invalid")}, func(o *permit.Options) { o.Resolver = noResolver{} })
	for where, want := range map[string]string{
		"postgres://u:p@127.0.0.1:1/d": `["SqlError","ECONNREFUSED"]`, "mysql://u:p@127.0.0.1:1/d": `["SqlError","ECONNREFUSED"]`,
		"postgres://u:p@nowhere.invalid/d": `["SqlError","ENOTFOUND"]`, "mysql://u:p@nowhere.invalid/d": `["SqlError","ENOTFOUND"]`,
	} {
		kind, _, _ := strings.Cut(where, ":")
		m.Expect(t, onSQL(kind, where)+`return fails(db.query('select 1'))`, want)
	}
	for call, want := range map[string]string{
		`'oracle', 'x'`:                               `TypeError: sql.open: "oracle" is no kind of database; use postgres, mysql or sqlite`,
		`'postgres', 'host=x password=s3cr'`:          `TypeError: sql.open: the database must be a URL such as postgres://user:password@host:5432/database`,
		`'postgres', 'postgres://u:p@h/d?sslmod=x'`:   `TypeError: sql.open: the URL of the database has the unknown parameter "sslmod"; there are application_name, search_path, timezone, statement_timeout, lock_timeout, idle_in_transaction_session_timeout, options, sslmode, sslrootcert, sslcert, sslkey, sslnegotiation and connect_timeout`,
		`'postgres', 'postgres:///d'`:                 `TypeError: sql.open: the URL of the database names no host, as in postgres://user:password@host:5432/database; sockets of files cannot be used`,
		`'postgres', 'postgres://h/d'`:                `TypeError: sql.open: the URL of the database names no user, as in postgres://user:password@host:5432/database`,
		`'mysql', 'mysql://u@h/d?allowAllFiles=true'`: `TypeError: sql.open: the URL of the database has the unknown parameter "allowAllFiles"; there are ssl-mode, ssl-ca, ssl-cert and ssl-key`,
		`'sqlite', 'file:a.db'`:                       `TypeError: sql.open: the database must be a path such as data/app.db, and no URL`,
		`'sqlite', 'a.db?cache=shared'`:               `TypeError: sql.open: the path of the database has the unknown parameter "cache"; there is mode`,
	} {
		m.Refused(t, "require('hatchet:sql').open("+call+")", want)
	}
}

func TestSQLiteReachesNoOtherFile(t *testing.T) {
	m, dir := granted(t, permit.Rules{permit.Read: allow("data"), permit.Write: allow("data")})
	if err := os.Mkdir(filepath.Join(dir, "data"), 0o700); err != nil {
		t.Fatal(err)
	}
	secret := filepath.Join(dir, "secret.db")
	all, _ := granted(t, permit.AllowAll())
	all.Expect(t, onSQL("sqlite", secret)+`await db.exec('create table s (v text)'); return 1`, `1`)
	head := onSQL("sqlite", "data/app.db")
	for _, statement := range []string{
		"attach '" + secret + "' as s", "attach 'file:" + secret + "?vfs=unix' as s", "vacuum into '" + filepath.Join(dir, "copy.db") + "'",
		"attach ? as s", "pragma temp_store_directory = '/tmp'", "select load_extension('x')",
	} {
		params := "[]"
		if strings.Contains(statement, "?") && !strings.Contains(statement, "vfs") {
			params = `["` + secret + `"]`
		}
		got, err := m.Run(t.Context(), head+`return fails(db.exec("`+statement+`", `+params+`))`)
		if err != nil || !strings.Contains(got, "SQLITE_AUTH") && !strings.Contains(got, "SQLITE_ERROR") {
			t.Errorf("%s: %s, %v", statement, got, err)
		}
	}
	m.Expect(t, head+`await db.exec('create table t (v text)'); await db.exec('vacuum'); await db.exec('VACUUM main;'); return fails(db.exec("attach '' as s"))`, `["SqlError","SQLITE_AUTH"]`)
	// Links within what may be read do not lead out of it, neither to the file nor
	// to the folder.
	for link, to := range map[string]string{"data/link.db": secret, "data/folder": dir, "data/dangling.db": filepath.Join(dir, "new.db")} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range []string{"data/link.db", "data/folder/secret.db", "data/dangling.db"} {
		if got, err := m.Run(t.Context(), onSQL("sqlite", path)+`return fails(db.query('select 1'))`); err != nil || !strings.Contains(got, "NotCapable") {
			t.Errorf("%s: %s, %v", path, got, err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "new.db")); !errors.Is(err, os.ErrNotExist) {
		t.Error("a file was made where a link leads")
	}
	m.Expect(t, onSQL("sqlite", "data/app.db?mode=ro")+`return [await db.query('select * from t'), await fails(db.exec('delete from t'))]`, `[[],["SqlError","SQLITE_READONLY"]]`)
	m.Expect(t, onSQL("sqlite", "data/missing.db?mode=rw")+`return fails(db.query('select 1'))`, `["SqlError","SQLITE_CANTOPEN"]`)
	m.Expect(t, onSQL("sqlite", "data/none/missing.db")+`return fails(db.query('select 1'))`, `["Error","ENOENT"]`)
	m.Expect(t, onSQL("sqlite", "data")+`return fails(db.query('select 1'))`, `["Error","EISDIR"]`)
}

// A folder that a link takes the place of, after it was checked, leads nowhere
// else: the connections go through the folder that was open.
func TestAFolderSwappedForALinkLeadsNowhere(t *testing.T) {
	m, dir := granted(t, permit.Rules{permit.Read: allow("data"), permit.Write: allow("data")})
	for _, folder := range []string{"data", "data/sub", "other"} {
		if err := os.Mkdir(filepath.Join(dir, folder), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	all, _ := granted(t, permit.AllowAll())
	all.Expect(t, onSQL("sqlite", filepath.Join(dir, "other", "app.db"))+`await db.exec('create table t (v text)'); await db.exec("insert into t values ('secret')"); return 1`, `1`)
	if err := m.VM.Runtime().Set("swap", func() error {
		if err := os.Rename(filepath.Join(dir, "data/sub"), filepath.Join(dir, "data/moved")); err != nil {
			return err
		}
		return os.Symlink("../other", filepath.Join(dir, "data/sub"))
	}); err != nil {
		t.Fatal(err)
	}
	m.Expect(t, onSQL("sqlite", "data/sub/app.db")+`await db.exec('create table t (v text)'); await db.exec("insert into t values ('mine')"); swap()
const rows = []
await db.transaction(async (tx) => { rows.push(await tx.queryRow('select v from t')); rows.push(await db.queryRow('select v from t')); await tx.exec("insert into t values ('more')") }) // two connections
return [...rows, await db.query('select v from t')]`, `[{"v":"mine"},{"v":"mine"},[{"v":"mine"},{"v":"more"}]]`)
	m.Expect(t, onSQL("sqlite", "data/sub/app.db")+`return fails(db.query('select * from t'))`, `["NotCapable","EACCES"]`)
}
