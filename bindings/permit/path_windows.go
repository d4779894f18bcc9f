package permit

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// defaultPath is where programs are looked up without a PATH.
const defaultPath = `C:\Windows\System32;C:\Windows`

// rooted gives a path that begins with a separator the drive of the base.
func rooted(path, base string) string {
	if path != "" && os.IsPathSeparator(path[0]) && filepath.VolumeName(path) == "" {
		return filepath.VolumeName(base) + path
	}
	return path
}

// cutFolder is the rest of a path after a folder that it begins with. Upper and
// lower case are one here, and letters of one kind may differ in size.
func cutFolder(path, folder string) (rest string, ok bool) {
	end := 0
	for range strings.Count(folder, `\`) + 1 {
		if end > len(path) {
			return "", false
		}
		if next := strings.IndexByte(path[min(end, len(path)):], '\\'); next >= 0 {
			end += next + 1
		} else {
			end = len(path) + 1
		}
	}
	end--
	return path[end:], strings.EqualFold(path[:end], folder)
}

// impossible is why a path can name nothing that scripts may reach: streams
// beside a file's content, devices, and names that Windows changes before it
// looks for them would each be another name for something that is denied.
func impossible(path string) string {
	volume := filepath.VolumeName(path)
	if strings.HasPrefix(volume, `\\.`) || strings.HasPrefix(volume, `\\?`) || strings.HasPrefix(volume, `\??`) {
		return "which is a path of devices, open to no script: give it with a letter of a drive"
	}
	rest := strings.TrimLeft(path[len(volume):], `\`)
	if rest != "" && !filepath.IsLocal(rest) {
		return "which names a device or a stream beside a file's content, open to no script"
	}
	for part := range strings.SplitSeq(rest, `\`) {
		if strings.HasSuffix(part, ".") || strings.HasSuffix(part, " ") {
			return "in which a name ends in a dot or a space, which Windows drops: leave it out"
		}
	}
	return ""
}

// elsewhere reports whether a path leads to another machine by what it is:
// looking for it already tells that machine who looks.
func elsewhere(path string) bool { return strings.HasPrefix(path, `\\`) }

// variableName is the name by which a variable of the environment is known:
// upper and lower case are one here.
func variableName(name string) string { return strings.ToUpper(name) }

// hasFolder reports whether a program is named by a path.
func hasFolder(name string) bool { return strings.ContainsAny(name, `/\:`) }

// programEndings are those of the files that are programs.
var programEndings = []string{".exe", ".com"}

// errBatch is why batch files are not started: they take the line of arguments
// apart again, by rules of their own.
var errBatch = errors.New("a batch file takes a shell: start cmd with ['/c', its name, …], which takes --allow-run=cmd, and see that no argument comes from outside")

// isNamed reports whether a program's file has that name, with its ending or
// without.
func isNamed(path, name string) bool {
	base := filepath.Base(path)
	return strings.EqualFold(base, name) || strings.EqualFold(strings.TrimSuffix(base, filepath.Ext(base)), name)
}

// runnable is the path of a program's file, whose ending need not be given.
func runnable(path string) (string, error) {
	ending := strings.ToLower(filepath.Ext(path))
	if ending == ".bat" || ending == ".cmd" {
		return "", errBatch
	}
	candidates := []string{path}
	if !slices.Contains(programEndings, ending) {
		candidates = []string{path + ".exe", path + ".com"}
	}
	for _, candidate := range candidates {
		if info, err := os.Stat(candidate); err == nil && !info.IsDir() {
			return candidate, nil
		}
	}
	for _, batch := range []string{".bat", ".cmd"} {
		if _, err := os.Stat(path + batch); err == nil {
			return "", errBatch
		}
	}
	return "", syscall.ENOENT
}
