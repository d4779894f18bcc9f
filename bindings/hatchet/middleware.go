package hatchet

import (
	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
)

// middleware are the hooks around the handlers of a file, in the order in which
// they were given.
type middleware struct {
	before, after []goja.Callable
}

var middlewareOptions = []option[*middleware]{
	{"before", "Before | Before[]", "Called before each handler; what it returns is merged into the input.",
		func(r *Realm, m *middleware, what string, v goja.Value) {
			m.before = append(m.before, r.hooks(v, what)...)
		}},
	{"after", "After | After[]", "Called after each handler that returned; what it returns takes the place of the output.",
		func(r *Realm, m *middleware, what string, v goja.Value) {
			m.after = append(m.after, r.hooks(v, what)...)
		}},
}

// hooks reads a function or a list of them.
func (r *Realm) hooks(v goja.Value, what string) []goja.Callable {
	var hooks []goja.Callable
	for _, one := range oneOrMany(r, v, what) {
		hook, ok := goja.AssertFunction(one)
		if !ok {
			r.fail("%s must be a function, or a list of functions, got %s", what, native.Describe(one))
		}
		hooks = append(hooks, hook)
	}
	return hooks
}

// clientWithMiddleware is hatchet.withMiddleware({ before, after }).
func clientWithMiddleware(r *Realm, call goja.FunctionCall) goja.Value {
	const what = "hatchet.withMiddleware()"
	r.loading(what)
	r.noMore(call, 1, what)
	apply(r, &r.middleware, what, middlewareOptions, native.Object(r.rt, call.Argument(0), what+": the hooks"))
	return call.This
}

// before calls the hooks from the i-th on, and then what they come before.
func (u *run) before(i int) (goja.Value, error) {
	hooks := u.hooks().before
	if i == len(hooks) {
		return u.decide()
	}
	given, err := hooks[i](goja.Undefined(), u.input, u.object)
	if err != nil {
		return nil, err
	}
	return u.realm.then(given, func(extra goja.Value) (goja.Value, error) {
		if err := u.merge(extra); err != nil {
			return nil, err
		}
		return u.before(i + 1)
	})
}

// hooks are those around the task's handler.
func (u *run) hooks() *middleware {
	if own := u.task.workflow.hooks; own != nil {
		return own
	}
	return &u.realm.middleware
}

// merge adds what a hook gave to the input, in a copy.
func (u *run) merge(extra goja.Value) error {
	if native.Missing(extra) {
		return nil
	}
	if !native.IsPlain(extra) {
		return u.outputError(&TaskError{Message: "a before hook must return an object, which is merged into the input, or nothing; it returned " +
			native.Describe(extra)})
	}
	merged := u.realm.rt.NewObject()
	for _, part := range []goja.Value{u.input, extra} {
		from := part.(*goja.Object)
		for _, key := range from.Keys() {
			_ = merged.DefineDataProperty(key, from.Get(key), goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_TRUE)
		}
	}
	u.input = merged
	return u.object.Set("input", merged)
}

// call calls the handler, and the hooks that come after it.
func (u *run) call() (goja.Value, error) {
	result, err := u.task.call(goja.Undefined(), u.input, u.object)
	if err != nil || u.inv.Batch != nil || len(u.hooks().after) == 0 {
		return result, err
	}
	return u.realm.then(result, func(result goja.Value) (goja.Value, error) { return u.after(0, result) })
}

// after calls the hooks from the i-th on with what there is to return so far.
func (u *run) after(i int, result goja.Value) (goja.Value, error) {
	hooks := u.hooks().after
	if i == len(hooks) {
		return result, nil
	}
	given, err := hooks[i](goja.Undefined(), result, u.object, u.input)
	if err != nil {
		return nil, err
	}
	return u.realm.then(given, func(other goja.Value) (goja.Value, error) {
		if goja.IsUndefined(other) {
			other = result
		}
		return u.after(i+1, other)
	})
}
