package permit

import (
	"fmt"
	"slices"
	"strings"
)

// Grant is what is said about one kind of access. The zero value grants
// nothing.
type Grant struct {
	// All allows everything that is not denied; of the network, everything but
	// addresses of this machine, of private networks and of links.
	All bool
	// Allow are the entries allowed: for net "host", "host:port",
	// "*.example.com", an address or a range of addresses ("10.0.0.0/8"), for
	// read and write a path with all below it, for env a name that may end in
	// "*", for run a program's name or path, for sys one of [SysNames].
	Allow []string
	// DenyAll denies everything, Deny what its entries say. Both win over what
	// is allowed.
	DenyAll bool
	Deny    []string
	// Ignore are, for env, names that scripts find unset instead of being
	// refused.
	Ignore []string
}

// IsZero reports whether nothing is said.
func (g Grant) IsZero() bool {
	return !g.All && !g.DenyAll && len(g.Allow)+len(g.Deny)+len(g.Ignore) == 0
}

func (g Grant) plus(other Grant) Grant {
	return Grant{
		All: g.All || other.All, Allow: slices.Concat(g.Allow, other.Allow),
		DenyAll: g.DenyAll || other.DenyAll, Deny: slices.Concat(g.Deny, other.Deny),
		Ignore: slices.Concat(g.Ignore, other.Ignore),
	}
}

// Rules are grants by kind, as flags or a file give them.
type Rules map[Kind]Grant

// Plus returns rules that allow and deny what either does.
func (r Rules) Plus(other Rules) Rules {
	sum := Rules{}
	for _, kind := range Kinds {
		if g := r[kind].plus(other[kind]); !g.IsZero() {
			sum[kind] = g
		}
	}
	return sum
}

// AllowAll is what -A stands for.
func AllowAll() Rules {
	rules := Rules{}
	for _, kind := range Kinds {
		rules[kind] = Grant{All: true}
	}
	return rules
}

// Check reports entries that could never match anything.
func (r Rules) Check() error {
	for _, kind := range Kinds {
		g := r[kind]
		for _, entry := range slices.Concat(g.Allow, g.Deny, g.Ignore) {
			if err := CheckEntry(kind, entry); err != nil {
				return err
			}
		}
	}
	return nil
}

// CheckEntry says what is wrong with an entry of a grant.
func CheckEntry(kind Kind, entry string) error {
	var err error
	switch {
	case entry == "":
		err = fmt.Errorf("an entry is empty")
	case strings.ContainsRune(entry, 0):
		err = fmt.Errorf("%q has a NUL character", entry)
	case kind == Net:
		_, err = parseNetEntry(entry)
	case kind == Env && strings.Contains(strings.TrimSuffix(entry, "*"), "*"):
		err = fmt.Errorf("%q: * may only end a name", entry)
	case kind == Sys && !slices.Contains(SysNames, entry):
		err = fmt.Errorf("%q is nothing that scripts could be told; there are %s", entry, strings.Join(SysNames, ", "))
	case kind == Env && strings.Contains(entry, "="):
		err = fmt.Errorf("%q: a variable's name has no =", entry)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", kind, err)
	}
	return nil
}
