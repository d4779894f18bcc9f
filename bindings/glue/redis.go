package glue

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/dop251/goja"
	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
)

const redisTypes = `type RedisArgument = string | number | bigint | boolean | Uint8Array;
interface Redis {
  /** Sends one command; what it takes and gives is in Redis's reference: call('HINCRBY', 'stock', 'tea', 1). Integers beyond 2^53 are BigInts. */
  call(command: string, ...args: RedisArgument[]): Promise<any>;
  /** The text of a key; null if there is none. */
  get(key: string): Promise<string | null>;
  /** Sets a key; false says that ifAbsent or ifPresent kept it from being set. */
  set(key: string, value: RedisArgument, options?: { ttl?: number | string; ifAbsent?: boolean; ifPresent?: boolean }): Promise<boolean>;
  /** Takes keys out; says how many there were. */
  delete(...keys: string[]): Promise<number>;
  /** Sends commands as one transaction (MULTI, EXEC); gives their replies. */
  transaction(commands: [string, ...RedisArgument[]][]): Promise<any[]>;
}`

// redisModule is hatchet:redis.
var redisModule = native.Module{
	Name: "hatchet:redis",
	Doc: "Redis, Valkey and what speaks their protocol (--allow-net). Texts are UTF-8. Errors have the name RedisError and as code the server's word (WRONGTYPE, NOAUTH), " +
		"or ECONNREFUSED and its like. A command is sent once: what becomes of it when the connection breaks is unknown.",
	Members: []member{
		{Name: "open", Type: "(url: string): Redis", Length: 1, Doc: "A server: redis://user:password@host:6379/0, with TLS rediss://. It connects when it is first used; " +
			"its connections end with the run.", Call: openRedis},
	},
	Types: redisTypes,
	Example: `import { open } from 'hatchet:redis'

const redis = open(process.env.REDIS_URL)
await redis.set('last-invoice', 17, { ttl: '1h' })
console.log(await redis.get('last-invoice')) // -> 17
console.log(await redis.call('INCR', 'runs')) // -> 1`,
}

// redisHandle is a server as a script has it.
type redisHandle struct {
	*native.Host
	options *redis.Options

	mu     sync.Mutex
	run    *permit.Run
	client *redis.Client
}

// Times of a connection. A reply may take long: some commands wait.
const (
	redisDialTime = 10 * time.Second
	redisPool     = 4
)

// quietRedis keeps the library's own log from the worker's.
var quietRedis = sync.OnceFunc(func() { redis.SetLogger(silence{log.New(io.Discard, "", 0)}) })

type silence struct{ *log.Logger }

// Printf says nothing.
func (silence) Printf(context.Context, string, ...any) {}

func openRedis(h *native.Host, call goja.FunctionCall) goja.Value {
	quietRedis()
	text := native.NonEmpty(h.Runtime, call.Argument(0), "redis.open: the URL")
	if !strings.HasPrefix(text, "redis://") && !strings.HasPrefix(text, "rediss://") {
		native.Throw(h.Runtime, "redis.open: the URL must be such as redis://user:password@host:6379/0")
	}
	options, err := redis.ParseURL(text)
	if err != nil {
		native.Throw(h.Runtime, "redis.open: the URL: %s", strings.TrimPrefix(err.Error(), "redis: "))
	}
	options.Protocol, options.MaxRetries, options.DialerRetries = 2, -1, 1
	options.DialTimeout, options.ReadTimeout, options.WriteTimeout = redisDialTime, -1, -1
	options.PoolSize, options.DisableIdentity, options.ContextTimeoutEnabled = redisPool, true, true
	options.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	return defineOn(h, h.Runtime.NewObject(), &redisHandle{Host: h, options: options}, redisMembers...)
}

// of is the client of the run of ctx.
func (r *redisHandle) of(ctx context.Context) (*redis.Client, error) {
	run := permit.From(ctx)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.run == run {
		return r.client, nil
	}
	options := *r.options
	options.Dialer = redisDialer(ctx, run, &options)
	client := redis.NewClient(&options)
	if _, err := run.Own(client); err != nil {
		return nil, err
	}
	r.run, r.client = run, client
	return client, nil
}

// redisDialer connects through the door. The library connects on goroutines of
// its own, whose context knows no run.
func redisDialer(begun context.Context, run *permit.Run, options *redis.Options) func(context.Context, string, string) (net.Conn, error) {
	secure, place := options.TLSConfig, permit.PlaceOf(begun)
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		ctx, stop := context.WithCancel(permit.WithPlace(ctx, place))
		defer stop()
		defer context.AfterFunc(begun, stop)()
		conn, err := run.Dial(ctx, network, address)
		if err != nil || secure == nil {
			return conn, err
		}
		return overTLS(ctx, conn, secure, address)
	}
}

