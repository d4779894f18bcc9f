package bundle

import (
	"strings"
	"testing"
)

func TestNestingCountsOnlyWhatNests(t *testing.T) {
	many := func(s string) string { return strings.Repeat(s, 3*maxDepth) }
	for name, c := range map[string]struct {
		text string
		deep bool
	}{
		"brackets":              {many("(") + many(")"), true},
		"objects":               {many("{a:"), true},
		"template parts":        {many("`${"), true},
		"arrow functions":       {many("a=>"), true},
		"arrows in objects":     {"x = {" + many("a: () => 1,") + "}", false},
		"arrows in lines":       {many("const a = () => 1\n"), false},
		"siblings":              {many("f({a: [1]});"), false},
		"strings":               {many("'(' + \"[\" + '\\'(' +") + "1", false},
		"templates":             {many("`( \\` ${ a } {` +") + "1", false},
		"a template in another": {many("`${ `(${ 1 }` } [` +"), false},
		"line comments":         {many("// it's (\n"), false},
		"block comments":        {many("/* ( */ /**/ /*/ ( */"), false},
		"regular expressions":   {many("x(/[(/]\\(/, a / b);"), false},
		"after a keyword":       {"function* f() {" + many("yield /\\(/; return /[(]/g\n") + "}", false},
		"division":              {many("(a) / 2; b / (c);"), false},
		"unbalanced closing":    {many(")") + "((", false},
		"endless string":        {"'" + many("("), false},
		"ends in an escape":     {"'\\", false},
		"template escape":       {"`\\", false},
		"pattern escape":        {"/\\", false},
	} {
		if offset, deep := tooDeep(c.text); deep != c.deep {
			t.Errorf("%s: too deep %v at %d", name, deep, offset)
		}
	}
}

func FuzzTooDeep(f *testing.F) {
	f.Add("f(`a${ {b: /[/(]/} }`) // x\n", 3)
	f.Add("=> => /* '", 500)
	f.Fuzz(func(t *testing.T, text string, times int) {
		if times < 0 || times > 2000 || len(text) > 1000 {
			return
		}
		text = strings.Repeat(text, times)
		offset, deep := tooDeep(text)
		if deep && (offset < 0 || offset >= len(text)) {
			t.Fatalf("offset %d of %d", offset, len(text))
		}
		if deep && strings.Count(text, "=>")+strings.Count(text, "(")+strings.Count(text, "[")+strings.Count(text, "{") <= maxDepth {
			t.Fatal("deeper than it has brackets")
		}
	})
}

func FuzzVLQ(f *testing.F) {
	for _, n := range []int{0, 1, -1, 15, 16, -16, 1 << 30, -(1 << 30)} {
		f.Add(n, "AAAA")
	}
	f.Fuzz(func(t *testing.T, n int, garbage string) {
		n >>= 8
		var out strings.Builder
		writeVLQ(&out, n)
		if got, rest, err := readVLQ(out.String() + "," + garbage); err != nil || got != n || rest != ","+garbage {
			t.Fatalf("%d comes back as %d, %q, %v", n, got, rest, err)
		}
		_, _, _ = readVLQ(garbage) // must not panic
		_, _ = recount(garbage, garbage)
	})
}

func TestNaming(t *testing.T) {
	for _, c := range []struct{ logical, real, base, path, want string }{
		{"/w/a.js", "/w/a.js", "/w", "/w/lib/b.js", "lib/b.js"},
		{"/w/a.js", "/w/a.js", "/w/", "/w/a.js", "a.js"},
		{"/w/a.js", "/w/a.js", "/other", "/w/a.js", "/w/a.js"},
		{"/w/a.js", "/w/a.js", "/wo", "/w/a.js", "/w/a.js"},
		{"/w/a.js", "/w/a.js", "", "/w/a.js", "/w/a.js"},
		{"/w/a.js", "/w/..data1/a.js", "/w", "/w/..data1/lib/b.js", "lib/b.js"},
		{"/s/current/jobs/a.js", "/s/rel/42/jobs/a.js", "/s/current", "/s/rel/42/lib/b.js", "lib/b.js"},
		{"/w/a.js", "/elsewhere/x.js", "/w", "/elsewhere/x.js", "a.js"},
		{"/w/a.js", "/elsewhere/x.js", "/w", "/elsewhere/y.js", "/elsewhere/y.js"},
	} {
		if got := newNaming(c.logical, c.real, c.base, "").display(c.path); got != c.want {
			t.Errorf("%+v: got %s", c, got)
		}
	}
}
