package sdk_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/hatchet-js/hatchet-js-worker/sdk"
)

type chargeInput struct {
	Card  string `json:"card"`
	Cents int64  `json:"cents"`
}

type receipt struct {
	ID    string    `json:"id"`
	Lines []string  `json:"lines"`
	At    time.Time `json:"at"`
	Next  *receipt  `json:"next,omitempty"`
}

type declined struct{ card string }

func (d declined) Error() string              { return "card " + d.card + " is declined" }
func (d declined) ErrorName() string          { return "Declined" }
func (d declined) ErrorCode() string          { return "E_DECLINED" }
func (d declined) Properties() map[string]any { return map[string]any{"card": d.card} }

// billing is a module whose receipts bear a mark.
func billing(mark string) sdk.NativeModule {
	return sdk.Module("billing",
		sdk.Func("charge", "Charges a card.", func(_ context.Context, in chargeInput) (receipt, error) {
			if in.Cents > 1000 {
				return receipt{}, fmt.Errorf("charge: %w", declined{in.Card})
			}
			return receipt{ID: mark + in.Card, Lines: []string{"total"}, At: time.Unix(0, 0).UTC()}, nil
		}),
		sdk.Func("explode", "Panics.", func(context.Context, struct{}) (int, error) {
			panic("the till is open")
		}),
		sdk.Func("wait", "Waits for the end of the run.", func(ctx context.Context, _ struct{}) (struct{}, error) {
			<-ctx.Done()
			return struct{}{}, context.Cause(ctx)
		}),
	)
}

const billingScript = `import { charge, explode, wait } from 'billing'
import billing from 'billing'

workflow('pay').task('pay', async (input) => {
  const receipt = await charge(input)
  return { receipt, same: billing.charge === charge, nothing: (await charge({ card: 'b' })).id }
})
workflow('refused').task('refused', async (input) => {
  try {
    await charge(...input.args)
  } catch (e) {
    return { error: e instanceof Error, name: e.name, code: e.code ?? '', card: e.card ?? '', message: e.message, at: /main\.js:\d+/.test(e.stack) }
  }
})
workflow('explode').task('explode', async () => {
  await explode()
})
workflow('wait').task({ name: 'wait', executionTimeout: '200ms', fn: async () => { await wait() } })
`

