package scripttest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
)

// outside is what stands in for the world outside of a test beside the mocks
// that are called: files, variables, secrets.
type outside struct {
	mu        sync.Mutex
	declared  map[string]string // secrets of the configuration
	variables map[string]string
	given     map[string]string // secrets of the test
	secrets   *permit.Secrets   // of both; nil = those of the configuration
	root      string            // folder in which the files are; "" = there are none
	folders   []string          // that are not seen on the disk
	stands    []standing
}

// standing is one variable, secret or file that stands in, to tell whether
// anything asked for it.
type standing struct {
	name string // as in "env REGION"
	path string // of a file: the absolute one
	used bool
}

// permitDoubles are the session's doubles as the door takes them.
func (s *session) permitDoubles(declared map[string]string) *permit.Doubles {
	s.outside.declared = declared
	secrets, _ := permit.NewSecrets(declared) // who declared them was warned
	s.outside.secrets = secrets
	return &permit.Doubles{
		Exchange: s.exchange, Program: s.program, Folder: s.outside.reach,
		Variables: s.outside.environ, Secrets: s.outside.inForce, Used: s.outside.use, Exchanged: s.exchanged,
	}
}

func (o *outside) environ() map[string]string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return maps.Clone(o.variables)
}

func (o *outside) inForce() *permit.Secrets {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.secrets
}

// note keeps the names of what stands in. One that is there already is used or
// not as it was.
func (o *outside) note(kind string, values map[string]string, dir string) {
	for _, given := range slices.Sorted(maps.Keys(values)) {
		one := standing{name: kind + " " + given}
		if kind == "fs" {
			if one.path = given; !filepath.IsAbs(given) {
				one.path = filepath.Join(dir, given)
			}
			one.path = filepath.Clean(one.path)
		}
		if !slices.ContainsFunc(o.stands, func(other standing) bool { return other.name == one.name }) {
			o.stands = append(o.stands, one)
		}
	}
}

// use marks a variable or a secret as read.
func (o *outside) use(name string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for i := range o.stands {
		o.stands[i].used = o.stands[i].used || o.stands[i].name == name
	}
}

// unused names what nothing asked for.
func (o *outside) unused() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	var names []string
	for _, one := range o.stands {
		if !one.used {
			names = append(names, one.name)
		}
	}
	return names
}

// touch marks the files that a script reaches by a path: those at it, those in
// the folder that it is, and the folder that it lies in.
func (o *outside) touch(path string) {
	for i, one := range o.stands {
		if one.path == "" || one.used {
			continue
		}
		o.stands[i].used = within(one.path, path) || strings.HasSuffix(one.name, "/") && within(path, one.path)
	}
}

// within reports whether a path is a folder or lies in it.
func within(path, folder string) bool {
	rel, err := filepath.Rel(folder, path)
	return err == nil && filepath.IsLocal(rel)
}

// reach is folder for a script.
func (o *outside) reach(path string) (string, bool) {
	o.mu.Lock()
	o.touch(path)
	o.mu.Unlock()
	return o.folder(path)
}

// folder leads what lies in the folder of a mocked file to where the mocks are.
func (o *outside) folder(path string) (string, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.root, slices.ContainsFunc(o.folders, func(folder string) bool {
		return within(path, folder)
	})
}

// close removes the files.
func (o *outside) close() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.root == "" {
		return nil
	}
	return os.RemoveAll(o.root)
}

// grants are the permissions that one test gives: by kind, true or a list of
// entries.
type grants map[permit.Kind]grant

type grant struct {
	all   bool
	allow []string
}

// UnmarshalJSON implements [json.Unmarshaler].
func (g *grant) UnmarshalJSON(text []byte) error {
	if json.Unmarshal(text, &g.all) == nil {
		return nil
	}
	if err := json.Unmarshal(text, &g.allow); err != nil {
		return errors.New("a permission is true or a list of entries, as in { net: ['api.example.com'] }")
	}
	return nil
}

func (g grants) rules() permit.Rules {
	rules := permit.Rules{}
	for kind, one := range g {
		rules[kind] = permit.Grant{All: one.all, Allow: one.allow}
	}
	return rules
}

// check refuses what is no kind, and entries that could match nothing.
func (g grants) check() error {
	for kind := range g {
		if !slices.Contains(permit.Kinds, kind) {
			return fmt.Errorf("the option permissions: unknown kind %q; there are %v", kind, permit.Kinds)
		}
	}
	return g.rules().Check()
}

// stand is the module's native: (kind, values by name).
func (f *face) stand(call goja.FunctionCall) goja.Value {
	kind := call.Argument(0).String()
	s := f.needSession("t.mock." + kind)
	var values map[string]string
	if err := json.Unmarshal(f.encode(call.Argument(1)), &values); err != nil {
		native.Throw(f.rt, "t.mock.%s: give an object of texts: %v", kind, err)
	}
	if err := s.outside.add(kind, values, s.base); err != nil {
		panic(f.vm.NewError(fmt.Errorf("t.mock.%s: %w", kind, err)))
	}
	return goja.Undefined()
}

func (o *outside) add(kind string, values map[string]string, dir string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.note(kind, values, dir)
	switch kind {
	case "env":
		o.variables = plus(o.variables, values)
	case "secret":
		o.given = plus(o.given, values)
		o.secrets, _ = permit.NewSecrets(plus(o.declared, o.given)) // what is too short for redaction is so in tests, too
	case "fs":
		return o.write(values, dir)
	}
	return nil
}

