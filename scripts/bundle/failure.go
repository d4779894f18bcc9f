package bundle

import (
	"errors"
	"io/fs"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"unicode"
	"unicode/utf8"

	"github.com/dop251/goja"
	"github.com/evanw/esbuild/pkg/api"

	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
	"github.com/hatchet-js/hatchet-js-worker/scripts/diagnostic"
)

// Error says why a script cannot be bundled.
type Error struct {
	Reason *diagnostic.Error
	// Inputs are the files read before it failed, sorted: when one of them
	// changes, another attempt may succeed.
	Inputs []Input
}

func (e *Error) Error() string { return e.Reason.Error() }

// Unwrap returns the reason.
func (e *Error) Unwrap() error { return e.Reason }

func (b *build) failed(reasons ...diagnostic.Diagnostic) *Error {
	return &Error{
		Reason: &diagnostic.Error{File: b.names.display(b.names.real), Diagnostics: reasons},
		Inputs: b.inputs(),
	}
}

// internal is a failure that no script should be able to cause.
func (b *build) internal(err error) error {
	failed := b.failed(diagnostic.Diagnostic{Text: err.Error()})
	failed.Reason.Cause = err
	return failed
}

// syntax converts what goja says about code that the bundler let pass.
func (b *build) syntax(err error, sources map[string]string) []diagnostic.Diagnostic {
	d := diagnostic.Diagnostic{Text: notAccepted(err.Error())}
	var parsed *syntaxError
	var compiled *goja.CompilerSyntaxError
	switch {
	case errors.As(err, &parsed) && parsed.positions.consumer != nil:
		if file, _, line, column, ok := parsed.positions.consumer.Source(parsed.line, parsed.column); ok {
			d.Position = workflow.Position{File: file, Line: line, Column: column}
		}
	case errors.As(err, &compiled):
		d.Text = notAccepted(compiled.Message)
		if compiled.File != nil {
			p := compiled.File.Position(compiled.Offset)
			d.Position = workflow.Position{File: p.Filename, Line: p.Line, Column: p.Column}
		}
	}
	d.Frame = diagnostic.Frame(sources[d.File], d.Line, d.Column, d.Text)
	return []diagnostic.Diagnostic{d}
}

func (b *build) diagnostics(messages []api.Message) []diagnostic.Diagnostic {
	list := make([]diagnostic.Diagnostic, 0, len(messages))
	for _, m := range messages {
		list = append(list, b.diagnostic(m))
	}
	return list
}

// warnings leaves out what is said about packages: nobody here can change them.
func (b *build) warnings(messages []api.Message) []diagnostic.Diagnostic {
	var list []diagnostic.Diagnostic
	for _, m := range messages {
		if m.Location != nil && !inPackage(m.Location.File) && m.ID != unsupportedRegExp {
			list = append(list, b.diagnostic(m))
		}
	}
	return list
}

func inPackage(file string) bool { return strings.Contains(filepath.ToSlash(file), "node_modules/") }

func (b *build) diagnostic(m api.Message) diagnostic.Diagnostic {
	d := diagnostic.Diagnostic{Text: b.plain(m.Text), Position: b.position(m.Location)}
	if text, instead := b.reworded(m); instead {
		d.Text, d.Notes = text, b.trail(m)
	} else {
		for _, note := range m.Notes {
			d.Notes = append(d.Notes, diagnostic.Note{Position: b.position(note.Location), Text: b.plain(note.Text)})
		}
	}
	if m.Location != nil {
		source, known := b.contents[m.Location.File]
		if !known {
			source = strings.Repeat("\n", max(0, m.Location.Line-1)) + m.Location.LineText
		}
		d.Frame = diagnostic.Frame(source, d.Line, d.Column, d.Text)
	}
	return d
}

// plain makes a text of the bundler fit after a position and shows the files in
// it by their names.
func (b *build) plain(text string) string {
	byLength := slices.SortedFunc(maps.Keys(b.contents), func(x, y string) int { return len(y) - len(x) })
	for _, path := range byLength {
		text = strings.ReplaceAll(text, path, b.names.display(path))
	}
	return lowerFirst(text)
}

