package permit

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// ConfigName is the name of the file with permissions, secrets and limits.
const ConfigName = "hatchet-js.json"

// Config is what a file of permissions says.
type Config struct {
	// Path is the file; "" if there is none.
	Path string
	// Rules are granted to all workflows; Workflows narrow them, by name.
	Rules     Rules
	Workflows map[string]Rules
	// Sets are further rules by name, for use in the place of Rules.
	Sets map[string]Rules
	// Secrets are the declared secrets: name to "env:VARIABLE" or "file:PATH".
	Secrets map[string]string
	Limits  Limits
	// Authorities are files of certificates in PEM, absolute.
	Authorities []string
}

// rulesFields are the grants that rules consist of.
var rulesFields = func() []field {
	docs := map[Kind]string{
		Net:     `Hosts: "api.stripe.com", "db.internal:5432", "*.example.com", an address or a range of addresses. Private, loopback and link-local addresses need an entry of their own.`,
		Read:    "Files and folders that may be read, relative to this file.",
		Write:   "Files and folders that may be written, relative to this file.",
		Env:     `Variables of the environment; "AWS_*" stands for all that begin so. Those to ignore are found unset.`,
		Command: "Programs that may be started, by name or path.",
		Sys:     "What scripts may be told about the machine: " + strings.Join(SysNames, ", ") + ".",
	}
	var fields []field
	for _, kind := range Kinds {
		fields = append(fields, field{name: string(kind), doc: docs[kind], shape: grantShape{kind}})
	}
	return fields
}()

// rulesShape reads grants into rules.
type rulesShape struct{ object }

func (s rulesShape) read(n *tree, into any) error {
	return s.each(n, func(f *field, item *tree) error {
		var grant Grant
		err := f.shape.read(item, &grant)
		into.(Rules)[Kind(f.name)] = grant
		return err
	})
}

var rules = rulesShape{object{rulesFields}}

var limitFields = []field{
	{"cpu", "Time inside the VM.", durationShape{}, func(c any) any { return &c.(*Limits).CPU }},
	{"wall", "Time from the beginning of a run to its end.", durationShape{}, func(c any) any { return &c.(*Limits).Wall }},
	{"grace", "Time to tidy up that a task has once it is cancelled or its time is up.", durationShape{}, func(c any) any { return &c.(*Limits).Grace }},
	{"output", "Size of a task's output.", sizeShape{}, func(c any) any { return &c.(*Limits).Output }},
	{"logBytes", "Size of all log lines of a run.", sizeShape{}, func(c any) any { return &c.(*Limits).LogBytes }},
	{"logLines", "Log lines of a run.", countShape{}, func(c any) any { return &c.(*Limits).LogLines }},
	{"fetches", "Requests of a run.", countShape{}, func(c any) any { return &c.(*Limits).Fetches }},
	{"fetchBody", "Size of a response that is read into memory.", sizeShape{}, func(c any) any { return &c.(*Limits).FetchBody }},
	{"commands", "Programs that a run may start.", countShape{}, func(c any) any { return &c.(*Limits).Commands }},
	{"commandTime", "Time that a program may take.", durationShape{}, func(c any) any { return &c.(*Limits).CommandTime }},
	{"execOutput", "Size of a program's output that is read into memory.", sizeShape{}, func(c any) any { return &c.(*Limits).ExecOutput }},
	{"memory", "Memory that scripts take: the worker's heap at which the largest run is stopped or, with isolate process, the most that each process may take.", sizeShape{}, func(c any) any { return &c.(*Limits).Memory }},
	{"isolate", "What runs share: vm (a VM serves one run after the other), run (each has a fresh VM), process (VMs are in processes of their own, one each). Tests share a process.", wordShape(Isolations), func(c any) any { return &c.(*Limits).Isolate }},
	{"fileBytes", "Size of a file that is read into memory.", sizeShape{}, func(c any) any { return &c.(*Limits).FileBytes }},
}

// configShape is the whole file.
var configShape = object{[]field{
	{"$schema", "The schema of this file, for editors.", nil, nil},
	{"permissions", "What scripts may reach.", object{[]field{
		{"default", "What all workflows may reach.", rules, func(c any) any { return c.(*Config).Rules }},
		{"workflows", "Narrower permissions of single workflows, by name: what is not mentioned stays as it is.", dictionary{rules, func(c any, name string) (any, func()) {
			narrowed := Rules{}
			return narrowed, func() { c.(*Config).Workflows[name] = narrowed }
		}}, func(c any) any { return c }},
		{"sets", "Permissions by name: -P NAME puts one in the place of the default.", dictionary{rules, func(c any, name string) (any, func()) {
			set := Rules{}
			return set, func() { c.(*Config).Sets[name] = set }
		}}, func(c any) any { return c }},
	}}, func(c any) any { return c }},
	{"secrets", "Secrets by name. Their values are replaced by ***NAME*** in logs and errors.", dictionary{sourceShape{}, func(c any, name string) (any, func()) {
		source := new(string)
		return source, func() { c.(*Config).Secrets[name] = *source }
	}}, func(c any) any { return c }},
	{"authorities", "Files with certificates (PEM) of authorities that connections trust beside the system's, relative to this file.", listShape{}, func(c any) any { return &c.(*Config).Authorities }},
	{"limits", "What a run may use.", object{limitFields}, func(c any) any { return &c.(*Config).Limits }},
}}

