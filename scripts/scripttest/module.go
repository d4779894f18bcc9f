package scripttest

import (
	"embed"
	"strings"
	"sync"

	"github.com/evanw/esbuild/pkg/api"

	"github.com/hatchet-js/hatchet-js-worker/scripts/bundle"
)

// Module is the name under which tests import this package's face.
const Module = "hatchet:test"

//go:embed js/*.js
var sources embed.FS

// source is the text of a part of the module.
func source(part string) string {
	text, err := sources.ReadFile("js/" + part + ".js")
	if err != nil {
		panic(err) // embedded
	}
	return string(text)
}

// modules are the built-in modules of test files, for bundle.Options.
func modules() map[string]string {
	return map[string]string{
		Module:             source("test"),
		Module + "/module": "export const standIn = (...args) => $native('" + coreName + "', 'standIn')(...args)\n",
	}
}

// coreName is the name of what is compiled once for all test files.
const coreName = Module + "/t"

// core makes it of its parts, once.
var core = sync.OnceValues(func() (*bundle.Core, error) {
	text, err := bundle.ComposeCore("import * as t from '"+coreName+"'\n$members = (name) => t[name]\n", func(specifier string) (string, api.Loader, error) {
		return source(strings.TrimPrefix(specifier, Module+"/")), api.LoaderJS, nil
	})
	if err != nil {
		return nil, err
	}
	made := bundle.NewCore(coreName, text)
	return made, made.Compile() // not while a test runs, in which time stands still
})