func plus(a, b map[string]string) map[string]string {
	sum := maps.Clone(a)
	if sum == nil {
		sum = map[string]string{}
	}
	maps.Copy(sum, b)
	return sum
}

// write puts files where the mocks are. A path that ends in a slash is a folder.
func (o *outside) write(files map[string]string, dir string) error {
	if o.root == "" {
		root, err := os.MkdirTemp("", "hatchet-js-test-")
		if err != nil {
			return err
		}
		if o.root, err = filepath.EvalSymlinks(root); err != nil {
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		path := name
		if !filepath.IsAbs(path) {
			path = filepath.Join(dir, path)
		}
		folder := filepath.Dir(path)
		if strings.HasSuffix(name, "/") {
			folder = path
		}
		o.folders = append(o.folders, filepath.Clean(folder))
		if err := os.MkdirAll(inRoot(o.root, folder), 0o755); err != nil {
			return err
		}
		if strings.HasSuffix(name, "/") {
			continue
		}
		if err := os.WriteFile(inRoot(o.root, path), []byte(files[name]), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// inRoot is where an absolute path lies in the folder of the mocks: all drives
// of Windows are one there.
func inRoot(root, path string) string {
	return filepath.Join(root, strings.TrimPrefix(path, filepath.VolumeName(path)))
}

// mockedFile gives the text of a file among the mocks; undefined if there is none.
func (s *session) mockedFile(a struct{ Path string }) (any, error) {
	path := a.Path
	if !filepath.IsAbs(path) {
		path = filepath.Join(s.base, path)
	}
	root, ok := s.outside.folder(filepath.Clean(path))
	if !ok {
		return nil, fmt.Errorf("t.mock.fs: no mocked file lies in the folder of %s", a.Path)
	}
	text, err := os.ReadFile(inRoot(root, path))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	return string(text), err
}

// glob makes an expression of a pattern in which * stands for anything.
func glob(pattern string) *regexp.Regexp {
	parts := strings.Split(pattern, "*")
	for i := range parts {
		parts[i] = regexp.QuoteMeta(parts[i])
	}
	return regexp.MustCompile(`(?s)^` + strings.Join(parts, `.*`) + `$`)
}

// httpCall is a call of a mock of fetch, as tests see it.
type httpCall struct {
	Method  string            `json:"method"`
	URL     string            `json:"url"`
	Headers map[string]string `json:"headers"`
	Body    string            `json:"body"`
}

// httpReply is what a mock of fetch answers.
type httpReply struct {
	Status  int               `json:"status"`
	Headers map[string]string `json:"headers"`
	Body    string            `json:"body"`
}

// exchange answers a request if a mock stands in for its server.
func (s *session) exchange(ctx context.Context, request *http.Request) (*http.Response, bool, error) {
	call := httpCall{Method: request.Method, URL: request.URL.String(), Headers: headersOf(request.Header)}
	one := s.doubles.find(func(d *double) bool {
		return d.kind == "fetch" && (d.method == "" || d.method == call.Method) && d.pattern.MatchString(call.URL)
	})
	if one == nil {
		return s.replayed(request, call)
	}
	if err := readBody(request, &call); err != nil {
		return nil, true, err
	}
	var reply httpReply
	if err := s.replyTo(ctx, one, call, &reply); err != nil {
		return nil, true, err
	}
	return reply.response(), true, nil
}

func (reply httpReply) response() *http.Response {
	response := &http.Response{
		StatusCode: reply.Status, Status: fmt.Sprintf("%d %s", reply.Status, http.StatusText(reply.Status)),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(reply.Body)),
	}
	for name, value := range reply.Headers {
		response.Header.Set(name, value)
	}
	return response
}

func readBody(request *http.Request, call *httpCall) error {
	if request.Body == nil {
		return nil
	}
	body, err := io.ReadAll(request.Body)
	call.Body = string(body)
	return err
}

// commandCall is a call of a mock of exec, as tests see it.
type commandCall struct {
	Command string   `json:"command"` // the program and its arguments
	Program string   `json:"program"`
	Args    []string `json:"args"`
	Cwd     string   `json:"cwd"`
}

// program runs instead of a program if a mock stands in for it.
func (s *session) program(ctx context.Context, p permit.Program) (permit.Ended, bool, error) {
	call := commandCall{Command: strings.Join(append([]string{p.Name}, p.Args...), " "), Program: p.Name, Args: append([]string{}, p.Args...), Cwd: p.Dir}
	if len(p.Args) == 2 && p.Args[0] == "-c" { // a shell's
		call.Command = p.Args[1]
	}
	one := s.doubles.find(func(d *double) bool {
		return d.kind == "exec" && (d.name == p.Name || d.pattern.MatchString(call.Command))
	})
	if one == nil {
		return permit.Ended{}, false, nil
	}
	var reply struct {
		Code                   int
		Stdout, Stderr, Signal string
	}
	if err := s.replyTo(ctx, one, call, &reply); err != nil {
		return permit.Ended{}, true, err
	}
	exit := permit.Exit{Code: reply.Code, Signal: reply.Signal}
	if exit.Signal != "" {
		exit.Code = -1
	}
	return permit.Ended{Stdout: reply.Stdout, Stderr: reply.Stderr, Exit: exit}, true, nil
}
