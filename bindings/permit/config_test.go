package permit_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
)

const wholeConfig = `{
  "$schema": "x",
  "permissions": {
    "default": {
      "net": ["api.stripe.com", "*.internal.example:8443"],
      "read": ["./data"], "write": { "allow": ["data/out"], "deny": true },
      "env": { "allow": ["STRIPE_*"], "ignore": ["HOME"] },
      "run": ["pg_dump", "./tool"]
    },
    "workflows": { "invoice": { "net": [], "read": false } }
  },
  "secrets": { "KEY": "env:STRIPE_KEY", "DB": "file:run/db" },
  "authorities": ["ca.pem", "/certs/other.pem"],
  "limits": { "cpu": "5s", "wall": "10m", "output": "1MB", "logLines": 1000, "fetches": 200, "fetchBody": "32MiB", "execOutput": 8, "commandTime": "1m30s" }
}`

func TestConfig(t *testing.T) {
	got, err := permit.ParseConfig("/etc/hatchet-js.json", []byte(wholeConfig))
	if err != nil {
		t.Fatal(err)
	}
	want := &permit.Config{
		Path: "/etc/hatchet-js.json",
		Rules: permit.Rules{
			permit.Net:     {Allow: []string{"api.stripe.com", "*.internal.example:8443"}},
			permit.Read:    {Allow: []string{"/etc/data"}},
			permit.Write:   {Allow: []string{"/etc/data/out"}, DenyAll: true},
			permit.Env:     {Allow: []string{"STRIPE_*"}, Ignore: []string{"HOME"}},
			permit.Command: {Allow: []string{"pg_dump", "/etc/tool"}},
		},
		Workflows:   map[string]permit.Rules{"invoice": {permit.Net: {}, permit.Read: {}}},
		Sets:        map[string]permit.Rules{},
		Authorities: []string{"/etc/ca.pem", "/certs/other.pem"},
		Secrets:     map[string]string{"KEY": "env:STRIPE_KEY", "DB": "file:/etc/run/db"},
		Limits: permit.Limits{
			CPU: 5 * time.Second, Wall: 10 * time.Minute, Output: 1e6, LogLines: 1000, Fetches: 200, FetchBody: 32 << 20, ExecOutput: 8, CommandTime: 90 * time.Second,
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestBadConfigs(t *testing.T) {
	for text, want := range map[string]string{
		`{"permission": {}}`:                                        `f:1:2: unknown key "permission"; the keys here are $schema, permissions, secrets, authorities, limits`,
		"{\n  \"limits\": { \"cpus\": 1 }\n}":                       `f:2:15: unknown key "cpus"; the keys here are cpu, wall, grace, output, logBytes, logLines, fetches, fetchBody, commands, commandTime, execOutput, memory, isolate, fileBytes`,
		`{"authorities": "ca.pem"}`:                                 `f:1:17: this must be a list, not a string`,
		`{"authorities": [""]}`:                                     `f:1:18: this must be a text that is not empty, not a string`,
		`{"permissions": {"default": {"nett": []}}}`:                `f:1:30: unknown key "nett"; the keys here are net, read, write, env, run`,
		`{"permissions": {"default": {"net": "x"}}}`:                `f:1:37: this must be a list of strings, true or false, not a string`,
		`{"permissions": {"default": {"net": [1]}}}`:                `f:1:38: this must be a string, not a number`,
		`{"permissions": {"default": {"net": ["a:b"]}}}`:            `f:1:38: net: "a:b": the port must be a number between 1 and 65535`,
		`{"permissions": {"default": {"net": ["http://a"]}}}`:       `f:1:38: net: "http://a": the port must be a number between 1 and 65535`,
		`{"permissions": {"default": {"net": ["a/b"]}}}`:            `f:1:38: net: "a/b" is neither a host, nor host:port, *.domain, an address or a range of addresses`,
		`{"permissions": {"default": {"env": ["A*B"]}}}`:            `f:1:38: env: "A*B": * may only end a name`,
		`{"permissions": {"default": {"read": {"ignore": ["x"]}}}}`: `f:1:39: unknown key "ignore"; the keys here are allow, deny`,
		`{"permissions": {"default": {"read": [""]}}}`:              `f:1:39: read: an entry is empty`,
		`{"limits": {"cpu": 5}}`:                                    `f:1:20: this must be a duration such as "30s", not a number`,
		`{"limits": {"cpu": "soon"}}`:                               `f:1:20: "soon" is no duration such as "500ms", "30s" or "1m30s"`,
		`{"limits": {"output": "1 mb"}}`:                            `f:1:23: "1 mb" is no size such as "512KB", "32MB" or "1GiB"`,
		`{"limits": {"isolate": "pod"}}`:                            `f:1:24: this must be one of vm, run, process, not `,
		`{"limits": {"fetches": 0}}`:                                `f:1:24: 0 is no whole number of at least 1`,
		`{"limits": {"fetches": 1.5}}`:                              `f:1:24: 1.5 is no whole number of at least 1`,
		`{"secrets": {"A": "sk_live"}}`:                             `f:1:19: this must be "env:VARIABLE" or "file:PATH", not a string`,
		`{"limits": {}, "limits": {}}`:                              `f:1:16: the key "limits" is there twice`,
		`[]`:                                                        `f:1:1: this must be an object, not a list`,
		``:                                                          `f:1:1: the text ends too early`,
		`{"limits": {}} x`:                                          `f:1:16: `,
		"{\n\"limits\": {,}\n}":                                     `f:2:11: `,
		strings.Repeat("[", 100000):                                 `f:1:34: this is nested too deeply`,
	} {
		if _, err := permit.ParseConfig("f", []byte(text)); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%.60s\ngave %v\nwant %s", text, err, want)
		}
	}
}

func FuzzConfig(f *testing.F) {
	f.Add(wholeConfig)
	f.Fuzz(func(t *testing.T, text string) {
		config, err := permit.ParseConfig("/f", []byte(text))
		if err != nil {
			return
		}
		if !json.Valid([]byte(text)) {
			t.Error("a file that is no JSON was accepted")
		}
		if err := config.Rules.Check(); err != nil {
			t.Errorf("rules that are wrong were accepted: %v", err)
		}
	})
}

// Everything that the parser takes the schema knows, and the other way round.
func TestTheSchemaKnowsWhatTheParserTakes(t *testing.T) {
	var schema map[string]any
	if err := json.Unmarshal([]byte(permit.Schema()), &schema); err != nil {
		t.Fatal(err)
	}
	var keys func(path string, s map[string]any) []string
	keys = func(path string, s map[string]any) []string {
		var found []string
		properties, _ := s["properties"].(map[string]any)
		for name, inner := range properties {
			found = append(found, path+name)
			found = append(found, keys(path+name+".", inner.(map[string]any))...)
		}
		return found
	}
	values := []string{`"x"`, `"5s"`, `"run"`, `5`, `["a"]`, `{}`, `true`}
	for _, path := range keys("", schema) {
		parts := strings.Split(path, ".")
		accepted := false
		for _, value := range values {
			text := value
			for i := len(parts) - 1; i >= 0; i-- {
				text = `{"` + parts[i] + `": ` + text + `}`
			}
			_, err := permit.ParseConfig("/f", []byte(text))
			accepted = accepted || err == nil
			if err != nil && strings.Contains(err.Error(), "unknown key") {
				t.Errorf("the schema names %s, and the parser says %v", path, err)
			}
		}
		if !accepted {
			t.Errorf("%s takes none of %s", path, values)
		}
	}
	shipped, err := os.ReadFile("../../sdk/js/hatchet-js.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	if string(shipped) != permit.Schema() {
		t.Error("hatchet-js.schema.json is not what the parser gives; run go generate ./sdk/js")
	}
}

func TestRemember(t *testing.T) {
	path := filepath.Join(t.TempDir(), permit.ConfigName)
	steps := []struct {
		kind  permit.Kind
		entry string
	}{{permit.Net, "a.com"}, {permit.Net, "b.com:443"}, {permit.Env, "A"}}
	for _, step := range steps {
		if err := permit.Remember(path, "", step.kind, step.entry); err != nil {
			t.Fatal(err)
		}
	}
	want := "{\n  \"permissions\": {\n    \"default\": {\n      \"net\": [\"a.com\", \"b.com:443\"],\n      \"env\": [\"A\"]\n    }\n  }\n}\n"
	if got, err := os.ReadFile(path); err != nil || string(got) != want {
		t.Errorf("got %s, %v", got, err)
	}
	if err := os.WriteFile(path, []byte(`{"limits":{"fetches":2},"permissions":{"default":{"env":{"deny":["B"]},"net":false}}}`), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, step := range steps {
		if err := permit.Remember(path, "", step.kind, step.entry); err != nil {
			t.Fatal(err)
		}
	}
	config, err := permit.ReadConfig(path)
	if err != nil {
		t.Fatal(err)
	}
	wantRules := permit.Rules{permit.Net: {Allow: []string{"a.com", "b.com:443"}}, permit.Env: {Allow: []string{"A"}, Deny: []string{"B"}}}
	if !reflect.DeepEqual(config.Rules, wantRules) || config.Limits.Fetches != 2 {
		t.Errorf("%+v", config)
	}
	if err := permit.Remember(path, "", permit.Net, "a b"); err == nil {
		t.Error("a wrong entry was written down")
	}
}

func TestFindingTheConfig(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "scripts"), 0o755); err != nil {
		t.Fatal(err)
	}
	put := func(name string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(`{}`), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	put("scripts/a.js")
	if config, err := permit.FindConfig(dir, []string{"scripts"}); err != nil || config.Path != "" {
		t.Errorf("%+v, %v", config, err)
	}
	put("scripts/hatchet-js.json")
	for _, path := range []string{"scripts", "scripts/a.js"} {
		if config, err := permit.FindConfig(dir, []string{path, "scripts"}); err != nil || config.Path != filepath.Join(dir, "scripts/hatchet-js.json") {
			t.Errorf("%+v, %v", config, err)
		}
	}
	put("hatchet-js.json")
	if config, err := permit.FindConfig(dir, []string{"."}); err != nil || config.Path != filepath.Join(dir, "hatchet-js.json") {
		t.Errorf("%+v, %v", config, err)
	}
	if _, err := permit.FindConfig(dir, []string{"scripts"}); err == nil || !strings.Contains(err.Error(), "two files of permissions could be meant") {
		t.Error(err)
	}
}

func TestSecrets(t *testing.T) {
	secrets, warnings := permit.NewSecrets(map[string]string{
		"KEY": "sk_live_12345+/", "SHORT": "abc", "PEM": "-----BEGIN-----\nline of the key\n-----END-----", "JSON": `{"user":"a","password":"hunter2hunter2"}`,
	})
	if len(warnings) != 1 || warnings[0] != "the secret SHORT has 3 characters: it is not redacted, that takes 8" {
		t.Error(warnings)
	}
	for text, want := range map[string]string{
		"key sk_live_12345+/ used": "key ***KEY*** used",
		"c2tfbGl2ZV8xMjM0NSsv":     "***KEY***",
		"?k=sk_live_12345%2B%2F&x": "?k=***KEY***&x",
		"abc":                      "abc",
		"  line of the key":        "  ***PEM***",
		`pw "hunter2hunter2"`:      `pw "***JSON***"`,
		`-----BEGIN-----\nline of the key\n-----END-----`: "***PEM***",
	} {
		if got := secrets.Redact(text); got != want {
			t.Errorf("%s gave %s, want %s", text, got, want)
		}
	}
	door, err := permit.NewDoor(permit.Options{Dir: "/", Secrets: secrets})
	if err != nil {
		t.Fatal(err)
	}
	if !door.HoldsSecret([]byte(`{"k":"sk_live_12345+/"}`)) || door.HoldsSecret([]byte(`{"k":"abc"}`)) {
		t.Error("HoldsSecret")
	}
	var none *permit.Secrets
	if none.Redact("x") != "x" {
		t.Error("without secrets the text changes")
	}
}

func FuzzRedactor(f *testing.F) {
	secrets, _ := permit.NewSecrets(map[string]string{"A": "aabaabaab", "B": "baabaaba", "C": "first secret", "D": "secret of another"})
	f.Add("xx aabaabaab first secret of another", 3)
	f.Add("aabaabaabaabaabaabaab", 1)
	f.Fuzz(func(t *testing.T, text string, size int) {
		if size < 1 || size > 100 {
			return
		}
		var out strings.Builder
		r := secrets.NewRedactor(&out)
		for rest := text; rest != ""; {
			n := min(size, len(rest))
			if _, err := r.Write([]byte(rest[:n])); err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{"aabaabaab", "baabaaba", "first secret", "secret of another"} {
			if strings.Contains(out.String(), secret) {
				t.Errorf("%q in pieces of %d gave %q", text, size, out.String())
			}
		}
	})
}

func TestAuthoritiesMustBeCertificates(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "ca.pem")
	if err := os.WriteFile(file, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{file: file + " holds no certificate in PEM", filepath.Join(dir, "none.pem"): "no such file"} {
		if _, err := (&permit.Config{Authorities: []string{path}}).LoadAuthorities(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v", err)
		}
	}
	if pem, err := (&permit.Config{}).LoadAuthorities(); len(pem) > 0 || err != nil {
		t.Errorf("%q, %v", pem, err)
	}
}
