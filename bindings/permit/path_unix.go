//go:build !windows

package permit

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// defaultPath is where programs are looked up without a PATH.
const defaultPath = "/usr/local/bin:/usr/bin:/bin"

// rooted leaves paths as they are: without a leading slash they are relative.
func rooted(path, _ string) string { return path }

// cutFolder is the rest of a path after a folder that it begins with.
func cutFolder(path, folder string) (rest string, ok bool) { return strings.CutPrefix(path, folder) }

// impossible is why a path can name nothing that scripts may reach; "" if it can.
func impossible(string) string { return "" }

// elsewhere reports whether a path leads to another machine by what it is.
func elsewhere(string) bool { return false }

// variableName is the name by which a variable of the environment is known.
func variableName(name string) string { return name }

// hasFolder reports whether a program is named by a path.
func hasFolder(name string) bool { return strings.Contains(name, "/") }

// isNamed reports whether a program's file has that name.
func isNamed(path, name string) bool { return filepath.Base(path) == name }

// runnable is the path of a program's file.
func runnable(path string) (string, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return "", err
	case info.IsDir() || info.Mode()&0o111 == 0:
		return "", syscall.EACCES
	}
	return path, nil
}
