package permit

import "context"

// Question is what an [Asker] is asked.
type Question struct {
	Kind   Kind
	Target string // "api.stripe.com:443", an absolute path
	Entry  string // the entry of a grant that would allow it
	Detail string // may be ""
	Task   Task
	Place  Place
}

// Answer is what an [Asker] says.
type Answer int

const (
	// No refuses the access.
	No Answer = iota
	// Once allows the entry until the run ends.
	Once
	// Always allows it from now on; the asker has written it down.
	Always
)

// Asker decides about what no rule grants, as a person at a terminal does. It
// is asked one question at a time, and gives up with No when ctx is done.
type Asker interface {
	Ask(ctx context.Context, question Question) Answer
}

// ask asks about a refused access, if that can be of use.
func (r *Run) ask(ctx context.Context, refused *NotCapableError, check func(*Policy) *NotCapableError) bool {
	d := r.door
	if d.opts.Asker == nil || refused.Refusal != "" || refused.Entry == "" {
		return false
	}
	key := string(refused.Kind) + " " + refused.Entry
	d.asking.Lock()
	defer d.asking.Unlock()
	if r.wasAllowed(key) || check(r.policy()) == nil { // answered meanwhile
		return true
	}
	switch d.opts.Asker.Ask(ctx, Question{
		Kind: refused.Kind, Target: refused.Target, Entry: refused.Entry, Detail: refused.Detail, Task: r.task, Place: refused.Place,
	}) {
	case Once:
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.once == nil {
			r.once = map[string]bool{}
		}
		r.once[key] = true
		return true
	case Always:
		return d.add(refused.Kind, refused.Entry) == nil && check(r.policy()) == nil
	}
	return false
}

func (r *Run) wasAllowed(key string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.once[key]
}
