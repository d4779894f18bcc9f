package glue_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
)

const kvHead = "const kv = require('hatchet:kv'); "

func kvRules() permit.Rules {
	return permit.Rules{permit.Read: allow("hatchet-kv.db"), permit.Write: allow("hatchet-kv.db")}
}

func TestTheStore(t *testing.T) {
	m, _ := granted(t, kvRules())
	m.Expect(t, kvHead+`return [await kv.get('a') === undefined, await kv.delete('a'), await kv.list()]`, `[true,false,[]]`)
	m.Expect(t, kvHead+`await kv.set('a', { z: 1, a: [null, 'é'] }); await kv.set('b/1', 1); await kv.set('b/2', null); await kv.set('b%', false); return kv.get('a')`, `{"z":1,"a":[null,"é"]}`)
	m.Expect(t, kvHead+`return [await kv.list('b/'), (await kv.list('', { limit: 2 })).map((e) => e.key), await kv.get('b/2')]`, `[[{"key":"b/1","value":1},{"key":"b/2","value":null}],["a","b%"],null]`)
	m.Expect(t, kvHead+`await kv.set('a', 2); return [await kv.get('a'), await kv.delete('a'), await kv.delete('a'), await kv.get('a') ?? 'none']`, `[2,true,false,"none"]`)
	m.Expect(t, kvHead+`return [await kv.compareAndSet('c', undefined, 1), await kv.compareAndSet('c', undefined, 2), await kv.compareAndSet('c', 5, 6), await kv.compareAndSet('c', 1, { n: 2 }), await kv.compareAndSet('c', { n: 2 }, 3), await kv.get('c')]`, `[true,false,false,true,true,3]`)
	m.Expect(t, kvHead+`const won = await Promise.all(Array.from({ length: 20 }, (_, i) => kv.compareAndSet('race', undefined, i))); return won.filter(Boolean).length`, `1`)
	for call, want := range map[string]string{
		`kv.get('')`: "TypeError: kv.get: the key must not be empty", `kv.set('a')`: "TypeError: kv.set: the value is undefined; use null, or delete the key",
		`kv.set('a', 1n)`:                 "",
		`kv.set('a', 1, { ttl: 'soon' })`: `TypeError: kv.set: ttl must be a duration such as '30s', '1h30m' or '7d', got "soon"`,
		`kv.set('a', 1, { ttl: 0 })`:      `TypeError: kv.set: ttl must be longer than zero`,
	} {
		if _, err := m.Run(t.Context(), kvHead+"await "+call); err == nil || want != "" && err.Error() != want {
			t.Errorf("%s: %v", call, err)
		}
	}
}

func TestValuesOfTheStoreEnd(t *testing.T) {
	virtual := clock.NewVirtual(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	m, _ := granted(t, kvRules(), func(o *permit.Options) { o.Clock = virtual })
	m.Expect(t, kvHead+`await kv.set('a', 1, { ttl: '1h' }); await kv.set('b', 1, { ttl: 500 }); await kv.set('c', 1, { ttl: '2d' }); await kv.set('d', 1); return (await kv.list()).map((e) => e.key).join('')`, `"abcd"`)
	virtual.Advance(time.Second)
	m.Expect(t, kvHead+`return [(await kv.list()).map((e) => e.key).join(''), await kv.delete('b'), await kv.compareAndSet('b', 1, 2), await kv.compareAndSet('b', undefined, 3, { ttl: '1s' })]`, `["acd",false,false,true]`)
	virtual.Advance(time.Hour)
	m.Expect(t, kvHead+`await kv.set('e', 1, { ttl: '1m' }); return (await kv.list()).map((e) => e.key).join('')`, `"cde"`)
}

func TestTheStoreBehindTheDoor(t *testing.T) {
	m, dir := granted(t, permit.Rules{permit.Read: allow(".")})
	m.Refused(t, kvHead+`await kv.get('a')`, `NotCapable: Requires write access to "`+dir+`/hatchet-kv.db", run again with --allow-write=`+dir+`/hatchet-kv.db`)
}

func TestSecrets(t *testing.T) {
	var audit bytes.Buffer
	m, _ := granted(t, nil, func(o *permit.Options) {
		o.Secrets, _ = permit.NewSecrets(map[string]string{"KEY": "a-secret-of-mine"})
		o.Audit = permit.NewAudit(&audit)
	})
	m.Expect(t, `return require('hatchet:secrets').get('KEY').length`, `16`)
	m.Refused(t, `require('hatchet:secrets').get('OTHER')`, `NotCapable: Requires secret access to "OTHER", which hatchet-js.json does not declare under secrets`)
	m.Expect(t, `try { require('hatchet:secrets').get('OTHER') } catch (e) { return [e.name, e.code] }`, `["NotCapable","EACCES"]`)
	if log := audit.String(); !strings.Contains(log, `"decision":"allowed","kind":"secret","target":"KEY"`) || strings.Contains(log, "mine") || !strings.Contains(log, `test.js:`) {
		t.Error(log)
	}
}
