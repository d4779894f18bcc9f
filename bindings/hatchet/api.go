package hatchet

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
)

// asked is one request of the REST face as a script's arguments make it.
type asked struct {
	APIRequest
	body map[string]any // JSON object; nil = none
	// ids are the names of workflows whose ids go into the query or the body,
	// under the key.
	ids map[string]lookup
	// within is a part of the body that names workflows, under the key filter.
	within *asked
	// before completes the request with what only the engine can tell.
	before func(ctx context.Context, host Management) error
	// shape turns the answer into what the script gets; nil leaves it as it is.
	shape func(r *Realm, answer goja.Value) (goja.Value, error)
}

// lookup are workflows to be looked up.
type lookup struct {
	names []string
	list  bool // in the body: a list of ids, not the only one
}

// reader fills q from the arguments of a call.
type reader func(r *Realm, what string, args []goja.Value, q *asked)

// rest makes a method that is one request of the REST face. most is how many
// arguments it takes. What changes something goes through even if the script
// does not wait for it.
func rest(what, method string, most int, read reader) func(*Realm, goja.FunctionCall) goja.Value {
	return func(r *Realm, call goja.FunctionCall) goja.Value {
		u := r.running(what)
		r.noMore(call, most, what)
		q := &asked{APIRequest: APIRequest{Method: method, Query: url.Values{}}, ids: map[string]lookup{}}
		read(r, what, call.Arguments, q)
		return u.ask(what, q)
	}
}

// ask makes the request and gives a promise of the answer.
func (u *run) ask(what string, q *asked) goja.Value {
	r, host := u.realm, u.inv.Host
	call := func(ctx context.Context) (answer, error) {
		got, err := q.send(ctx, host)
		if err != nil {
			return nil, err
		}
		return func() (goja.Value, error) { return r.answered(got, q) }, nil
	}
	if q.Method == http.MethodGet {
		return u.inquire(what, call)
	}
	return u.effect(what, call)
}

// send looks up the ids that the request needs and makes it.
func (q *asked) send(ctx context.Context, host Management) (*APIAnswer, error) {
	if q.before != nil {
		if err := q.before(ctx, host); err != nil {
			return nil, err
		}
	}
	if err := q.lookUp(ctx, host); err != nil {
		return nil, err
	}
	if q.within != nil {
		if err := q.within.lookUp(ctx, host); err != nil {
			return nil, err
		}
		q.body["filter"] = q.within.body
	}
	if q.body != nil {
		text, err := json.Marshal(q.body)
		if err != nil {
			return nil, err
		}
		q.Body = text
	}
	return host.REST(ctx, q.APIRequest)
}

// lookUp puts the ids of named workflows where they belong.
func (q *asked) lookUp(ctx context.Context, host Management) error {
	for key, wanted := range q.ids {
		ids := make([]string, len(wanted.names))
		for i, name := range wanted.names {
			id, err := workflowID(ctx, host, name)
			if err != nil {
				return err
			}
			ids[i] = id
		}
		switch {
		case q.body == nil:
			q.Query[key] = ids
		case wanted.list:
			q.body[key] = ids
		default:
			q.body[key] = ids[0]
		}
	}
	return nil
}

// workflowID is the id of a workflow, given by its name or its id.
func workflowID(ctx context.Context, host Management, name string) (string, error) {
	if isUUID(name) {
		return name, nil
	}
	listed, err := host.FindWorkflow(ctx, name)
	if err != nil {
		return "", err
	}
	var known struct{ Metadata struct{ ID string } }
	if err := json.Unmarshal(listed, &known); err != nil || known.Metadata.ID == "" {
		return "", fmt.Errorf("the engine does not tell the id of workflow %q", name)
	}
	return known.Metadata.ID, nil
}

// isUUID reports whether text is the notation of an id: 8-4-4-4-12 hexadecimal
// digits.
func isUUID(text string) bool {
	if len(text) != 36 {
		return false
	}
	for i, c := range []byte(text) {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if dash != (c == '-') || !dash && !strings.ContainsRune("0123456789abcdefABCDEF", rune(c)) {
			return false
		}
	}
	return true
}

// answered is the value of an answer: JSON decoded, text as it is, undefined if
// there is none.
func (r *Realm) answered(got *APIAnswer, q *asked) (goja.Value, error) {
	v := goja.Undefined()
	switch {
	case got.JSON:
		decoded, err := r.decoder.Decode(got.Body)
		if err != nil {
			return nil, fmt.Errorf("the answer of %s %s cannot be read: %w", q.Method, q.Path, err)
		}
		v = decoded
	case len(got.Body) > 0:
		v = r.rt.ToValue(string(got.Body))
	}
	if q.shape != nil {
		return q.shape(r, v)
	}
	return v, nil
}

// id reads the id of something the engine keeps: a string, or what the engine
// told of it.
func (r *Realm) id(v goja.Value, what string) string {
	if o, ok := v.(*goja.Object); ok {
		if metadata, ok := o.Get("metadata").(*goja.Object); ok {
			v = metadata.Get("id")
		}
	}
	if v == nil || !goja.IsString(v) {
		r.fail("%s must be an id, or what the engine gave, got %s", what, native.Describe(v))
	}
	return native.NonEmpty(r.rt, v, what)
}

