package bundle

import (
	"path/filepath"
	"sync"

	"github.com/evanw/esbuild/pkg/api"
)

const (
	// standin is the namespace of modules that stand in front of those of
	// [Options.StandIns] for an import, and standinRequired for require.
	standin         = "standin"
	standinRequired = "standin required"
)

// standins puts modules in front of others.
type standins struct {
	build *build
	setup api.PluginBuild
	find  sync.Once
	names map[string]string // by namespace and path of the module behind
}

// resolveStandIns leads imports of the modules of Options.StandIns to what stands
// in front of them. That is a CommonJS module, because the bundler reads the
// exports of such a one when they are used and not when they are imported; an
// import has a further one in front, for an ECMAScript module that calls itself
// one is taken as a whole for the default export of a CommonJS module.
func (b *build) resolveStandIns(setup api.PluginBuild) {
	if len(b.opts.StandIns) == 0 {
		return
	}
	s := &standins{build: b, setup: setup}
	setup.OnResolve(api.OnResolveOptions{Filter: ".*"}, s.resolve)
	setup.OnLoad(api.OnLoadOptions{Filter: ".*", Namespace: standin}, func(args api.OnLoadArgs) (api.OnLoadResult, error) {
		name := quote(args.Path)
		source := "export * from " + name + "\nexport { default } from " + name + "\n"
		return api.OnLoadResult{Contents: &source, Loader: api.LoaderJS}, nil
	})
	setup.OnLoad(api.OnLoadOptions{Filter: ".*", Namespace: standinRequired}, func(args api.OnLoadArgs) (api.OnLoadResult, error) {
		source := b.opts.StandIns[args.Path]
		return api.OnLoadResult{Contents: &source, Loader: api.LoaderJS}, nil
	})
}

func (s *standins) resolve(args api.OnResolveArgs) (api.OnResolveResult, error) {
	if _, ours := args.PluginData.(looking); ours || args.Kind == api.ResolveEntryPoint {
		return api.OnResolveResult{}, nil
	}
	switch args.Namespace {
	case standin:
		return api.OnResolveResult{Path: args.Path, Namespace: standinRequired}, nil
	case standinRequired:
		if _, itself := s.build.opts.StandIns[args.Path]; !itself {
			return api.OnResolveResult{}, nil
		}
		found := s.look(args.Path, s.build.names.real, args.Kind)
		return api.OnResolveResult{Path: found.Path, Namespace: found.Namespace, Suffix: found.Suffix, PluginData: found.PluginData, Errors: found.Errors}, nil
	}
	s.find.Do(s.findAll)
	found := s.look(args.Path, args.Importer, args.Kind)
	name, stands := s.names[found.Namespace+":"+found.Path]
	switch {
	case !stands || len(found.Errors) > 0:
		return api.OnResolveResult{}, nil
	case args.Kind == api.ResolveJSRequireCall:
		return api.OnResolveResult{Path: name, Namespace: standinRequired}, nil
	}
	return api.OnResolveResult{Path: name, Namespace: standin}, nil
}

// findAll finds the modules behind, by import and by require. What cannot be
// found has nothing in front: who imports it is told.
func (s *standins) findAll() {
	s.names = map[string]string{}
	for name := range s.build.opts.StandIns {
		for _, kind := range []api.ResolveKind{api.ResolveJSImportStatement, api.ResolveJSRequireCall} {
			if found := s.look(name, s.build.names.real, kind); len(found.Errors) == 0 {
				s.names[found.Namespace+":"+found.Path] = name
			}
		}
	}
}

// look is the bundler's own way to a module.
func (s *standins) look(name, importer string, kind api.ResolveKind) api.ResolveResult {
	return s.setup.Resolve(name, api.ResolveOptions{
		Importer: importer, Namespace: "file", ResolveDir: filepath.Dir(importer), Kind: kind, PluginData: looking{},
	})
}