var redisMembers = []native.Member[*redisHandle]{
	{Name: "call", Length: 1, Async: func(r *redisHandle, call goja.FunctionCall) native.Work {
		return r.command(redisArguments(r.Host, call.Arguments, "call"))
	}},
	{Name: "get", Length: 1, Async: func(r *redisHandle, call goja.FunctionCall) native.Work {
		return r.command([]any{"GET", native.String(r.Runtime, call.Argument(0), "get: the key")})
	}},
	{Name: "set", Length: 2, Async: (*redisHandle).set},
	{Name: "delete", Length: 1, Async: func(r *redisHandle, call goja.FunctionCall) native.Work {
		command := []any{"DEL"}
		for _, key := range call.Arguments {
			command = append(command, native.String(r.Runtime, key, "delete: a key"))
		}
		if len(command) == 1 {
			native.Throw(r.Runtime, "delete: there is no key")
		}
		return r.command(command)
	}},
	{Name: "transaction", Length: 1, Async: (*redisHandle).transaction},
}

// command sends one.
func (r *redisHandle) command(command []any) native.Work {
	return func(ctx context.Context) (any, error) {
		reply, err := r.reply(ctx, command)
		if err != nil {
			return nil, err
		}
		return func() goja.Value { return redisValue(r.Host, reply) }, nil
	}
}

// reply sends a command; nil is what Redis has no value for.
func (r *redisHandle) reply(ctx context.Context, command []any) (any, error) {
	client, err := r.of(ctx)
	if err != nil {
		return nil, err
	}
	reply, err := client.Do(ctx, command...).Result()
	if errors.Is(err, redis.Nil) {
		return nil, nil
	}
	return reply, redisFailure(ctx, err)
}

func (r *redisHandle) set(call goja.FunctionCall) native.Work {
	key := native.String(r.Runtime, call.Argument(0), "set: the key")
	b := bagOf(r.Host, call.Argument(2), "set", "ttl", "ifAbsent", "ifPresent")
	command := append([]any{"SET", key}, redisArguments(r.Host, []goja.Value{call.Argument(1)}, "set")...)
	if ttl := b.duration("ttl", 0); ttl > 0 {
		command = append(command, "PX", max(ttl.Milliseconds(), 1))
	}
	if b.flag("ifAbsent", false) {
		command = append(command, "NX")
	}
	if b.flag("ifPresent", false) {
		command = append(command, "XX")
	}
	return func(ctx context.Context) (any, error) {
		reply, err := r.reply(ctx, command)
		return reply != nil, err
	}
}

func (r *redisHandle) transaction(call goja.FunctionCall) native.Work {
	var commands [][]any
	for _, item := range native.Elements(r.Runtime, call.Argument(0), "transaction: the commands") {
		commands = append(commands, redisArguments(r.Host, native.Elements(r.Runtime, item, "transaction: a command"), "transaction"))
	}
	return func(ctx context.Context) (any, error) {
		client, err := r.of(ctx)
		if err != nil {
			return nil, err
		}
		replies, err := client.TxPipelined(ctx, func(pipe redis.Pipeliner) error {
			for _, command := range commands {
				pipe.Do(ctx, command...)
			}
			return nil
		})
		if err != nil && !errors.Is(err, redis.Nil) {
			return nil, redisFailure(ctx, err)
		}
		list := []any{}
		for _, reply := range replies {
			value, err := reply.(*redis.Cmd).Result()
			if err != nil && !errors.Is(err, redis.Nil) {
				return nil, redisFailure(ctx, err)
			}
			list = append(list, func() goja.Value { return redisValue(r.Host, value) })
		}
		return list, nil
	}
}

func redisArguments(h *native.Host, values []goja.Value, what string) []any {
	if len(values) == 0 {
		native.Throw(h.Runtime, "%s: there is no command", what)
	}
	list := make([]any, len(values))
	for i, v := range values {
		switch {
		case goja.IsString(v), goja.IsNumber(v), goja.IsBigInt(v), v == h.Runtime.ToValue(true), v == h.Runtime.ToValue(false):
			list[i] = v.String()
		default:
			data, ok := native.Bytes(v)
			if !ok {
				native.Throw(h.Runtime, "%s: an argument must be a text, a number or bytes, got %s", what, native.Describe(v))
			}
			list[i] = append([]byte{}, data...)
		}
	}
	return list
}

// redisValue is what scripts see of a reply.
func redisValue(h *native.Host, reply any) goja.Value {
	switch v := reply.(type) {
	case nil:
		return goja.Null()
	case int64:
		return wholeNumberOf(h, v)
	case string:
		return h.Runtime.ToValue(strings.ToValidUTF8(v, "\ufffd"))
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = redisValue(h, item)
		}
		return h.Runtime.NewArray(list...)
	case error:
		return h.VM.NewError(redisFailure(context.Background(), v))
	}
	return h.Runtime.ToValue(fmt.Sprint(reply))
}

func redisFailure(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if known := passed(ctx, err); known != nil {
		return known
	}
	var said redis.Error
	f := &failure{name: "RedisError", err: err, code: networkCode(err)}
	if f.code == "" && errors.As(err, &said) {
		f.code, _, _ = strings.Cut(said.Error(), " ")
	}
	return f
}
