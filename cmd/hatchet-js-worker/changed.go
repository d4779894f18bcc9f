package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
)

// changedFiles lists the files that differ from a commit of Git, and those that
// are in none, by their absolute paths.
func changedFiles(ctx context.Context, commit string) ([]string, error) {
	top, err := git(ctx, "rev-parse", "--show-toplevel")
	if err != nil {
		return nil, err
	}
	differ, err := git(ctx, "diff", "--name-only", "-z", "--end-of-options", commit, "--")
	if err != nil {
		return nil, err
	}
	fresh, err := git(ctx, "-C", strings.TrimSpace(top), "ls-files", "--others", "--exclude-standard", "-z")
	if err != nil {
		return nil, err
	}
	files := []string{}
	for name := range strings.SplitSeq(differ+fresh, "\x00") {
		if name != "" {
			files = append(files, filepath.Join(strings.TrimSpace(top), filepath.FromSlash(name)))
		}
	}
	return files, nil
}

func git(ctx context.Context, args ...string) (string, error) {
	out, err := exec.CommandContext(ctx, "git", args...).Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		line, _, _ := strings.Cut(strings.TrimSpace(string(exit.Stderr)), "\n")
		return "", fmt.Errorf("git %s: %s", args[0], line)
	}
	return string(out), err
}
