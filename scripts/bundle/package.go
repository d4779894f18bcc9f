package bundle

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// Package is an npm package that is built in, whether or not it is in
// node_modules: modules which are bundled with the scripts that import them. They
// may call $native(name) for a native object, see [Bundle.Evaluate], and
// $native(name, member) for what a core has, and import each other.
type Package struct {
	Name string
	// Sources are the modules, by what scripts import: the package's name, or a
	// path below it.
	Sources map[string]string
	// Cores are what the modules hand on.
	Cores []*Core
	// Missing are members of modules that do not exist here, and what to use
	// instead, by module and member.
	Missing map[string]map[string]string
	// Unknown is what is said of the import of any other member.
	Unknown func(module, member string) string
}

// builtinPackage finds the built-in package that a specifier lies in.
func (b *build) builtinPackage(specifier string) *Package {
	i := slices.IndexFunc(b.opts.Packages, func(p *Package) bool {
		return specifier == p.Name || strings.HasPrefix(specifier, p.Name+"/")
	})
	if i < 0 {
		return nil
	}
	return b.opts.Packages[i]
}

// module finds a module by what a script imports, with or without the name of
// the file.
func (p *Package) module(specifier string) (string, bool) {
	name := strings.TrimSuffix(strings.TrimSuffix(specifier, ".js"), "/index")
	_, known := p.Sources[name]
	return name, known
}

func (b *build) resolvePackages(setup api.PluginBuild) {
	for _, p := range b.opts.Packages {
		setup.OnResolve(api.OnResolveOptions{Filter: "^" + regexp.QuoteMeta(p.Name) + "(/|$)"}, func(args api.OnResolveArgs) (api.OnResolveResult, error) {
			if name, known := p.module(args.Path); known {
				if asksForAll(args.Kind) && args.Namespace != required && len(p.Missing[name]) > 0 {
					return api.OnResolveResult{Path: name, Namespace: required}, nil
				}
				return api.OnResolveResult{Path: name, Namespace: builtin, SideEffects: api.SideEffectsFalse}, nil
			}
			return api.OnResolveResult{Errors: []api.Message{{Text: fmt.Sprintf(
				"%q is no part of %s here; import from %q", args.Path, p.Name, p.Name)}}}, nil
		})
	}
}

// asksForAll reports whether an import asks for all members of a module at once,
// so that the bundler cannot tell which of them are used.
func asksForAll(kind api.ResolveKind) bool {
	return kind == api.ResolveJSRequireCall || kind == api.ResolveJSDynamicImport
}

// lent is the source of a module for what asks for all members at once: those
// that do not exist here throw when they are read.
func (p *Package) lent(name string) string {
	texts := make(map[string]string, len(p.Missing[name]))
	for member := range p.Missing[name] {
		texts[member] = p.missingIn(name, member)
	}
	refusals, err := json.Marshal(texts)
	if err != nil { // strings always can be encoded
		refusals = []byte("{}")
	}
	return fmt.Sprintf(`const all = Object.defineProperties({}, Object.getOwnPropertyDescriptors(require(%s)));
for (const [name, text] of Object.entries(%s)) Object.defineProperty(all, name, { get() { throw new TypeError(text); } });
module.exports = all;
`, quote(name), refusals)
}

// missingIn words the import of what a module of a built-in package does not
// have.
func (p *Package) missingIn(module, member string) string {
	if instead := p.Missing[module][member]; instead != "" {
		return fmt.Sprintf("%s of %s is not available here; %s", member, module, instead)
	}
	return p.Unknown(module, member)
}
