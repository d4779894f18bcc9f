package core

import (
	"encoding/json"
	"strings"
	"time"
)

// claim is an idempotency key that a run holds (hatchet-protocol.md section
// 6.4). Keys are unique in the tenant.
type claim struct {
	key     string
	run     string
	expires time.Time
	timer   timer
}

// reservedKeys is the prefix of keys that are the engine's own.
const reservedKeys = "hatchet_internal_"

// due frees a key whose time is over.
func (x *claim) due(c *Core) {
	if c.claims[x.key] == x {
		delete(c.claims, x.key)
	}
}

// claimKey evaluates the idempotency key of a run to be; "" = the workflow has
// none.
func (c *Core) claimKey(v *version, input, metadata string) (string, *Error) {
	d := v.def.Idempotency
	if d == nil {
		return "", nil
	}
	value, err := c.evalIdempotency(d.Expression, input, metadata)
	key, isString := value.(string)
	switch {
	case err != nil:
		return "", invalid("the idempotency key of workflow %s: %v", v.workflow.name, err)
	case !isString || key == "":
		return "", invalid("the idempotency key of workflow %s is %v, not a string with something in it", v.workflow.name, value)
	case strings.HasPrefix(key, reservedKeys):
		return "", invalid("the idempotency key %q of workflow %s begins with %s, which is reserved", key, v.workflow.name, reservedKeys)
	}
	return key, nil
}

func (c *Core) evalIdempotency(expression, input, metadata string) (any, error) {
	if value, ok := literal(expression); ok {
		return value, nil
	}
	if c.config.Evaluator == nil {
		return nil, errorf(Unimplemented, "this engine has no CEL")
	}
	return c.config.Evaluator.Eval(EnvIdempotency, expression, map[string]json.RawMessage{
		"input":               objectOr([]byte(input), `{}`),
		"additional_metadata": objectOr([]byte(metadata), `{}`),
	})
}

// take claims a key for a run, or gives the run that holds it.
func (c *Core) take(key string, d *Idempotency, run string) (holder string) {
	if x := c.claims[key]; x != nil {
		if x.expires.After(c.now) {
			return x.run
		}
		c.disarm(&x.timer)
	}
	x := &claim{key: key, run: run, expires: c.now.Add(time.Duration(d.TTLMillis) * time.Millisecond)}
	c.claims[key] = x
	c.arm(&x.timer, x.expires, x)
	return ""
}

// startUnlessTaken starts a run that nobody waits for an answer about. One whose
// key is taken, or cannot be evaluated, is dropped.
func (c *Core) startUnlessTaken(r *run) {
	input, metadata := string(r.input), string(r.metadata)
	if _, err := c.claimKey(r.version, input, metadata); err != nil {
		return
	}
	if c.claimFor(r, input, metadata) == "" {
		c.startRun(r)
	}
}

// freeKey frees the key of a run when the first task that carries it ends, if
// the workflow wants that.
func (c *Core) freeKey(t *task) {
	d := t.run.version.def.Idempotency
	if t.run.claim == "" || d == nil || !d.Status || t.step.first != nil {
		return
	}
	if x := c.claims[t.run.claim]; x != nil && x.run == t.run.id {
		c.disarm(&x.timer)
		delete(c.claims, x.key)
	}
}

func (v *validator) idempotency() *Error {
	d := v.def.Idempotency
	if d == nil {
		return nil
	}
	where := "workflow " + v.def.Name
	switch {
	case d.Expression == "":
		return invalid("the idempotency of %s has no expression", where)
	case d.TTLMillis < 1:
		return invalid("the idempotency ttl %d of %s must be at least 1 ms", d.TTLMillis, where)
	}
	if _, ok := literal(d.Expression); ok {
		return nil
	}
	return checkExpression(v.evaluator, EnvIdempotency, d.Expression, where)
}
