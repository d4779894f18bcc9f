package native

// Section is the reference of one object or bag of options: the same tables that
// make it at run time, in a form that documents and declarations are made from.
type Section struct {
	Name    string
	Entries []Entry
}

// Entry is one member or option.
type Entry struct {
	Name string
	// Type is as in [Member.Type]; for options the type alone. "" means that the
	// type is more than a table can say, and is written by hand.
	Type     string
	Doc      string
	Optional bool
}

// DescribeMembers makes a section of members.
func DescribeMembers[H any](name string, members []Member[H]) Section {
	section := Section{Name: name}
	for _, m := range members {
		section.Entries = append(section.Entries, Entry{Name: m.Name, Type: m.Type, Doc: m.Doc})
	}
	return section
}
