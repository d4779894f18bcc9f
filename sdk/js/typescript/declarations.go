package typescript

import (
	_ "embed"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/hatchet-js/hatchet-js-worker/bindings/hatchet"
)

//go:embed face.d.ts
var faceTypes string

// commonJS declares what programs of the SDK ask whether they are the one that
// was started, by the names that the types of Node have as well.
const commonJS = `declare namespace NodeJS {
  interface Module { exports: any }
  interface Require { (id: string): any; main: Module | undefined }
}
declare var require: NodeJS.Require;
declare var module: NodeJS.Module;

`

// Declarations is the text of a .d.ts of the SDK, for editors and tsc where the
// package is not installed: the types are our own, and every import path has the
// exports of surface.go.
func Declarations() string {
	var out strings.Builder
	out.WriteString("// The TypeScript declarations of " + Package + " as hatchet-js-worker serves it.\n// Made by hatchet-js-worker: what you change here is lost.\n\n")
	out.WriteString(commonJS)
	fmt.Fprintf(&out, "declare module %q {\n%s\n  // The REST API.\n%s\n  // Enumerations.\n%s}\n", inner+"types", faceTypes, restAPI(), declaredEnums())
	types := strings.Join(typeNames(), ", ")
	for _, p := range paths {
		fmt.Fprintf(&out, "\ndeclare module %q {\n", p.specifier())
		for _, g := range p.exports {
			fmt.Fprintf(&out, "  export { %s } from %q;\n", strings.ReplaceAll(strings.Join(strings.Fields(g.names), ", "), ":", " as "), inner+"types")
		}
		fmt.Fprintf(&out, "  export type { %s } from %q;\n", types, inner+"types")
		if p.standard != "" {
			_, name, _ := strings.Cut(p.standard, " ")
			fmt.Fprintf(&out, "  export { %s as default } from %q;\n", name, inner+"types")
		}
		out.WriteString("}\n")
	}
	return out.String()
}

var (
	typeDeclaration = regexp.MustCompile(`(?m)^  export (?:type|interface) (\w+)`)
	valueOfTypes    = regexp.MustCompile(`(?m)^  export (?:const|class|abstract class|enum|function) (\w+)`)
	numberedEnum    = regexp.MustCompile(`(?m)^export enum (\w+) \{ (.*) \}$`)
	wordedEnum      = regexp.MustCompile(`(?m)^export const (\w+) = words\((.*)\);$`)
	valuedEnum      = regexp.MustCompile(`(?m)^export const (V?\w+) = \{ (.*) \} as const;$`)
)

// typeNames are the types that are no values: every path has all of them.
func typeNames() []string {
	var names []string
	values := map[string]bool{}
	for _, found := range valueOfTypes.FindAllStringSubmatch(faceTypes, -1) {
		values[found[1]] = true
	}
	for _, found := range typeDeclaration.FindAllStringSubmatch(faceTypes, -1) {
		if !values[found[1]] && !slices.Contains(names, found[1]) {
			names = append(names, found[1])
		}
	}
	slices.Sort(names)
	return names
}

// restAPI declares the methods of hatchet.api.
func restAPI() string {
	var out strings.Builder
	out.WriteString("  export interface Api {\n    request<T = any>(request: { path: string; method?: string; query?: any; body?: any; [setting: string]: any }): Answered<T>;\n")
	endpoints := hatchet.Endpoints()
	for _, name := range slices.Sorted(maps.Keys(endpoints)) {
		var takes []string
		for _, argument := range endpoints[name].Arguments {
			switch argument {
			case "query", "data":
				takes = append(takes, argument+"?: any")
			default:
				takes = append(takes, argument+": string")
			}
		}
		fmt.Fprintf(&out, "    %s(%s): Answered<any>;\n", name, strings.Join(append(takes, "params?: any"), ", "))
	}
	return out.String() + "  }\n"
}

// declaredEnums declares the enumerations of the face.
func declaredEnums() string {
	var text []byte
	for _, name := range []string{"enums", enumerations} {
		part, err := files.ReadFile("face/" + name + ".ts")
		if err != nil {
			panic(err) // embedded
		}
		text = append(text, part...)
	}
	var out strings.Builder
	for _, found := range numberedEnum.FindAllStringSubmatch(string(text), -1) {
		if !strings.Contains(faceTypes, "export enum "+found[1]+" ") {
			fmt.Fprintf(&out, "  export enum %s { %s }\n", found[1], found[2])
		}
	}
	for _, found := range wordedEnum.FindAllStringSubmatch(string(text), -1) {
		fmt.Fprintf(&out, "  export enum %s { %s }\n", found[1], words(found[2]))
	}
	for _, found := range valuedEnum.FindAllStringSubmatch(string(text), -1) {
		if !strings.Contains(faceTypes, "export const "+found[1]+":") {
			fmt.Fprintf(&out, "  export enum %s { %s }\n", found[1], strings.ReplaceAll(found[2], ": '", " = '"))
		}
	}
	return out.String()
}

// words turns 'A', 'B' into members that are themselves.
func words(list string) string {
	var members []string
	for _, word := range strings.Split(list, ", ") {
		members = append(members, strings.Trim(word, "'")+" = "+word)
	}
	return strings.Join(members, ", ")
}