func scriptFolder(t *testing.T, script string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "main.js"), []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func runOf(t *testing.T, c *sdk.Client, name, input string) *sdk.Run {
	t.Helper()
	id, err := c.Trigger(t.Context(), name, json.RawMessage(input), sdk.RunOptions{})
	if err != nil {
		t.Fatal(err)
	}
	run, err := c.Wait(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return run
}

func TestScriptsCallFunctionsOfTheProgram(t *testing.T) {
	options := sdk.Options{Paths: []string{scriptFolder(t, billingScript)}, Modules: []sdk.NativeModule{billing("m-")}}
	err := sdk.WithLocal(t.Context(), options, func(c *sdk.Client) error {
		want := `{"receipt":{"id":"m-a","lines":["total"],"at":"1970-01-01T00:00:00Z"},"same":true,"nothing":"m-b"}`
		if run := runOf(t, c, "pay", `{"card":"a","cents":3}`); string(run.Output) != want {
			t.Errorf("output: %s, error %q", run.Output, run.Error)
		}
		for args, want := range map[string]string{
			`[{"card":"a","cents":2000}]`: `{"error":true,"name":"Declined","code":"E_DECLINED","card":"a","message":"charge: card a is declined","at":true}`,
			`[{"card":"a","cents":"3"}]`:  `{"error":true,"name":"TypeError","code":"","card":"","message":"charge: the input's cents must be a whole number (int64), got string","at":true}`,
			`["a"]`:                       `{"error":true,"name":"TypeError","code":"","card":"","message":"charge: the input must be an object, got string","at":true}`,
			`[]`:                          `{"error":true,"name":"TypeError","code":"","card":"","message":"charge: the input must be an object, got undefined","at":true}`,
		} {
			if run := runOf(t, c, "refused", `{"args":`+args+`}`); string(run.Output) != want {
				t.Errorf("%s: %s, error %q", args, run.Output, run.Error)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAPanicOfTheProgramFailsTheTaskAlone(t *testing.T) {
	options := sdk.Options{Paths: []string{scriptFolder(t, billingScript)}, Modules: []sdk.NativeModule{billing("m-")}}
	err := sdk.WithLocal(t.Context(), options, func(c *sdk.Client) error {
		run := runOf(t, c, "explode", `{}`)
		if run.Status != sdk.StatusFailed || run.Tasks[0].Error != "internal error in billing.explode: the till is open" {
			t.Errorf("%s: %q", run.Status, run.Tasks[0].Error)
		}
		script, program, _ := strings.Cut(run.Tasks[0].Stack, "Go stack:")
		if !strings.Contains(script, "main.js:16:") || !strings.Contains(program, "module_test.go:") || strings.Contains(program, "debug.Stack") {
			t.Errorf("stack: %s", run.Tasks[0].Stack)
		}
		if run := runOf(t, c, "pay", `{"card":"a"}`); run.Status != sdk.StatusCompleted {
			t.Errorf("after the panic: %s %s", run.Status, run.Error)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestTheContextOfAFunctionEndsWithTheRun(t *testing.T) {
	options := sdk.Options{Paths: []string{scriptFolder(t, billingScript)}, Modules: []sdk.NativeModule{billing("m-")}}
	err := sdk.WithLocal(t.Context(), options, func(c *sdk.Client) error {
		if run := runOf(t, c, "wait", `{}`); run.Status != sdk.StatusFailed || !strings.Contains(run.Error, "200ms") {
			t.Errorf("%s: %s", run.Status, run.Error)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestTwoWorkersInOneProcessHaveTheirOwnModules(t *testing.T) {
	dir := scriptFolder(t, billingScript)
	var group errgroup.Group
	for _, mark := range []string{"first-", "second-"} {
		group.Go(func() error {
			options := sdk.Options{Paths: []string{dir}, Modules: []sdk.NativeModule{billing(mark)}}
			return sdk.WithLocal(t.Context(), options, func(c *sdk.Client) error {
				for range 5 {
					if run := runOf(t, c, "pay", `{"card":"a"}`); !strings.Contains(string(run.Output), `"id":"`+mark+`a"`) {
						return fmt.Errorf("%s got %s", mark, run.Output)
					}
				}
				return nil
			})
		})
	}
	if err := group.Wait(); err != nil {
		t.Error(err)
	}
}

func TestModulesThatCannotBe(t *testing.T) {
	nothing := func(context.Context, struct{}) (struct{}, error) { return struct{}{}, nil }
	ok := sdk.Func("f", "", nothing)
	for want, modules := range map[string][]sdk.NativeModule{
		`module "fs": a built-in module has this name`:                            {sdk.Module("fs", ok)},
		`module "m": two modules have this name`:                                  {sdk.Module("m", ok), sdk.Module("m", ok)},
		`module "hatchet:m": the name is none that an npm package could have`:     {sdk.Module("hatchet:m", ok)},
		`module "./m": the name is none that an npm package could have`:           {sdk.Module("./m", ok)},
		`module "m" has no functions`:                                             {sdk.Module("m")},
		`m has two members named f`:                                               {sdk.Module("m", ok, ok)},
		`module "m": a function cannot be named "a b"`:                            {sdk.Module("m", sdk.Func("a b", "", nothing))},
		`module "m": function f: input: field C: type chan int has no JSON`:       {sdk.Module("m", sdk.Func("f", "", func(context.Context, struct{ C chan int }) (int, error) { return 0, nil }))},
		`module "m": function f: result: type sdk_test.endless nests without end`: {sdk.Module("m", sdk.Func("f", "", func(context.Context, int) (endless, error) { return nil, nil }))},
	} {
		_, err := sdk.New(sdk.Options{Paths: []string{"."}, Modules: modules})
		if !errors.Is(err, sdk.ErrConfig) || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

type endless []endless

func TestTheTypesOfAModule(t *testing.T) {
	got, err := sdk.ModuleTypes(billing(""))
	if err != nil {
		t.Fatal(err)
	}
	want := `/** Functions of the program that serves the scripts. */
declare module 'billing' {
  export interface ChargeInput { card: string; cents: number; }
  export interface Receipt { id: string; lines: string[] | null; at: string; next?: Receipt; }
  /** Charges a card. */
  export function charge(input: ChargeInput): Promise<Receipt>;
  /** Panics. */
  export function explode(): Promise<number>;
  /** Waits for the end of the run. */
  export function wait(): Promise<void>;
  const all: {
    charge: typeof charge;
    explode: typeof explode;
    wait: typeof wait;
  };
  export default all;
}
`
	if got != want {
		t.Errorf("got\n%s", got)
	}
}
