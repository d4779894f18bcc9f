package conformance

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// sameJSON reports how got differs from what is wanted, by value. A wanted
// string that begins with ~ is a regular expression for a string.
func sameJSON(want string, got json.RawMessage) error {
	var wanted, found any
	if err := json.Unmarshal([]byte(want), &wanted); err != nil {
		return fmt.Errorf("%s is not JSON: %w", want, err)
	}
	if err := json.Unmarshal(got, &found); err != nil {
		return fmt.Errorf("got %q, which is not JSON: %w", got, err)
	}
	if difference := compare("", wanted, found); difference != "" {
		return fmt.Errorf("%s\n  want %s\n  got  %s", difference, want, got)
	}
	return nil
}

// compare names the first difference; path is where it looks.
func compare(path string, want, got any) string {
	switch want := want.(type) {
	case map[string]any:
		return compareObjects(path, want, got)
	case []any:
		list, ok := got.([]any)
		if !ok || len(list) != len(want) {
			return differs(path, want, got)
		}
		for i := range want {
			if difference := compare(fmt.Sprintf("%s[%d]", path, i), want[i], list[i]); difference != "" {
				return difference
			}
		}
		return ""
	case string:
		if pattern, ok := strings.CutPrefix(want, "~"); ok {
			text, isText := got.(string)
			if matched, err := regexp.MatchString(pattern, text); !isText || !matched || err != nil {
				return differs(path, want, got)
			}
			return ""
		}
	}
	if want != got {
		return differs(path, want, got)
	}
	return ""
}

func compareObjects(path string, want map[string]any, got any) string {
	object, ok := got.(map[string]any)
	if !ok {
		return differs(path, want, got)
	}
	for _, key := range slices.Sorted(maps.Keys(want)) {
		value, there := object[key]
		if !there {
			return fmt.Sprintf("%s.%s is missing", path, key)
		}
		if difference := compare(path+"."+key, want[key], value); difference != "" {
			return difference
		}
	}
	for _, key := range slices.Sorted(maps.Keys(object)) {
		if _, wanted := want[key]; !wanted {
			return fmt.Sprintf("%s.%s is there and should not be", path, key)
		}
	}
	return ""
}

func differs(path string, want, got any) string {
	return fmt.Sprintf("at %q: want %v, got %v", path, want, got)
}

func TestJSONIsComparedByValue(t *testing.T) {
	for _, c := range []struct {
		want, got string
		same      bool
	}{
		{`{"a":1,"b":[2,"x"]}`, `{"b": [2.0, "x"], "a": 1}`, true},
		{`{"id":"~^[a-f0-9-]{36}$"}`, `{"id":"707d0855-80ab-4e1f-a156-f1c4546cbf52"}`, true},
		{`{"id":"~^[a-f]+$"}`, `{"id":"xyz"}`, false},
		{`{"id":"~1"}`, `{"id":1}`, false},
		{`{"a":1}`, `{"a":1,"b":2}`, false},
		{`{"a":1,"b":2}`, `{"a":1}`, false},
		{`[1,2]`, `[2,1]`, false},
		{`null`, `null`, true},
		{`null`, `{}`, false},
		{`{}`, `null`, false},
	} {
		if err := sameJSON(c.want, json.RawMessage(c.got)); (err == nil) != c.same {
			t.Errorf("want %s, got %s: %v", c.want, c.got, err)
		}
	}
}
