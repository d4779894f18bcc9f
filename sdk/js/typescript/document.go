package typescript

import (
	"fmt"
	"strings"
)

// Marks of the part of TYPESCRIPT-SDK.md that is made of surface.go.
const (
	surfaceBegin = "<!-- surface -->\n"
	surfaceEnd   = "<!-- /surface -->"
)

// Document brings the part of a page between its marks up to date: what each
// import path exports, and what does not exist here with what to use instead.
func Document(page string) (string, error) {
	before, rest, begins := strings.Cut(page, surfaceBegin)
	_, after, ends := strings.Cut(rest, surfaceEnd)
	if !begins || !ends {
		return "", fmt.Errorf("the page has no part between %q and %q", strings.TrimSpace(surfaceBegin), surfaceEnd)
	}
	return before + surfaceBegin + surfaceText() + surfaceEnd + after, nil
}

func surfaceText() string {
	var out strings.Builder
	fmt.Fprintf(&out, "\nThe surface is that of %s %s. All other paths, and all other members, are errors when the file loads.\n\n", Package, Version)
	out.WriteString("| path | |\n|---|---|\n")
	for _, p := range paths {
		exports := "types alone"
		if names := p.names(); len(names) > 0 {
			exports = "`" + strings.Join(names, "` `") + "`"
		}
		if p.standard != "" {
			_, name, _ := strings.Cut(p.standard, " ")
			exports = "`" + name + "` as the default" + strings.Replace("; "+exports, "; types alone", "", 1)
		}
		fmt.Fprintf(&out, "| `%s` | %s %s |\n", p.specifier(), p.doc, exports)
	}
	out.WriteString("\n## What cannot run here\n\nImporting it, or touching it, is an error that says what to use instead.\n\n| | instead |\n|---|---|\n")
	for _, p := range paths {
		for _, r := range p.refused {
			fmt.Fprintf(&out, "| `%s` of `%s` | %s |\n", strings.Join(strings.Fields(r.names), "` `"), p.specifier(), r.instead)
		}
	}
	for _, c := range classes {
		for _, r := range c.refused {
			fmt.Fprintf(&out, "| `%s` of a `%s` | %s |\n", strings.Join(strings.Fields(r.names), "` `"), c.name, r.instead)
		}
	}
	return out.String() + "\n"
}
