package js_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/sdk"
	"github.com/hatchet-js/hatchet-js-worker/sdk/js"
)

type common struct {
	Note string `json:"note,omitempty"`
}

type invoice struct {
	common
	Total  float64           `json:"total"`
	Paid   *time.Time        `json:"paid"`
	Tags   map[string]string `json:"tags"`
	Parts  []*invoice        `json:"parts"`
	Size   [2]int            `json:"size"`
	Raw    []byte            `json:"raw"`
	Count  int64             `json:"count,string"`
	Hidden string            `json:"-"`
	Weird  any               `json:"odd name"`
}

const moduleScript = `import billing, { send, ping, list } from 'billing'
import type { Invoice } from 'billing'

export async function main(): Promise<void> {
  const sent: Invoice = await send({
    total: 1.5, paid: null, tags: { a: 'b' }, parts: [], size: [1, 2], raw: 'aGk=', count: '7', 'odd name': { any: 1 },
  })
  const total: number = sent.total
  const note: string | undefined = sent.note
  const part: number | undefined = sent.parts?.[0]?.total
  await ping()
  const names: string[] | null = await billing.list({ limit: 1 })
  // @ts-expect-error the input is missing
  await send()
  // @ts-expect-error total is no string
  const wrong: string = sent.total
  // @ts-expect-error there is no such field
  sent.Hidden
  // @ts-expect-error limit is a number
  await list({ limit: 'a' })
}
`

func TestTheDeclarationOfAModuleCompiles(t *testing.T) {
	command := compiler(t)
	text, err := sdk.ModuleTypes(sdk.Module("billing",
		sdk.Func("send", "Sends */ an invoice.", func(_ context.Context, in invoice) (invoice, error) { return in, nil }),
		sdk.Func("ping", "", func(context.Context, struct{}) (struct{}, error) { return struct{}{}, nil }),
		sdk.Func("list", "", func(context.Context, struct {
			Limit int `json:"limit"`
		}) ([]string, error) {
			return nil, nil
		}),
		sdk.Func("delete", "", func(context.Context, string) (bool, error) { return true, nil }),
	))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, text := range map[string]string{
		"billing.d.ts": text, "main.ts": moduleScript, "hatchet-js.d.ts": js.Declarations(), "modules.d.ts": js.Modules(), "tsconfig.json": tsconfig,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(command[0], append(command[1:], "-p", dir)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s\n%s", err, out, text)
	}
}
