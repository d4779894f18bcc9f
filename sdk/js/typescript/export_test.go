package typescript

import "strings"

// Refused is one member that cannot run here, as the surface has it.
type Refused struct{ Of, Member, Instead string }

// RefusedExports are those of import paths, RefusedMembers those of classes.
func RefusedExports() []Refused {
	var list []Refused
	for _, p := range paths {
		list = append(list, each(p.specifier(), p.refused)...)
	}
	return list
}

func RefusedMembers() []Refused {
	var list []Refused
	for _, c := range classes {
		list = append(list, each(c.name, c.refused)...)
	}
	return list
}

func each(of string, refused []refusal) []Refused {
	var list []Refused
	for _, r := range refused {
		for name := range strings.FieldsSeq(r.names) {
			list = append(list, Refused{of, name, r.instead})
		}
	}
	return list
}
