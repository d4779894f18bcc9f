package compat

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A program of the SDK whose types are right, and one with an error in line 5.
const (
	rightTypes = `import { Hatchet } from '@hatchet-dev/typescript-sdk';
const hatchet = Hatchet.init();
export const greet = hatchet.task({
  name: 'greet',
  fn: async (input: { name: string }, ctx) => ({ text: input.name, attempt: ctx.retryCount() }),
});
async function main() {
  const worker = await hatchet.worker('greeter', { workflows: [greet] });
  await worker.start();
}
if (require.main === module) main();
`
	wrongTypes = `import { greet } from './right';

export async function twice(name: string) {
  const { text } = await greet.run({ name });
  const length: number = text;
  return length * 2;
}
`
)

// TestTheCompilerChecksTypes runs the real compiler by check --types: it takes
// our declarations where the package is not installed, and tells file and line.
func TestTheCompilerChecksTypes(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	project := filepath.Join(t.TempDir(), "src")
	compiler := filepath.Join(filepath.Dir(project), "node_modules", ".bin", "tsc")
	for path, text := range map[string]string{filepath.Join(project, "right.ts"): rightTypes, filepath.Join(project, "wrong.ts"): wrongTypes} {
		if err := errors.Join(os.MkdirAll(project, 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	installed := filepath.Join(s.dir, "node_modules", "typescript", "bin", "tsc")
	if err := errors.Join(os.MkdirAll(filepath.Dir(compiler), 0o755), os.Symlink(installed, compiler)); err != nil {
		t.Fatal(err)
	}
	out, err := s.ours(t, nil, "check", "--types", project).CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 4 {
		t.Errorf("%v\n%s", err, out)
	}
	if !strings.Contains(string(out), "wrong.ts(5,9): error TS2322: Type 'string' is not assignable to type 'number'.") || strings.Count(string(out), "error TS") != 1 {
		t.Errorf("it says\n%s", out)
	}
	if out, err := s.ours(t, nil, "check", "--types", filepath.Join(project, "right.ts")).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