// ParseConfig reads the text of a file of permissions. Paths in it are relative
// to the folder of path. The error says where in the file something is wrong.
func ParseConfig(path string, text []byte) (*Config, error) {
	config := &Config{Path: path, Rules: Rules{}, Workflows: map[string]Rules{}, Sets: map[string]Rules{}, Secrets: map[string]string{}}
	root, err := parseTree(text)
	if err == nil {
		err = configShape.read(root, config)
	}
	var at *offsetError
	if errors.As(err, &at) {
		line, column := lineColumn(text, at.offset)
		return nil, fmt.Errorf("%s:%d:%d: %s", path, line, column, at.text)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	dir := filepath.Dir(path)
	config.Rules.anchor(dir)
	for _, named := range []map[string]Rules{config.Workflows, config.Sets} {
		for _, rules := range named {
			rules.anchor(dir)
		}
	}
	for i, file := range config.Authorities {
		config.Authorities[i] = absolute(file, dir)
	}
	for name, source := range config.Secrets {
		if file, ok := strings.CutPrefix(source, "file:"); ok {
			config.Secrets[name] = "file:" + absolute(file, dir)
		}
	}
	return config, nil
}

// anchor makes paths absolute.
func (r Rules) anchor(dir string) {
	for kind, grant := range r {
		if kind == Net || kind == Env || kind == Sys {
			continue
		}
		for _, list := range [][]string{grant.Allow, grant.Deny} {
			for i, path := range list {
				if kind != Command || hasFolder(path) {
					list[i] = absolute(path, dir)
				}
			}
		}
	}
}

// ReadConfig reads a file of permissions. One that is not there is an error.
func ReadConfig(path string) (*Config, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the permissions: %w", err)
	}
	return ParseConfig(path, text)
}

// FindConfig looks for the file of permissions that is meant for scripts: in dir
// and beside each of paths, files and folders. Several different ones are an
// error. Without any, the configuration is empty.
func FindConfig(dir string, paths []string) (*Config, error) {
	folders := []string{dir}
	for _, path := range paths {
		path = absolute(path, dir)
		if info, err := os.Stat(path); err == nil && !info.IsDir() {
			path = filepath.Dir(path)
		}
		folders = append(folders, path)
	}
	var found []string
	var infos []fs.FileInfo
	for _, folder := range folders {
		path := filepath.Join(folder, ConfigName)
		info, err := os.Stat(path)
		if err != nil || slices.ContainsFunc(infos, func(other fs.FileInfo) bool { return os.SameFile(info, other) }) {
			continue
		}
		found, infos = append(found, path), append(infos, info)
	}
	switch len(found) {
	case 0:
		return &Config{Rules: Rules{}}, nil
	case 1:
		return ReadConfig(found[0])
	}
	return nil, fmt.Errorf("two files of permissions could be meant: %s and %s; name one with --config", found[0], found[1])
}

// Use puts the set of that name in the place of the default rules; "" leaves
// them.
func (c *Config) Use(set string) error {
	if set == "" {
		return nil
	}
	rules, known := c.Sets[set]
	switch {
	case c.Path == "":
		return fmt.Errorf("there is no set of permissions %q: there is no %s", set, ConfigName)
	case !known:
		return fmt.Errorf("%s has no set of permissions %q; it has %s", c.Path, set, listed(slices.Sorted(maps.Keys(c.Sets))))
	}
	c.Rules = rules
	return nil
}

func listed(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// Remember adds an entry to the default permissions of a file, or to those of a
// set. The file is made if it is not there.
func Remember(path, set string, kind Kind, entry string) error {
	root := &tree{object: true}
	text, err := os.ReadFile(path)
	switch {
	case err == nil:
		if _, err = ParseConfig(path, text); err != nil {
			return err
		}
		if root, err = parseTree(text); err != nil {
			return err
		}
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	rules := root.child("permissions")
	if set == "" {
		rules = rules.child("default")
	} else {
		rules = rules.child("sets").child(set)
	}
	rules.grant(kind, entry)
	var out strings.Builder
	root.write(&out, "")
	out.WriteString("\n")
	if _, err := ParseConfig(path, []byte(out.String())); err != nil {
		return err
	}
	return replaceFile(path, out.String())
}

// replaceFile writes a file so that a reader sees the old or the new text.
func replaceFile(path, text string) error {
	file, err := os.CreateTemp(filepath.Dir(path), "."+ConfigName+"-*")
	if err != nil {
		return err
	}
	_, err = file.WriteString(text)
	err = errors.Join(err, file.Chmod(0o644), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return nil
}

func (t *tree) child(name string) *tree {
	if c := t.get(name); c != nil {
		return c
	}
	return t.set(name, &tree{object: true})
}

// grant adds an entry to the grant of a kind, in whichever form it is.
func (t *tree) grant(kind Kind, entry string) {
	list := t.get(string(kind))
	if list == nil {
		list = t.set(string(kind), &tree{array: true})
	}
	if list.object {
		inner := list.get("allow")
		if inner == nil {
			inner = list.set("allow", &tree{array: true})
		}
		list = inner
	}
	if !list.array { // it was false
		*list = tree{array: true}
	}
	list.items = append(list.items, &tree{value: entry})
}

// Schema is the JSON Schema of the file.
func Schema() string {
	schema := configShape.schema()
	schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	schema["title"] = "Permissions, secrets and limits of hatchet-js-worker"
	text, err := json.MarshalIndent(schema, "", "  ")
	if err != nil { // maps of strings and booleans always can be encoded
		return "{}"
	}
	return string(text) + "\n"
}
