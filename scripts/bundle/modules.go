package bundle

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/evanw/esbuild/pkg/api"
)

const (
	// builtin is the namespace of built-in modules inside the bundler.
	builtin = "builtin"
	// entrySource names the generated module that imports the script.
	entrySource = "<entry>"
	// typeScriptSDK is the package whose face is a built-in module or none: the
	// package itself could not work here.
	typeScriptSDK = "@hatchet-dev/typescript-sdk"
)

// contents are the texts of the files read, by path as the bundler has it.
type contents map[string]string

func (b *build) plugins() []api.Plugin {
	return []api.Plugin{
		{Name: "builtin", Setup: b.resolveBuiltins},
		{Name: "read", Setup: b.readFiles},
	}
}

// resolveBuiltins answers imports of built-in modules from the table.
func (b *build) resolveBuiltins(setup api.PluginBuild) {
	if len(b.opts.Modules) > 0 {
		resolved := func(args api.OnResolveArgs) (api.OnResolveResult, error) {
			return api.OnResolveResult{Path: args.Path, Namespace: builtin}, nil
		}
		setup.OnResolve(api.OnResolveOptions{Filter: anyOf(slices.Sorted(maps.Keys(b.opts.Modules)))}, resolved)
	}
	setup.OnResolve(api.OnResolveOptions{Filter: "^" + regexp.QuoteMeta(typeScriptSDK) + "(/|$)"}, b.refuseSDK)
	setup.OnResolve(api.OnResolveOptions{Filter: "^(https?:)?//"}, refuseURL)
	setup.OnLoad(api.OnLoadOptions{Filter: ".*", Namespace: builtin}, func(args api.OnLoadArgs) (api.OnLoadResult, error) {
		source := b.opts.Modules[args.Path]
		return api.OnLoadResult{Contents: &source, Loader: api.LoaderJS}, nil
	})
}

func (b *build) refuseSDK(args api.OnResolveArgs) (api.OnResolveResult, error) {
	if _, known := b.opts.Modules[args.Path]; known {
		return api.OnResolveResult{}, nil
	}
	return api.OnResolveResult{Errors: []api.Message{{Text: fmt.Sprintf(
		"%q is not available here yet: declare with the builder that is simply there, as in workflow('name').task('step', fn)", args.Path)}}}, nil
}

// refuseURL stands against the bundler's leaving such imports for a browser.
func refuseURL(args api.OnResolveArgs) (api.OnResolveResult, error) {
	return api.OnResolveResult{Errors: []api.Message{{Text: fmt.Sprintf(
		"cannot import %q: only files, npm packages and built-in modules can be imported", args.Path)}}}, nil
}

func anyOf(names []string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = regexp.QuoteMeta(name)
	}
	return "^(" + strings.Join(quoted, "|") + ")$"
}

// readFiles reads source files in the bundler's stead: to refuse what would
// overflow the stack of a parser, which ends the whole process, and to keep
// the exact texts that were built, even when the build fails.
func (b *build) readFiles(setup api.PluginBuild) {
	var mu sync.Mutex // files are loaded concurrently
	setup.OnLoad(api.OnLoadOptions{Filter: ".*", Namespace: "file"}, func(args api.OnLoadArgs) (api.OnLoadResult, error) {
		data, err := os.ReadFile(args.Path)
		text := string(data)
		mu.Lock()
		if err == nil {
			b.contents[args.Path] = text
		} else if errors.Is(err, fs.ErrNotExist) {
			b.absent[args.Path] = true
		}
		mu.Unlock()
		if err != nil {
			return api.OnLoadResult{}, fmt.Errorf("cannot be read: %s", reason(err))
		}
		if refusal := b.refuse(args.Path, text); refusal != nil {
			return api.OnLoadResult{Errors: []api.Message{*refusal}}, nil
		}
		if len(args.With) > 0 { // import … with { type }: the bundler knows these
			return api.OnLoadResult{}, nil
		}
		return api.OnLoadResult{Contents: &text, Loader: b.loader(args.Path)}, nil
	})
}

// loader is the default one, except for an entry whose link has another
// extension than what it leads to.
func (b *build) loader(path string) api.Loader {
	if path != b.names.real || filepath.Ext(path) == filepath.Ext(b.entry) {
		return api.LoaderDefault
	}
	if strings.HasSuffix(b.entry, "ts") {
		return api.LoaderTS
	}
	return api.LoaderJS
}

// inputs lists the files read so far, whether or not the build succeeded.
func (b *build) inputs() []Input {
	list := make([]Input, 0, len(b.contents)+len(b.absent))
	for path, text := range b.contents {
		list = append(list, Input{Path: b.names.input(path), Sum: sha256.Sum256([]byte(text))})
	}
	for path, really := range b.absent {
		if really {
			list = append(list, Input{Path: b.names.restore(path), Absent: true})
		}
	}
	slices.SortFunc(list, func(x, y Input) int { return strings.Compare(x.Path, y.Path) })
	return list
}

func fileURL(path string) string {
	return (&url.URL{Scheme: "file", Path: filepath.ToSlash(path)}).String()
}
