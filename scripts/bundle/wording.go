package bundle

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/evanw/esbuild/pkg/api"

	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
	"github.com/hatchet-js/hatchet-js-worker/scripts/diagnostic"
	"github.com/hatchet-js/hatchet-js-worker/scripts/discover"
)

// conditions are those of a package's exports that are taken, besides import or
// require, and default. With "node", packages choose builds that need all of
// Node; "worker" and "browser" builds live on what the web has.
var conditions = []string{"worker", "browser", "module"}

var (
	notExported = regexp.MustCompile(`^The path "(.*)" is not (currently )?exported by package "(.*)":$`)
	noLoader    = regexp.MustCompile(`^No loader is configured for "(.*)" files: `)
	regExpFlag  = regexp.MustCompile(`^The regular expression flag "(.)" is not available`)
)

// reworded is what is said instead of a message of the bundler whose advice is
// about options that nobody here can set.
func (b *build) reworded(m api.Message) (string, bool) {
	for _, reword := range []func(api.Message) (string, bool){unexported, unloadable, unsupportedFlag, b.unresolved, b.missing} {
		if text, instead := reword(m); instead {
			return text, true
		}
	}
	return "", false
}

// unexported words the import of a part that an installed package keeps to
// itself, or offers to others only.
func unexported(m api.Message) (string, bool) {
	for _, note := range m.Notes {
		found := notExported.FindStringSubmatch(note.Text)
		switch {
		case found == nil:
		case found[2] != "":
			return fmt.Sprintf("the package %q has no %q for scripts here: its exports have none of the conditions %s, import, require, default",
				found[3], found[1], strings.Join(conditions, ", ")), true
		default:
			return fmt.Sprintf("the package %q does not export %q: see exports in its package.json", found[3], found[1]), true
		}
	}
	return "", false
}

// unloadable words the import of a file that is no script.
func unloadable(m api.Message) (string, bool) {
	found := noLoader.FindStringSubmatch(m.Text)
	if found == nil {
		return "", false
	}
	switch found[1] {
	case ".node":
		return "a native addon (.node) cannot be loaded: it is code for Node itself; use a package without native code", true
	case ".wasm":
		return "WebAssembly is not available here: use a package without it", true
	}
	return fmt.Sprintf("a %s file cannot be imported: text files can (%s), and any file as text with { type: 'text' }", found[1], strings.Join(discover.TextExtensions(), " ")), true
}

// unsupportedFlag words a flag of a regular expression that the engine does not
// have. The bundler also tells of \p{…} and the flag v, which work.
func unsupportedFlag(m api.Message) (string, bool) {
	found := regExpFlag.FindStringSubmatch(m.Text)
	if found == nil {
		return "", false
	}
	return fmt.Sprintf("the regular expression flag %s is not available: compute the indices from those of the match", found[1]), true
}

// certain are warnings that are errors: what they tell of fails in the middle of a
// run. Packages may have code that is never reached.
func (b *build) certain(m api.Message) bool {
	if m.Location == nil || inPackage(m.Location.File) {
		return false
	}
	_, flag := unsupportedFlag(m)
	_, missing := b.missing(m)
	return flag || missing
}

// trail says by which of the project's own lines a package came in that does not
// load.
func (b *build) trail(m api.Message) []diagnostic.Note {
	if m.Location == nil || !inPackage(m.Location.File) {
		return nil
	}
	wanted := []string{packageAt(m.Location.File)}
	for seen := 0; seen < len(wanted); seen++ {
		mention := regexp.MustCompile(`['"]` + regexp.QuoteMeta(wanted[seen]) + `(/[^'"]*)?['"]`)
		for _, file := range b.files() {
			at := mention.FindStringIndex(b.contents[file])
			from := packageAt(file)
			switch {
			case at == nil:
			case from == "":
				place := workflow.Position{File: b.sourceName(file), Line: strings.Count(b.contents[file][:at[0]], "\n") + 1}
				return []diagnostic.Note{{Position: place, Text: fmt.Sprintf("%s is imported here", wanted[seen])}}
			case !slices.Contains(wanted, from):
				wanted = append(wanted, from)
			}
		}
	}
	return nil
}

// files are the files read so far, sorted.
func (b *build) files() []string {
	var list []string
	for file := range b.contents {
		list = append(list, file)
	}
	slices.Sort(list)
	return list
}

// packageAt is the package that a file belongs to; "" if to none.
func packageAt(file string) string {
	const folder = "node_modules/"
	path := filepath.ToSlash(file)
	at := strings.LastIndex(path, folder)
	if at < 0 {
		return ""
	}
	return packageOf(path[at+len(folder):])
}