// at is a path with the id of args[0] in the place of %s.
func at(format string) reader {
	return func(r *Realm, what string, args []goja.Value, q *asked) {
		q.Path = fmt.Sprintf(format, url.PathEscape(r.id(argument(args, 0), what)))
	}
}

// fixed is a path that does not depend on the arguments.
func fixed(path string) reader {
	return func(_ *Realm, _ string, _ []goja.Value, q *asked) { q.Path = path }
}

// with reads the options in the argument of this index, too.
func (read reader) with(index int, options []option[*asked]) reader {
	return func(r *Realm, what string, args []goja.Value, q *asked) {
		read(r, what, args, q)
		apply(r, q, what, options, r.bag(argument(args, index), what+": the options"))
	}
}

// sending gives the request a JSON body, empty at first.
func (read reader) sending(body map[string]any) reader {
	return func(r *Realm, what string, args []goja.Value, q *asked) {
		q.body = make(map[string]any, len(body)+4)
		for key, v := range body {
			q.body[key] = v
		}
		read(r, what, args, q)
	}
}

// shaped gives the script something else than the answer.
func (read reader) shaped(shape func(*Realm, goja.Value) (goja.Value, error)) reader {
	return func(r *Realm, what string, args []goja.Value, q *asked) {
		q.shape = shape
		read(r, what, args, q)
	}
}

// needing refuses a body without one of these keys; called is what they are for
// a script.
func (read reader) needing(called string, keys ...string) reader {
	return func(r *Realm, what string, args []goja.Value, q *asked) {
		read(r, what, args, q)
		for _, key := range keys {
			if _, looked := q.ids[key]; q.body[key] == nil && !looked {
				r.fail("%s needs %s", what, called)
			}
		}
	}
}

// The kinds of values that options of requests have.

type valueReader func(r *Realm, v goja.Value, what string) any

func readText(r *Realm, v goja.Value, what string) any { return native.NonEmpty(r.rt, v, what) }

func readNumber(r *Realm, v goja.Value, what string) any {
	return native.Integer(r.rt, v, what, 0, maxNumber)
}

func readBoolean(r *Realm, v goja.Value, what string) any { return native.Boolean(r.rt, v, what) }

func readObject(r *Realm, v goja.Value, what string) any {
	return r.json(native.Object(r.rt, v, what), what)
}

func readPriority(r *Realm, v goja.Value, what string) any { return r.priority(v, what) }

func readInstant(r *Realm, v goja.Value, what string) any { return wireTime(r.instant(v, what)) }

func readTexts(r *Realm, v goja.Value, what string) any {
	var texts []string
	for _, one := range oneOrMany(r, v, what) {
		texts = append(texts, native.NonEmpty(r.rt, one, what))
	}
	return texts
}

// readPairs reads metadata to look for: each as key:value.
func readPairs(r *Realm, v goja.Value, what string) any {
	wanted := native.Object(r.rt, v, what)
	pairs := []string{}
	for _, key := range wanted.Keys() {
		pairs = append(pairs, key+":"+wanted.Get(key).String())
	}
	return pairs
}

const maxNumber = 1<<31 - 1

// wireTime is a time as the REST face reads it.
func wireTime(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// instant reads a Date, or a text in the notation of RFC 3339.
func (r *Realm) instant(v goja.Value, what string) time.Time {
	if goja.IsString(v) {
		t, err := time.Parse(time.RFC3339, v.String())
		if err != nil {
			r.fail("%s must be a Date, or a text like '2026-01-02T15:04:05Z', got %s", what, native.Quote(v))
		}
		return t
	}
	return r.date(v, what)
}

// inQuery is an option that goes into the query under the name wire.
func inQuery(name, wire, typ, doc string, read valueReader) option[*asked] {
	return option[*asked]{name, typ, doc, func(r *Realm, q *asked, what string, v goja.Value) {
		switch value := read(r, v, what).(type) {
		case []string:
			q.Query[wire] = append(q.Query[wire], value...)
		case int:
			q.Query.Set(wire, strconv.Itoa(value))
		case bool:
			q.Query.Set(wire, strconv.FormatBool(value))
		case string:
			q.Query.Set(wire, value)
		}
	}}
}

// inBody is an option that goes into the body under the name wire.
func inBody(name, wire, typ, doc string, read valueReader) option[*asked] {
	return option[*asked]{name, typ, doc, func(r *Realm, q *asked, what string, v goja.Value) {
		q.body[wire] = read(r, v, what)
	}}
}

// byName is an option that names workflows, whose ids the request needs under
// the name wire.
func byName(name, wire, typ, doc string, list bool) option[*asked] {
	return option[*asked]{name, typ, doc, func(r *Realm, q *asked, what string, v goja.Value) {
		wanted := lookup{list: list}
		given := []goja.Value{v}
		if list {
			given = oneOrMany(r, v, what)
		}
		for _, one := range given {
			wanted.names = append(wanted.names, r.nameOf(one, what))
		}
		q.ids[wire] = wanted
	}}
}
