package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/hatchet-js/hatchet-js-worker/sdk"
	"github.com/spf13/cobra"
)

func (a *app) typesCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "types [DIR]",
		Short: "Write the .d.ts that makes an editor complete workflow. and ctx.",
		Args:  between(0, 1),
		RunE: func(_ *cobra.Command, args []string) error {
			dir := "."
			if len(args) == 1 {
				dir = args[0]
			}
			return a.writeFiles(dir, sdk.TypeFiles(), true)
		},
	}
}

func (a *app) initCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "init [DIR]",
		Short: "Write a first workflow, a test of it and a tsconfig",
		Args:  between(0, 1),
		RunE: func(_ *cobra.Command, args []string) error {
			dir := "workflows"
			if len(args) == 1 {
				dir = args[0]
			}
			if err := a.writeFiles(dir, sdk.StarterFiles(), false); err != nil {
				return err
			}
			if err := a.writeFiles(dir, sdk.TypeFiles(), true); err != nil {
				return err
			}
			fmt.Fprintf(a.stderr, "\nnow: hatchet-js-worker dev %s\n", dir)
			return nil
		},
	}
}

// writeFiles writes files below dir and prints their paths. Without overwrite,
// nothing is written when one of them is there already.
func (a *app) writeFiles(dir string, files []sdk.NamedFile, overwrite bool) error {
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return usagef("%s is a file: name a folder", dir)
	}
	for _, file := range files {
		if _, err := os.Lstat(filepath.Join(dir, file.Name)); err == nil && !overwrite {
			return usagef("%s is there already: nothing was written", filepath.Join(dir, file.Name))
		}
	}
	for _, file := range files {
		name := filepath.Join(dir, file.Name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
		if err := os.WriteFile(name, []byte(file.Text), 0o644); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
		fmt.Fprintln(a.stdout, name)
	}
	return nil
}
