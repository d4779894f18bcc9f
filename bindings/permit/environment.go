package permit

import (
	"context"
	"maps"
	"slices"
	"strings"
)

// Getenv returns a variable of the environment. One that is hidden is never
// set.
func (r *Run) Getenv(ctx context.Context, name string) (value string, set bool, err error) {
	name = variableName(name)
	if value, ok := r.door.variables()[name]; ok {
		r.door.used("env " + name)
		return value, true, nil
	}
	unset := false
	err = r.allow(ctx, Env, name, func(p *Policy) (refused *NotCapableError) {
		refused, unset = p.variable(name)
		return refused
	})
	if err != nil || unset {
		return "", false, err
	}
	value, set = r.door.env[name]
	return value, set, nil
}

// Environ are the names of the variables that the run may read, sorted. It
// asks nobody.
func (r *Run) Environ() []string {
	policy, doubles := r.policy(), r.door.variables()
	names := slices.Collect(maps.Keys(doubles))
	for name := range r.door.env {
		if _, double := doubles[name]; double {
			continue
		}
		if refused, unset := policy.variable(name); refused == nil && !unset {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// System checks that the run may be told something about the machine: one of
// [SysNames].
func (r *Run) System(ctx context.Context, name string) error {
	return r.allow(ctx, Sys, name, func(p *Policy) *NotCapableError { return p.system(name) })
}

// loaderVariables change what code a program runs before its own.
func loaderVariable(name string) bool {
	name = variableName(name)
	return strings.HasPrefix(name, "LD_") || strings.HasPrefix(name, "DYLD_") || name == "NODE_OPTIONS"
}
