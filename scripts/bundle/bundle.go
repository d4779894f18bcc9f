// Package bundle makes one program of a script and everything it imports:
// TypeScript and modules are compiled away, npm packages are pulled in from
// node_modules, and every position of the result leads back to the file, line
// and column that a person wrote.
package bundle

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/dop251/goja"
	"github.com/evanw/esbuild/pkg/api"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
	"github.com/hatchet-js/hatchet-js-worker/scripts/diagnostic"
)

// DefaultMaxSource is the size in bytes beyond which a source file, or a whole
// bundle, is refused.
const DefaultMaxSource = 16 << 20

// Options say how to build.
type Options struct {
	// Base is the absolute folder to which displayed paths are relative; files
	// outside of it, or all if it is empty, show their absolute path.
	Base string
	// Root is a further folder to which displayed paths below it are relative;
	// "" = none.
	Root string
	// Modules are the built-in modules. A name of theirs wins over a package in
	// node_modules. Nil = none.
	Modules *native.Registry
	// Sources are further built-in modules, written in JavaScript and bundled
	// with the scripts that import them: specifier to the source of an ECMAScript
	// module. It may call $native(name) for a native object, see
	// [Bundle.Evaluate], and import other built-in modules.
	Sources map[string]string
	// Cores are what Sources may ask for members of.
	Cores []*Core
	// Packages are npm packages that are built in.
	Packages []*Package
	// StandIns are sources of CommonJS modules that stand in front of others,
	// by the specifier with which the entry would import these. Every import of
	// such a module, from any file, leads to the one in front, which gets the one
	// behind by requiring the same specifier.
	StandIns map[string]string
	// MaxSource bounds the bytes of each source file and of the bundle;
	// 0 = [DefaultMaxSource].
	MaxSource int
}

// Bundle is a script with all it imports, compiled. It is immutable and may be
// used by any number of VMs at once.
type Bundle struct {
	// Entry is the absolute path of the script, as it was given.
	Entry string
	// Name is Entry as shown to people, and as it appears in stacks.
	Name string
	// Program is the code, compiled as strict; see [Bundle.Evaluate].
	Program *goja.Program
	// Inputs are all files the bundle was made of, the entry included, sorted.
	Inputs []Input
	// Hash identifies the content: equal hashes run equally and have equal
	// positions.
	Hash string
	// Size is the length of the code in bytes.
	Size int
	// Warnings are doubtful places in the files outside of node_modules.
	Warnings []diagnostic.Diagnostic

	code    string
	cores   []*Core           // that the code uses
	mapping []byte            // the source map, as goja reads it; empty if there is none
	sources map[string]string // displayed file to its text
}

// Input is a file that was read for a bundle.
type Input struct {
	Path   string            // absolute
	Sum    [sha256.Size]byte // of what was read
	Absent bool              // it was not there
}

// Build bundles the script at path entry. The error, an [*Error], has
// positions.
func Build(entry string, opts Options) (*Bundle, error) {
	abs, err := filepath.Abs(entry)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", entry, err)
	}
	if opts.MaxSource == 0 {
		opts.MaxSource = DefaultMaxSource
	}
	b := &build{entry: abs, opts: opts, contents: contents{}, absent: map[string]bool{}}
	real, err := filepath.EvalSymlinks(abs)
	if err != nil {
		b.names = newNaming(abs, abs, opts.Base, opts.Root)
		b.absent[abs] = errors.Is(err, fs.ErrNotExist)
		return nil, b.unreadable(err)
	}
	b.names = newNaming(abs, real, opts.Base, opts.Root)
	if info, err := os.Stat(real); err == nil && !info.Mode().IsRegular() {
		return nil, b.failed(diagnostic.Diagnostic{Text: "is no regular file"})
	}
	return b.run()
}

// build is one build in progress.
type build struct {
	entry    string
	opts     Options
	names    naming
	contents contents        // by real path
	absent   map[string]bool // paths that were looked for in vain
}

