package hatchet

import (
	"time"

	"github.com/dop251/goja"
)

// NameOf reads what scripts give for a workflow or a task: its name, or what the
// builder returned. It throws a TypeError, in which v is called what.
func (r *Realm) NameOf(v goja.Value, what string) string { return r.nameOf(v, what) }

// Duration reads what scripts give for a duration: text like "1h30m", a number
// of milliseconds, or an object of units. It throws a TypeError, in which v is
// called what.
func (r *Realm) Duration(v goja.Value, what string) time.Duration { return r.duration(v, what) }
