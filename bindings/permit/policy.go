package permit

import (
	"fmt"
	"net"
	"net/netip"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Base is what entries are relative to when rules become a policy.
type Base struct {
	// Dir is the absolute folder of relative paths.
	Dir string
	// Path is the list of folders in which programs are looked up, as in the
	// variable PATH.
	Path string
}

// Policy decides. It is immutable.
type Policy struct {
	rules  Rules
	base   Base
	net    [2][]netEntry // allow, deny
	files  map[Kind]fileGrant
	run    [2][]string // absolute paths of programs
	narrow *Policy     // of a workflow; both must allow
	owner  string      // whose policy it is, for errors: "workflow invoice"
}

const (
	allow = iota
	deny
)

// NewPolicy makes the policy of rules. The error says which entry is wrong.
func NewPolicy(rules Rules, base Base) (*Policy, error) {
	if err := rules.Check(); err != nil {
		return nil, err
	}
	if !filepath.IsAbs(base.Dir) {
		return nil, fmt.Errorf("the base folder %q of the permissions is not absolute", base.Dir)
	}
	p := &Policy{rules: rules, base: base, files: map[Kind]fileGrant{}}
	for i, entries := range [2][]string{rules[Net].Allow, rules[Net].Deny} {
		for _, text := range entries {
			entry, err := parseNetEntry(text)
			if err != nil {
				return nil, err
			}
			p.net[i] = append(p.net[i], entry)
		}
	}
	for _, kind := range []Kind{Read, Write} {
		p.files[kind] = newFileGrant(rules[kind], base.Dir)
	}
	for i, entries := range [2][]string{rules[Command].Allow, rules[Command].Deny} {
		for _, name := range entries {
			if program, err := lookProgram(name, base.Dir, base.Path); err == nil {
				p.run[i] = append(p.run[i], program)
			}
		}
	}
	return p, nil
}

// Narrowed returns a policy that allows what p and, for the kinds that rules
// mention, rules allow. owner names whose rules they are, for errors.
func (p *Policy) Narrowed(rules Rules, owner string) (*Policy, error) {
	full := Rules{}
	for _, kind := range Kinds {
		g, mentioned := rules[kind]
		if !mentioned || !g.All && len(g.Allow) == 0 && g.Deny != nil {
			g.All = true // only denies
		}
		full[kind] = g
	}
	inner, err := NewPolicy(full, p.base)
	if err != nil {
		return nil, err
	}
	inner.owner = owner
	narrowed := *p
	narrowed.narrow = inner
	return &narrowed, nil
}

// plus returns the policy with more rules.
func (p *Policy) plus(more Rules) (*Policy, error) {
	sum, err := NewPolicy(p.rules.Plus(more), p.base)
	if err != nil {
		return nil, err
	}
	sum.narrow = p.narrow
	return sum, nil
}

// refuse makes the error for an access that no grant covers, or a denied one.
func (p *Policy) refuse(kind Kind, target, entry string, denied bool) *NotCapableError {
	e := &NotCapableError{Kind: kind, Target: target, Entry: entry}
	switch {
	case denied:
		e.Refusal = fmt.Sprintf("which is denied (--deny-%s)", kind)
	case p.owner != "":
		e.Refusal = fmt.Sprintf("which the permissions of %s in %s leave out", p.owner, ConfigName)
	}
	return e
}

// host checks a connection by the name under which it was asked for.
func (p *Policy) host(host string, port int) *NotCapableError {
	target := net.JoinHostPort(host, strconv.Itoa(port))
	folded := foldHost(host)
	addr, err := netip.ParseAddr(folded)
	match := func(e netEntry) bool { return e.matchesName(folded, port) }
	if err == nil {
		return p.address(addr, port, "")
	}
	g := p.rules[Net]
	switch {
	case g.DenyAll || slices.ContainsFunc(p.net[deny], match):
		return p.refuse(Net, target, host, true)
	case !g.All && !slices.ContainsFunc(p.net[allow], match):
		return p.refuse(Net, target, host, false)
	}
	if p.narrow != nil {
		return p.narrow.host(host, port)
	}
	return nil
}

// address checks a connection by its address; name is the host, which was
// checked before, or "" if the script gave the address itself.
func (p *Policy) address(addr netip.Addr, port int, name string) *NotCapableError {
	addr = addr.Unmap().WithZone("")
	match := func(e netEntry) bool { return e.matchesAddr(addr, port) }
	inner, carried := embedded(addr)
	denied := func(e netEntry) bool { return match(e) || carried && e.matchesAddr(inner, port) }
	g, target := p.rules[Net], netip.AddrPortFrom(addr, uint16(port)).String()
	switch class := specialName(addr); {
	case g.DenyAll || slices.ContainsFunc(p.net[deny], denied):
		return p.refuse(Net, target, addr.String(), true).explain(name, "")
	case slices.ContainsFunc(p.net[allow], match):
	case class != "" && p.owner == "":
		return p.refuse(Net, target, addr.String(), false).explain(name, class)
	case name == "" && !g.All:
		return p.refuse(Net, target, addr.String(), false)
	}
	if p.narrow != nil {
		return p.narrow.address(addr, port, name)
	}
	return nil
}

// explain says whose address the target is, and why it takes an entry of its
// own.
func (e *NotCapableError) explain(name, class string) *NotCapableError {
	var parts []string
	if name != "" {
		parts = append(parts, "an address of "+name)
	}
	if class != "" {
		parts = append(parts, class+" need an entry of their own")
	}
	e.Detail = strings.Join(parts, "; ")
	return e
}

// variable says whether a variable of the environment may be read, and whether
// it has to be taken for unset.
func (p *Policy) variable(name string) (refused *NotCapableError, unset bool) {
	name = variableName(name)
	match := func(entry string) bool {
		stem, wild := strings.CutSuffix(variableName(entry), "*")
		return wild && strings.HasPrefix(name, stem) || variableName(entry) == name
	}
	g := p.rules[Env]
	switch {
	case slices.ContainsFunc(g.Ignore, match):
		return nil, true
	case g.DenyAll || slices.ContainsFunc(g.Deny, match):
		return p.refuse(Env, name, name, true), false
	case !g.All && !slices.ContainsFunc(g.Allow, match):
		return p.refuse(Env, name, name, false), false
	}
	if p.narrow != nil {
		return p.narrow.variable(name)
	}
	return nil, false
}

// program checks a program by its absolute path; name is what was asked for. Of
// one that cannot be found the path is "", and then the name counts.
func (p *Policy) program(name, path string) *NotCapableError {
	g := p.rules[Command]
	is := func(other string) bool { return same(path, other) }
	named := func(name string) bool { return isNamed(path, name) }
	switch {
	case g.DenyAll || slices.ContainsFunc(p.run[deny], is) || slices.ContainsFunc(g.Deny, named):
		return p.refuse(Command, name, name, true)
	case path == "" && slices.Contains(g.Allow, name):
	case !g.All && !slices.ContainsFunc(p.run[allow], is):
		return p.refuse(Command, name, name, false)
	}
	if p.narrow != nil {
		return p.narrow.program(name, path)
	}
	return nil
}

// system says whether something may be told about the machine.
func (p *Policy) system(name string) *NotCapableError {
	g := p.rules[Sys]
	switch {
	case g.DenyAll || slices.Contains(g.Deny, name):
		return p.refuse(Sys, name, name, true)
	case !g.All && !slices.Contains(g.Allow, name):
		return p.refuse(Sys, name, name, false)
	}
	if p.narrow != nil {
		return p.narrow.system(name)
	}
	return nil
}
