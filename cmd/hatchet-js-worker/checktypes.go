package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hatchet-js/hatchet-js-worker/sdk"
)

// checkTypes runs the TypeScript compiler on the scripts of a report, and prints
// what it says to w. Scripts below a tsconfig.json are checked as it says, those
// without one strictly and with the declarations of this command. It reports
// whether all types are right.
func (a *app) checkTypes(ctx context.Context, report *sdk.Report, w io.Writer) (right bool, err error) {
	projects := map[string][]string{} // by the path of the tsconfig.json, "" is none
	for _, file := range report.Files {
		if typed(file.Path) {
			path, err := filepath.Abs(file.Path)
			if err != nil {
				return false, err
			}
			config := above(filepath.Dir(path), "tsconfig.json")
			projects[config] = append(projects[config], path)
		}
	}
	if len(projects) == 0 {
		return false, usagef("--types: there is no TypeScript file")
	}
	right = true
	for _, config := range slices.Sorted(maps.Keys(projects)) {
		ok, err := checkProject(ctx, config, projects[config], w)
		if err != nil {
			return false, err
		}
		right = right && ok
	}
	return right, nil
}

func typed(path string) bool {
	return slices.Contains([]string{".ts", ".mts", ".cts"}, filepath.Ext(path))
}

// above is the nearest file of a name in a folder or one above it; "" if there is
// none.
func above(dir, name string) string {
	for {
		path := filepath.Join(dir, name)
		if info, err := os.Stat(path); err == nil && !info.IsDir() {
			return path
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return ""
		}
		dir = parent
	}
}

func checkProject(ctx context.Context, config string, files []string, w io.Writer) (right bool, err error) {
	compiler := above(filepath.Dir(files[0]), filepath.Join("node_modules", ".bin", "tsc"))
	if compiler == "" {
		if compiler, err = exec.LookPath("tsc"); err != nil {
			return false, usagef("--types needs the TypeScript compiler, and there is no tsc in node_modules or on the PATH: npm install --save-dev typescript")
		}
	}
	if config == "" {
		dir, err := os.MkdirTemp("", "hatchet-js-types")
		if err != nil {
			return false, err
		}
		defer os.RemoveAll(dir)
		if config, err = writeProject(dir, files); err != nil {
			return false, err
		}
	}
	run := exec.CommandContext(ctx, compiler, "--noEmit", "--pretty", "false", "-p", config)
	run.Stdout, run.Stderr = w, w
	err = run.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("run %s: %w", compiler, err)
	}
	return true, nil
}

// writeProject writes a tsconfig.json for files that have none.
func writeProject(dir string, files []string) (config string, err error) {
	for _, file := range sdk.TypeFiles() {
		if !strings.HasSuffix(file.Name, ".d.ts") {
			continue
		}
		path := filepath.Join(dir, filepath.Base(file.Name))
		if err := os.WriteFile(path, []byte(file.Text), 0o600); err != nil {
			return "", err
		}
		// What the types command wrote beside the scripts says the same.
		if above(filepath.Dir(files[0]), file.Name) == "" {
			files = append(files[:len(files):len(files)], path)
		}
	}
	text, err := json.Marshal(map[string]any{
		"files": files,
		"compilerOptions": map[string]any{
			"strict": true, "noEmit": true, "skipLibCheck": true, "target": "esnext", "module": "esnext", "moduleResolution": "bundler",
			"lib": []string{"esnext"}, "types": []string{}, "resolveJsonModule": true, "allowImportingTsExtensions": true,
		},
	})
	if err != nil {
		return "", err
	}
	config = filepath.Join(dir, "tsconfig.json")
	return config, os.WriteFile(config, text, 0o600)
}
