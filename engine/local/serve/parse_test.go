package serve

import (
	"net/url"
	"strings"
	"testing"
)

func FuzzSubject(f *testing.F) {
	f.Add("a.eyJzdWIiOiJ0In0.c")
	f.Add("..")
	f.Fuzz(func(t *testing.T, token string) {
		if tenant := subject(token); tenant != "" && strings.Count(token, ".") != 2 {
			t.Errorf("%q is a token of %q", token, tenant)
		}
	})
}

func TestSubject(t *testing.T) {
	for token, want := range map[string]string{
		"a.eyJzdWIiOiJ0In0.c":  "t",
		"a.eyJzdWIiOiJ0In0=.c": "t", // padded
		"a.eyJzdWIiOiJ0In0":    "",
		"a.e30.c":              "",
		"a.!!.c":               "",
	} {
		if got := subject(token); got != want {
			t.Errorf("%s: %q, want %q", token, got, want)
		}
	}
}

func FuzzListing(f *testing.F) {
	f.Add("since=2026-01-01T00:00:00Z&limit=5&offset=2&statuses=FAILED&additional_metadata=a:b")
	f.Add("since=x")
	f.Fuzz(func(t *testing.T, query string) {
		values, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		l, err := parseListing(values)
		if err == nil && (l.query.Limit < 1 || l.query.Limit > maxLimit || l.query.Offset < 0) {
			t.Errorf("%s gives the window %d %d", query, l.query.Offset, l.query.Limit)
		}
		if _, err := parseLogQuery(values); err != nil {
			return
		}
	})
}
