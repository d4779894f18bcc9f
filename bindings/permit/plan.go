package permit

import (
	"context"
	"maps"
	"slices"
)

// Plan is what a door is made of, in a form that can be sent to a process that
// is to have the same. It holds nothing that the door hides from scripts.
type Plan struct {
	Rules     Rules
	Workflows map[string]Rules
	Dir       string
	Environ   []string // what scripts may be allowed to read
	Hidden    []string // names of variables that no program is given
	Limits    Limits
	// Authorities are certificates in PEM.
	Authorities []byte
	Secrets     map[string]string // by name
	Audited     bool              // decisions are recorded
	Asks        bool              // somebody is asked about what is not granted
}

// Plan is that of the door as it is now.
func (d *Door) Plan() Plan {
	d.mu.Lock()
	defer d.mu.Unlock()
	plan := Plan{
		Rules: d.policy.rules, Workflows: d.opts.Workflows, Dir: d.opts.Dir, Hidden: d.opts.Hidden, Limits: d.opts.Limits, Authorities: d.opts.Authorities,
		Audited: d.opts.Audit != nil, Asks: d.opts.Asker != nil,
	}
	for _, name := range slices.Sorted(maps.Keys(d.env)) {
		plan.Environ = append(plan.Environ, name+"="+d.env[name])
	}
	if d.opts.Secrets != nil {
		plan.Secrets = d.opts.Secrets.values
	}
	return plan
}

// Options are those of a door after the plan. Audit and Asker are left to the
// caller.
func (p Plan) Options() Options {
	options := Options{
		Rules: p.Rules, Workflows: p.Workflows, Dir: p.Dir, Environ: p.Environ, Hidden: p.Hidden, Limits: p.Limits, Authorities: p.Authorities,
	}
	if len(p.Secrets) > 0 {
		options.Secrets, _ = NewSecrets(p.Secrets) // whoever declared them was warned
	}
	return options
}

// Record writes a line to the audit log that a door after this one's plan has
// made. The error is that of the log: what cannot be recorded must not happen.
func (d *Door) Record(line []byte) error {
	if d.opts.Audit == nil {
		return nil
	}
	return d.opts.Audit.writeLine(line)
}

// Consult asks on behalf of a door after this one's plan. What is allowed for
// good is granted here, too.
func (d *Door) Consult(ctx context.Context, question Question) Answer {
	if d.opts.Asker == nil {
		return No
	}
	d.asking.Lock()
	defer d.asking.Unlock()
	if d.grants(question.Kind, question.Entry) { // answered meanwhile
		return Always
	}
	answer := d.opts.Asker.Ask(ctx, question)
	if answer == Always && d.add(question.Kind, question.Entry) != nil {
		return No
	}
	return answer
}

// grants reports whether there is such an entry.
func (d *Door) grants(kind Kind, entry string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Contains(d.policy.rules[kind].Allow, entry)
}
