package sdk_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/hatchet-js/hatchet-js-worker/sdk"
)

// A folder of scripts, an engine and a client in one process.
func ExampleWithLocal() {
	ctx := context.Background()
	err := sdk.WithLocal(ctx, sdk.LocalOptions{Paths: []string{"../examples/orders"}}, func(c *sdk.Client) error {
		id, err := c.Trigger(ctx, "order-processing", json.RawMessage(`{"orderId":"A-17","total":42}`), sdk.RunOptions{})
		if err != nil {
			return err
		}
		run, err := c.Wait(ctx, id)
		if err == nil {
			fmt.Println(run.Status, string(run.Output))
		}
		return err
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output: COMPLETED {"charge":{"id":"ch_A-17","amount":42},"fulfil":{"shipped":true,"charge":"ch_A-17"},"validate":{"ok":true,"total":42}}
}

// A worker that serves a folder to a Hatchet server until its context ends.
func ExampleNew() {
	server, err := sdk.ServerFromEnv(os.LookupEnv, sdk.ServerOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	worker, err := sdk.New(sdk.Options{Server: server, Paths: []string{"./workflows"}, Watch: true, Observer: func(n sdk.Notice) {
		if l, ok := n.(sdk.TaskLogged); ok {
			fmt.Println(l.Workflow, l.Message)
		}
	}})
	if err == nil {
		err = worker.Run(context.Background())
	}
	fmt.Println(err)
}

// What a Go program offers to scripts.
func ExampleModule() {
	type order struct {
		SKU   string `json:"sku"`
		Count int    `json:"count,omitempty"`
	}
	stock := sdk.Module("stock", sdk.Func("reserve", "Reserves goods; gives how many are left.",
		func(_ context.Context, o order) (int, error) {
			if o.Count > 10 {
				return 0, fmt.Errorf("not enough %s", o.SKU)
			}
			return 10 - o.Count, nil
		}))

	dir, err := os.MkdirTemp("", "scripts")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	script := `import { reserve } from 'stock'
workflow.task('sell', async (input) => ({ left: await reserve({ sku: 'tea', count: input.count }) }))`
	if err := os.WriteFile(filepath.Join(dir, "sell.js"), []byte(script), 0o600); err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	err = sdk.WithLocal(ctx, sdk.LocalOptions{Paths: []string{dir}, Modules: []sdk.NativeModule{stock}}, func(c *sdk.Client) error {
		for _, input := range []string{`{"count":4}`, `{"count":11}`} {
			id, err := c.Trigger(ctx, "sell", json.RawMessage(input), sdk.RunOptions{})
			if err != nil {
				return err
			}
			run, err := c.Wait(ctx, id)
			if err != nil {
				return err
			}
			if run.Status == sdk.StatusFailed {
				fmt.Println(run.Error)
			} else {
				fmt.Println(string(run.Output))
			}
		}
		return nil
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// {"left":6}
	// sell: not enough tea
}

// The declaration that makes an editor know a module.
func ExampleModuleTypes() {
	type order struct {
		SKU   string `json:"sku"`
		Count int    `json:"count,omitempty"`
	}
	text, err := sdk.ModuleTypes(sdk.Module("stock", sdk.Func("reserve", "Reserves goods.",
		func(context.Context, order) (int, error) { return 0, nil })))
	fmt.Print(text, err)
	// Output:
	// /** Functions of the program that serves the scripts. */
	// declare module 'stock' {
	//   export interface Order { sku: string; count?: number; }
	//   /** Reserves goods. */
	//   export function reserve(input: Order): Promise<number>;
	//   const all: {
	//     reserve: typeof reserve;
	//   };
	//   export default all;
	// }
	// <nil>
}

// The tests of scripts, on virtual time.
func ExampleTest() {
	summary, err := sdk.Test(context.Background(), sdk.TestOptions{Paths: []string{"../examples/durable"}})
	fmt.Println(summary.Passed > 0, summary.Failed, summary.Broken, err)
	// Output: true 0 0 <nil>
}
