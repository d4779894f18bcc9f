package main

import (
	"errors"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"
)

// checkPaths reports paths that do not exist, and guesses when one looks like a
// mistyped verb.
func (a *app) checkPaths(root *cobra.Command, paths []string) error {
	for _, path := range paths {
		_, err := os.Stat(path)
		switch {
		case err == nil:
		case errors.Is(err, fs.ErrNotExist) && !strings.ContainsAny(path, "./"):
			if near := root.SuggestionsFor(path); len(near) > 0 {
				return usagef("%s: no such file or folder, and no such command (did you mean %s?)", path, strings.Join(near, " or "))
			}
			return usagef("%s: no such file or folder, and no such command", path)
		case errors.Is(err, fs.ErrNotExist):
			return usagef("%s: no such file or folder", path)
		default:
			return usagef("%w", err)
		}
	}
	return nil
}
