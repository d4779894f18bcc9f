// Package declare writes the TypeScript declarations and the tables of the
// reference from the tables that make scripts' objects at run time.
package declare

import (
	"fmt"
	"strings"

	"github.com/hatchet-js/hatchet-js-worker/bindings/hatchet"
	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/bindings/web/console"
)

// Sections are all tables by name.
func Sections() map[string]native.Section {
	all := map[string]native.Section{}
	for _, section := range hatchet.Reference() {
		all[section.Name] = section
	}
	all["Console"] = native.DescribeMembers("Console", console.Members)
	return all
}

const (
	include = "//#include "
	begin   = "<!-- table "
	end     = "<!-- end -->"
)

// Declarations replaces each "//#include Section" of a template by the
// declarations of the section's members.
func Declarations(template string) (string, error) {
	sections := Sections()
	var out strings.Builder
	for line := range strings.Lines(template) {
		margin, name, found := strings.Cut(strings.TrimRight(line, "\n"), include)
		if !found {
			out.WriteString(line)
			continue
		}
		section, known := sections[name]
		if !known {
			return "", fmt.Errorf("the template names the unknown section %q", name)
		}
		for _, entry := range section.Entries {
			if entry.Type != "" {
				fmt.Fprintf(&out, "%s/** %s */\n%s%s\n", margin, entry.Doc, margin, member(entry))
			}
		}
	}
	return out.String(), nil
}

// member is a member's line in an interface.
func member(entry native.Entry) string {
	switch {
	case entry.Optional:
		return fmt.Sprintf("%s?: %s;", entry.Name, entry.Type)
	case strings.HasPrefix(entry.Type, ":"):
		return fmt.Sprintf("readonly %s%s;", entry.Name, entry.Type)
	}
	return entry.Name + entry.Type + ";"
}

// Document replaces what stands between "<!-- table Section -->" and
// "<!-- end -->" in a document by the section as a table.
func Document(text string) (string, error) {
	sections := Sections()
	var out strings.Builder
	skipping := false
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, end) {
			skipping = false
		}
		if !skipping {
			out.WriteString(line)
		}
		name, found := strings.CutPrefix(strings.TrimSpace(line), begin)
		if !found {
			continue
		}
		name = strings.TrimSuffix(name, " -->")
		section, known := sections[name]
		if !known {
			return "", fmt.Errorf("the document names the unknown section %q", name)
		}
		out.WriteString(table(section))
		skipping = true
	}
	if skipping {
		return "", fmt.Errorf("a table of the document does not end in %q", end)
	}
	return out.String(), nil
}

// cell keeps a bar from ending a cell.
var cell = strings.NewReplacer("|", `\|`)

func table(section native.Section) string {
	var out strings.Builder
	out.WriteString("\n| name | type | |\n|---|---|---|\n")
	for _, entry := range section.Entries {
		if entry.Type == "" {
			continue
		}
		typ := strings.ReplaceAll(strings.TrimPrefix(entry.Type, ": "), "\n", " and ")
		fmt.Fprintf(&out, "| `%s` | `%s` | %s |\n", entry.Name, cell.Replace(typ), cell.Replace(strings.ReplaceAll(entry.Doc, "<", "&lt;")))
	}
	out.WriteString("\n")
	return out.String()
}