func (b *build) position(l *api.Location) workflow.Position {
	if l == nil || inEntry(l.File) {
		return workflow.Position{File: b.names.display(b.names.real)}
	}
	p := workflow.Position{File: b.sourceName(l.File), Line: l.Line}
	if l.Line == 0 {
		return p
	}
	text := l.LineText
	if text == "" {
		text = lineOf(b.contents[l.File], l.Line)
	}
	p.Column = utf8.RuneCountInString(text[:min(l.Column, len(text))]) + 1
	return p
}

func lineOf(source string, line int) string {
	lines := diagnostic.Lines(source)
	if line > len(lines) {
		return ""
	}
	return lines[line-1]
}

var unresolvedText = regexp.MustCompile(`^Could not resolve "(.*)"$`)

// unresolved words the failure to find an import: the bundler's advice is
// about options that nobody here can set.
func (b *build) unresolved(m api.Message) (string, bool) {
	found := unresolvedText.FindStringSubmatch(m.Text)
	if found == nil {
		return "", false
	}
	name := found[1]
	if m.Location == nil || inEntry(m.Location.File) {
		return "cannot be found", true
	}
	if strings.HasPrefix(name, ".") || filepath.IsAbs(name) {
		b.lookedFor(name, m.Location.File)
	}
	return b.notFound(name), true
}

// missingText matches what the bundler says about a member that a built-in
// module does not have: imported by name, and read off all that is imported.
var missingText = []*regexp.Regexp{
	regexp.MustCompile(`^No matching export in "builtin:(?P<module>.*)" for import "(?P<member>.*)"$`),
	regexp.MustCompile(`^Import "(?P<member>.*)" will always be undefined because there is no matching export in "builtin:(?P<module>.*)"$`),
}

// missing words the import of what a built-in module does not have.
func (b *build) missing(m api.Message) (string, bool) {
	for _, pattern := range missingText {
		found := pattern.FindStringSubmatch(m.Text)
		if found == nil {
			continue
		}
		name, member := found[pattern.SubexpIndex("module")], found[pattern.SubexpIndex("member")]
		if module, known := b.opts.Modules.Lookup(name); known {
			return module.MissingText(member), true
		}
		if p := b.builtinPackage(name); p != nil {
			return p.missingIn(name, member), true
		}
	}
	return "", false
}

// resolved are the extensions that the bundler adds to the path of an import.
var resolved = []string{"", ".tsx", ".ts", ".jsx", ".js", ".css", ".json"}

// lookedFor notes the paths at which an import was looked for: it may succeed
// when there is something.
func (b *build) lookedFor(name, importer string) {
	path := filepath.FromSlash(name)
	if !filepath.IsAbs(path) {
		path = filepath.Join(filepath.Dir(importer), path)
	}
	for _, ext := range resolved {
		b.absent[path+ext] = true
		if ext != "" {
			b.absent[filepath.Join(path, "index"+ext)] = true
		}
	}
	if stem, isJS := strings.CutSuffix(path, ".js"); isJS && strings.HasSuffix(importer, "ts") {
		b.absent[stem+".ts"] = true
	}
}

// available lists the built-in modules that begin with prefix.
func (b *build) available(prefix string) string {
	names := b.moduleNames(prefix)
	if len(names) == 0 {
		return "this build has no " + prefix + "* modules"
	}
	return "these are: " + strings.Join(names, " ")
}

func packageOf(name string) string {
	parts := strings.SplitN(name, "/", 3)
	if strings.HasPrefix(name, "@") && len(parts) > 1 {
		return parts[0] + "/" + parts[1]
	}
	return parts[0]
}

// lowerFirst makes a sentence fit after a position, but leaves names alone.
func lowerFirst(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	second, _ := utf8.DecodeRuneInString(text[size:])
	if unicode.IsUpper(first) && (unicode.IsLower(second) || second == ' ') {
		return string(unicode.ToLower(first)) + text[size:]
	}
	return text
}

// reason is the innermost text of a file system error, without the path.
func reason(err error) string {
	var number syscall.Errno
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "no such file"
	case errors.Is(err, fs.ErrPermission):
		return "permission denied"
	case errors.As(err, &number):
		return number.Error()
	}
	return err.Error()
}

// notAccepted words what the JavaScript engine says about code that is right
// for the bundler.
func notAccepted(text string) string {
	return "the JavaScript engine does not accept this: " + lowerFirst(text)
}
