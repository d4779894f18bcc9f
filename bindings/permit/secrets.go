package permit

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/url"
	"os"
	"slices"
	"strings"
)

// minSecret is how many bytes a secret must have to be replaced in texts:
// replacing shorter ones would garble what has nothing to do with them.
const minSecret = 8

// Secrets are the declared secrets of a worker. It is immutable; nil is none.
type Secrets struct {
	values   map[string]string
	replacer *strings.Replacer
	forms    []string // what is replaced, the longest first
}

// NewSecrets makes secrets of values by name. warnings name those that are too
// short to be replaced.
func NewSecrets(values map[string]string) (secrets *Secrets, warnings []string) {
	s := &Secrets{values: values}
	names := map[string]string{} // by form
	for _, name := range slices.Sorted(maps.Keys(values)) {
		value := values[name]
		if len(value) < minSecret {
			warnings = append(warnings, fmt.Sprintf("the secret %s has %d characters: it is not redacted, that takes %d", name, len(value), minSecret))
			continue
		}
		for _, form := range formsOf(value) {
			if _, taken := names[form]; !taken && len(form) >= minSecret {
				names[form] = name
				s.forms = append(s.forms, form)
			}
		}
	}
	slices.SortFunc(s.forms, func(a, b string) int { return len(b) - len(a) })
	pairs := make([]string, 0, 2*len(s.forms))
	for _, form := range s.forms {
		pairs = append(pairs, form, "***"+names[form]+"***")
	}
	s.replacer = strings.NewReplacer(pairs...)
	return s, warnings
}

// formsOf are the texts in which a secret shows: itself, encoded in the usual
// ways, its lines, and the strings in it if it is JSON.
func formsOf(value string) []string {
	parts := append([]string{value}, strings.FieldsFunc(value, func(r rune) bool { return r == '\n' || r == '\r' })...)
	var leaves any
	if json.Unmarshal([]byte(value), &leaves) == nil {
		parts = append(parts, stringsIn(leaves)...)
	}
	var forms []string
	for _, part := range parts {
		if len(part) < minSecret {
			continue
		}
		quoted := encoded(part)
		forms = append(forms, part, quoted[1:len(quoted)-1], url.QueryEscape(part), url.PathEscape(part),
			base64.StdEncoding.EncodeToString([]byte(part)), base64.RawURLEncoding.EncodeToString([]byte(part)))
	}
	return forms
}

func stringsIn(value any) []string {
	var found []string
	switch v := value.(type) {
	case string:
		return []string{v}
	case []any:
		for _, item := range v {
			found = append(found, stringsIn(item)...)
		}
	case map[string]any:
		for _, item := range v {
			found = append(found, stringsIn(item)...)
		}
	}
	return found
}

// Redact replaces secrets in a text by their names: ***NAME***.
func (s *Secrets) Redact(text string) string {
	if s == nil || len(s.forms) == 0 {
		return text
	}
	return s.replacer.Replace(text)
}

// Contains reports whether a text holds a secret.
func (s *Secrets) Contains(text string) bool {
	return s != nil && slices.ContainsFunc(s.forms, func(form string) bool { return strings.Contains(text, form) })
}

// Redact replaces declared secrets in a text by their names: ***NAME***.
func (r *Run) Redact(text string) string { return r.door.secrets().Redact(text) }

// SecretKind is reading a declared secret, in errors and in the audit log. It is
// no kind of a rule: what grants it is the declaration.
const SecretKind Kind = "secret"

// Secret returns a declared secret by its name. Having declared it is the
// permission.
func (r *Run) Secret(ctx context.Context, name string) (string, error) {
	value, declared := "", false
	if s := r.door.secrets(); s != nil {
		value, declared = s.values[name]
	}
	return value, r.allow(ctx, SecretKind, name, func(*Policy) *NotCapableError {
		if declared {
			r.door.used("secret " + name)
			return nil
		}
		refusal := "which " + ConfigName + " does not declare under secrets"
		if r.Tested() {
			refusal += ", or whose value is not there; stand in for it with t.mock.secret"
		}
		return &NotCapableError{Kind: SecretKind, Target: name, Refusal: refusal}
	})
}

// Redactor replaces secrets in what is written to it, piece by piece, also
// where one begins in one piece and ends in another.
type Redactor struct {
	secrets *Secrets
	out     io.Writer
	held    string // could be the beginning of a secret
}

// NewRedactor writes to out.
func (s *Secrets) NewRedactor(out io.Writer) *Redactor { return &Redactor{secrets: s, out: out} }

// Write takes a piece. What could be the beginning of a secret is held back.
func (r *Redactor) Write(piece []byte) (int, error) {
	text := r.held + string(piece)
	keep := r.secrets.openEnd(text)
	r.held = text[len(text)-keep:]
	if _, err := io.WriteString(r.out, r.secrets.Redact(text[:len(text)-keep])); err != nil {
		return 0, err
	}
	return len(piece), nil
}

// Close writes what was held back. It does not close what is written to.
func (r *Redactor) Close() error {
	_, err := io.WriteString(r.out, r.secrets.Redact(r.held))
	r.held = ""
	return err
}

// openEnd is the length of the longest end of text that is the beginning of a
// secret. A whole secret whose end begins another is held back, too.
func (s *Secrets) openEnd(text string) int {
	if s == nil {
		return 0
	}
	longest := 0
	for _, form := range s.forms {
		for n := min(len(form)-1, len(text)); n > longest; n-- {
			if strings.HasSuffix(text, form[:n]) {
				longest = n
			}
		}
	}
	for longest > 0 && longest < len(text) { // not in the middle of another
		before := longest
		for _, form := range s.forms {
			from := max(0, len(text)-longest-len(form)+1)
			if at := strings.Index(text[from:], form); at >= 0 && from+at < len(text)-longest && from+at+len(form) > len(text)-longest {
				longest = len(text) - from - at
			}
		}
		if longest == before {
			break
		}
	}
	return longest
}

// Load reads the values of the secrets that the configuration declares.
func (c *Config) Load(lookup func(name string) (string, bool)) (map[string]string, error) {
	values := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(c.Secrets)) {
		value, err := c.secret(name, lookup)
		if err != nil {
			return nil, err
		}
		values[name] = value
	}
	return values, nil
}

// LoadPresent is Load without the secrets that cannot be had: a test that needs
// one of those stands in for it.
func (c *Config) LoadPresent(lookup func(name string) (string, bool)) map[string]string {
	values := map[string]string{}
	for name := range c.Secrets {
		if value, err := c.secret(name, lookup); err == nil {
			values[name] = value
		}
	}
	return values
}

func (c *Config) secret(name string, lookup func(name string) (string, bool)) (string, error) {
	source, at, _ := strings.Cut(c.Secrets[name], ":")
	if source == "env" {
		value, set := lookup(at)
		if !set {
			return "", fmt.Errorf("%s: the secret %s is to come from the variable %s, which is not set", c.Path, name, at)
		}
		return value, nil
	}
	text, err := os.ReadFile(at)
	if err != nil {
		return "", fmt.Errorf("%s: the secret %s cannot be read: %w", c.Path, name, err)
	}
	return strings.TrimRight(string(text), "\r\n"), nil
}