func (b *build) run() (*Bundle, error) {
	result := api.Build(b.settings(b.importOf(false)))
	if slices.ContainsFunc(result.Warnings, dropsEntry) {
		result = api.Build(b.settings(b.importOf(true)))
	}
	for _, warning := range result.Warnings {
		if b.certain(warning) {
			result.Errors = append(result.Errors, warning)
		}
	}
	if len(result.Errors) > 0 {
		return nil, b.failed(b.diagnostics(result.Errors)...)
	}
	code, mapping := outputs(result.OutputFiles)
	if len(code) > b.opts.MaxSource {
		return nil, b.failed(diagnostic.Diagnostic{
			Position: workflow.Position{File: b.names.display(b.names.real)},
			Text:     fmt.Sprintf("with all its imports the script has %d bytes, more than the %d that are allowed", len(code), b.opts.MaxSource),
		})
	}
	bundle, err := b.compiled(code, mapping)
	if err != nil {
		return nil, err
	}
	bundle.Warnings = b.warnings(result.Warnings)
	return bundle, nil
}

// compiled makes the bundle of what the bundler wrote.
func (b *build) compiled(code string, mapping []byte) (*Bundle, error) {
	positions, err := b.sourceMap(code, mapping)
	if err != nil {
		return nil, b.internal(err)
	}
	if awaited := b.awaited(code, positions); len(awaited) > 0 {
		return nil, b.failed(awaited...)
	}
	name := b.names.display(b.names.real)
	program, err := compile(code, name, positions)
	if err != nil {
		return nil, b.failed(b.syntax(err, positions.sources)...)
	}
	return &Bundle{
		Entry:   b.entry,
		Name:    name,
		Program: program,
		Inputs:  b.inputs(),
		Hash:    hash(code, positions),
		Size:    len(code),
		code:    code,
		cores:   b.used(code),
		mapping: positions.encoded,
		sources: positions.sources,
	}, nil
}

// dropsEntry recognises that the bundler left the script out.
func dropsEntry(m api.Message) bool {
	return m.ID == "ignored-bare-import" && m.Location != nil && inEntry(m.Location.File)
}

func outputs(files []api.OutputFile) (code string, mapping []byte) {
	for _, f := range files {
		switch filepath.Ext(f.Path) {
		case ".js":
			code = string(f.Contents)
		case ".map":
			mapping = f.Contents
		}
	}
	return code, mapping
}

func hash(code string, positions *positions) string {
	h := sha256.New()
	h.Write([]byte(code))
	h.Write(positions.encoded)
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// Evaluate runs the bundle in rt and returns the promise of its end, for the
// code may await at its top level. modules serves what the bundle imports from
// built-in modules, as [native.Host.Import] does, and what $native asks for. What the script throws, even
// before its first await, is a rejection of the promise; the error is what goja
// itself reports, such as an interrupt.
func (b *Bundle) Evaluate(rt *goja.Runtime, modules func(module, member string) goja.Value) (goja.Value, error) {
	value, err := rt.RunProgram(b.Program)
	if err != nil {
		return nil, err
	}
	bundle, ok := goja.AssertFunction(value)
	if !ok {
		return nil, errors.New("the bundle is no function")
	}
	imports := importer(rt, withCores(rt, b.cores, modules))
	require := native.Function(rt, "require", 1, func(call goja.FunctionCall) goja.Value {
		native.Throw(rt, "cannot load %q: what a script imports is bundled when it loads, so require and import() need the name itself, not a variable", call.Argument(0).String())
		return nil
	})
	return bundle(goja.Undefined(), imports, require, amountBound(rt))
}

// Source returns the text of a file of the bundle by its displayed name.
func (b *Bundle) Source(file string) (string, bool) {
	text, ok := b.sources[file]
	return text, ok
}

// Frame shows the source around a position of the bundle, with message at the
// caret; "" when the position is not in a file of the bundle.
func (b *Bundle) Frame(p workflow.Position, message string) string {
	return diagnostic.Frame(b.sources[p.File], p.Line, p.Column, message)
}

// unreadable is the error for an entry that is not there.
func (b *build) unreadable(err error) error {
	text := "cannot be read: " + reason(err)
	if info, lerr := os.Lstat(b.entry); lerr == nil && info.Mode()&os.ModeSymlink != 0 {
		text = "is a symbolic link that leads nowhere"
	}
	failed := b.failed(diagnostic.Diagnostic{Text: text})
	failed.Reason.Cause = err
	return failed
}
