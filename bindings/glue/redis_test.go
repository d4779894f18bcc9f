package glue_test

import (
	"context"
	"testing"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
)

func TestRedis(t *testing.T) {
	where := servers.Redis(t)
	m, _ := granted(t, permit.Rules{permit.Net: allow("127.0.0.1")})
	head := "const redis = require('hatchet:redis').open('" + where + "'); " + each
	m.Expect(t, head+`await redis.call('FLUSHALL'); return [await redis.get('a'), await redis.set('a', 'é'), await redis.get('a'), await redis.delete('a', 'b')]`, `[null,true,"é",1]`)
	m.Expect(t, head+`return [await redis.set('l', 1, { ifAbsent: true, ttl: '1m' }), await redis.set('l', 2, { ifAbsent: true }), await redis.call('PTTL', 'l') > 0, await redis.set('m', 1, { ifPresent: true })]`, `[true,false,true,false]`)
	m.Expect(t, head+`await redis.call('RPUSH', 'list', 'a', 2, Buffer.from('b')); return redis.call('LRANGE', 'list', 0, -1)`, `["a","2","b"]`)
	m.Expect(t, head+`await redis.set('big', 9223372036854775806n); return String(await redis.call('INCR', 'big'))`, `"9223372036854775807"`)
	m.Expect(t, head+`return redis.transaction([['INCR', 'n'], ['INCR', 'n'], ['GET', 'none']])`, `[1,2,null]`)
	m.Expect(t, head+`return (await Promise.all(Array.from({ length: 50 }, () => redis.call('INCR', 'many')))).length`, `50`)
	m.Expect(t, head+`return fails(redis.call('LPUSH', 'n', 1))`, `["RedisError","WRONGTYPE"]`)
	m.Expect(t, head+`return fails(redis.call('NOSUCH'))`, `["RedisError","ERR"]`)
	m.Expect(t, head+`globalThis.kept = redis; return 1`, `1`)
	m.Expect(t, `return kept.get('n')`, `"2"`)
	m.Expect(t, each+`return fails(require('hatchet:redis').open('redis://127.0.0.1:1').get('a'))`, `["RedisError","ECONNREFUSED"]`)
	m.Refused(t, `require('hatchet:redis').open('host:1')`, `TypeError: redis.open: the URL must be such as redis://user:password@host:6379/0`)
	m.Refused(t, `require('hatchet:redis').open('redis://h:1/0?nonsense=1')`, `TypeError: redis.open: the URL: unexpected option: nonsense`)
	closed, _ := granted(t, nil)
	closed.Refused(t, `await require('hatchet:redis').open('redis://cache.example.com').get('a')`, `NotCapable: Requires net access to "cache.example.com:6379", run again with --allow-net=cache.example.com`)

	ctx, stop := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer stop()
	if _, err := m.Run(ctx, head+`await redis.call('BLPOP', 'nothing', 0)`); err == nil {
		t.Error("a command that waits outlived its run")
	}
}
