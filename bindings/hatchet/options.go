package hatchet

import (
	"fmt"
	"slices"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
)

// option is one key of an option object. T is what the option is set on.
type option[T any] struct {
	name string
	typ  string // in TypeScript
	doc  string
	set  func(r *Realm, target T, what string, v goja.Value)
}

// apply sets on target what bag says. subject names what bag belongs to, for
// messages. An unknown key is an error; an undefined value is none at all.
func apply[T any](r *Realm, target T, subject string, options []option[T], bag *goja.Object) {
	for _, key := range r.given(bag, subject) {
		o := findOption(options, key)
		if o == nil {
			r.fail("%s: %s", subject, unknownOption(key, optionNames(options)))
		}
		if v, found := findKey(bag, key); found {
			o.set(r, target, subject+": "+key, v)
		}
	}
}

// synonyms are options with two names, of which only one can be given.
var synonyms = map[string]string{
	"timeout": "executionTimeout", "priority": "defaultPriority", "input": "inputSchema", "strategy": "limitStrategy",
	"key": "staticKey", "childKey": "key", "ttlMs": "fallbackTtlMs",
}

// given lists the keys of an option object.
func (r *Realm) given(bag *goja.Object, subject string) []string {
	keys := bag.Keys()
	for _, key := range keys {
		if other := synonyms[key]; other != "" && slices.Contains(keys, other) {
			r.fail("%s: %s and %s are one option; give one of them", subject, key, other)
		}
	}
	return keys
}

func findOption[T any](options []option[T], name string) *option[T] {
	for i := range options {
		if options[i].name == name {
			return &options[i]
		}
	}
	return nil
}

func optionNames[T any](options []option[T]) []string {
	names := make([]string, len(options))
	for i, o := range options {
		names[i] = o.name
	}
	return names
}

// elsewhere names options that exist in Hatchet's own SDKs, or are easily
// expected, and says what to use here instead.
var elsewhere = map[string]string{
	"maxSize":        "it belongs into the option batch of a batchTask",
	"groupKey":       "it belongs into the option batch of a batchTask",
	"evictionPolicy": "waiting durable tasks are evicted by the worker itself; leave it out",
	"inputValidator": "give a JSON Schema as inputSchema instead",
	"outputSchema":   "outputs are not checked; leave it out",
	"handler":        "the function is called fn, or is given as the last argument",
	"run":            "the function is called fn, or is given as the last argument",
	"dependsOn":      "it is called parents",
	"after":          "it is called parents",
	"schedule":       "it is called cron",
	"metadata":       "it is called additionalMetadata",

	"returnExceptions": "it goes with run and a list of inputs",
}

// unknownOption is the message for a key that no table has.
func unknownOption(key string, known []string) string {
	said := fmt.Sprintf("unknown option %q", key)
	if hint, ok := elsewhere[key]; ok {
		return said + "; " + hint
	}
	if near := nearest(key, known); near != "" {
		return fmt.Sprintf("%s, did you mean %q?", said, near)
	}
	return said + "; known are " + list(known)
}

// bag returns v as an option object; undefined and null stand for an empty one.
func (r *Realm) bag(v goja.Value, what string) *goja.Object {
	if native.Missing(v) {
		return r.rt.NewObject()
	}
	return native.Object(r.rt, v, what)
}

// fail throws a TypeError at the script's call.
func (r *Realm) fail(format string, args ...any) {
	native.Throw(r.rt, format, args...)
}
