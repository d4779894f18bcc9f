package permit

import "testing"

func TestFoldersOnWindows(t *testing.T) {
	for _, c := range []struct {
		path, dir string
		want      bool
	}{
		{`C:\a\b`, `C:\a`, true}, {`c:\A\b`, `C:\a`, true}, {`C:\ab`, `C:\a`, false}, {`C:\a`, `C:\a\b`, false}, {`C:\a`, `C:\`, true},
		{`D:\a`, `C:\`, false}, {`C:\`, `C:\`, true}, {`\\srv\share\x`, `\\SRV\share`, true}, {`\\srv\other`, `\\srv\share`, false},
		{"C:\\\u212a\\x", `C:\k`, true}, {"C:\\k", "C:\\\u212a", true}, {"", `C:\a`, false},
	} {
		if got := within(c.path, c.dir); got != c.want {
			t.Errorf("%s is within %s: %v", c.path, c.dir, got)
		}
	}
}

func TestOtherNamesOnWindows(t *testing.T) {
	for _, path := range []string{
		`C:\a\b.txt:stream`, `C:\a\b.txt::$DATA`, `C:\a\NUL`, `C:\a\con.txt`, `\\.\C:\a`, `\\?\C:\a`, `C:\a.`, `C:\a \b`, `C:\a\COM1`,
	} {
		if impossible(path) == "" {
			t.Errorf("%s is possible", path)
		}
	}
	for _, path := range []string{`C:\`, `C:\a\b.txt`, `C:\console`, `\\srv\share\a`, `C:\.hidden`} {
		if why := impossible(path); why != "" {
			t.Errorf("%s: %s", path, why)
		}
	}
	for path, want := range map[string]string{`\x`: `D:\x`, `/x/y`: `D:\x\y`, `x`: `D:\base\x`, `C:/x`: `C:\x`, `//srv/share/x`: `\\srv\share\x`} {
		if got := absolute(path, `D:\base`); got != want {
			t.Errorf("%s is %s, want %s", path, got, want)
		}
	}
}
