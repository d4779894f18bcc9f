package sdk_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/sdk"
)

// A folder of scripts, an engine and a client in one process.
func ExampleWithLocal() {
	ctx := context.Background()
	err := sdk.WithLocal(ctx, sdk.Options{Paths: []string{"../examples/orders"}}, func(c *sdk.Client) error {
		run, err := c.RunAndWait(ctx, "order-processing", map[string]any{"orderId": "A-17", "total": 42}, sdk.RunOptions{})
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

// A worker with an engine of its own, which the rest of the program uses through
// a client.
func ExampleWorker_RunWith() {
	worker, err := sdk.New(sdk.Options{
		Server: sdk.Embedded(), // or sdk.Embedded(sdk.EngineOptions{Data: "runs.db"})
		Files:  sdk.Sources{"greet.ts": `workflow.task('greet', (input: { name: string }) => 'Hello ' + input.name)`},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	err = worker.RunWith(context.Background(), func(ctx context.Context, c *sdk.Client) error {
		run, err := c.RunAndWait(ctx, "greet", map[string]string{"name": "Eve"}, sdk.RunOptions{})
		if err != nil {
			return err
		}
		var greeting string
		if err := run.Decode(&greeting); err != nil {
			return err
		}
		fmt.Println(greeting)
		return nil
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output: Hello Eve
}

// A task of Go between two tasks of a script.
func ExampleTask() {
	type order struct {
		Total int `json:"total"`
	}
	type receipt struct {
		Number string `json:"number"`
	}
	charge := sdk.Task("charge", sdk.TaskOptions{Workflow: "order", Parents: []string{"validate"}, Retries: 3},
		func(ctx *sdk.Context, o order) (receipt, error) {
			ctx.Logger().Info("charging", "total", o.Total)
			return receipt{Number: fmt.Sprintf("R-%d", o.Total)}, nil
		})
	script := `workflow('order')
  .task('validate', (input) => ({ ok: input.total > 0 }))
  .taskAfter('confirm', ['charge'], (input, ctx) => ({ text: 'paid, ' + ctx.parentOutput('charge').number }))`

	ctx := context.Background()
	options := sdk.Options{Files: sdk.Sources{"order.js": script}, Tasks: []sdk.NativeTask{charge}}
	err := sdk.WithLocal(ctx, options, func(c *sdk.Client) error {
		run, err := c.RunAndWait(ctx, "order", order{Total: 42}, sdk.RunOptions{})
		if err == nil {
			fmt.Println(string(run.Output))
		}
		return err
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output: {"charge":{"number":"R-42"},"confirm":{"text":"paid, R-42"},"validate":{"ok":true}}
}

// A task of Go that may wait for longer than the program runs.
func ExampleDurableTask() {
	type invoice struct {
		Number string `json:"number"`
	}
	remind := sdk.DurableTask("remind", sdk.TaskOptions{}, func(ctx *sdk.DurableContext, in invoice) (string, error) {
		sent, err := sdk.Memo(ctx, "mail", func() (string, error) { return "mail about " + in.Number, nil })
		if err != nil {
			return "", err
		}
		if err := ctx.SleepFor(20 * time.Millisecond); err != nil { // or 30 days
			return "", err
		}
		return sent, nil
	})
	ctx := context.Background()
	err := sdk.WithLocal(ctx, sdk.Options{Tasks: []sdk.NativeTask{remind}}, func(c *sdk.Client) error {
		run, err := c.RunAndWait(ctx, "remind", invoice{Number: "A-17"}, sdk.RunOptions{})
		if err == nil {
			fmt.Println(string(run.Output))
		}
		return err
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output: "mail about A-17"
}

// A client alone, of an engine elsewhere.
func ExampleWithClient() {
	server, err := sdk.ServerFromEnv(os.LookupEnv, sdk.ServerOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	err = sdk.WithClient(ctx, server, sdk.ClientOptions{}, func(c *sdk.Client) error {
		_, err := c.PushEvent(ctx, sdk.Event{Key: "order:paid", Payload: json.RawMessage(`{"orderId":"A-17"}`)})
		return err
	})
	fmt.Println(err)
}

// An engine of which more is asked: a file, and ports for any Hatchet SDK.
func ExampleWithEngine() {
	options := sdk.EngineOptions{GRPCAddress: "127.0.0.1:0", HTTPAddress: "127.0.0.1:0"} // and Data: "runs.db"
	err := sdk.WithEngine(context.Background(), options, func(_ context.Context, e *sdk.Engine) error {
		fmt.Println(e.Address() != "", e.Token() != "")
		return nil
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output: true true
}

// What scripts declare, without running anything.
func ExampleCheck() {
	report, err := sdk.Check(context.Background(), []string{"../examples/orders"}, sdk.LoadOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, file := range report.Files {
		for _, declared := range file.Workflows {
			fmt.Println(declared.Name, len(declared.Tasks), file.Status)
		}
	}
	// Output: order-processing 3 loaded
}

// A function of the program decides what scripts may read.
func ExamplePermissions() {
	script := `import { readFileSync } from 'node:fs'
workflow.task('read', (input) => readFileSync(input.path, 'utf8').length > 0)`
	options := sdk.Options{
		Files: sdk.Sources{"read.js": script},
		Permissions: sdk.Permissions{Ask: func(_ context.Context, q sdk.PermissionQuestion) sdk.PermissionAnswer {
			if q.Kind == sdk.PermitRead && filepath.Base(q.Target) == "example_test.go" {
				return sdk.AnswerOnce
			}
			return sdk.AnswerNo
		}},
	}
	ctx := context.Background()
	err := sdk.WithLocal(ctx, options, func(c *sdk.Client) error {
		for _, path := range []string{"example_test.go", "sdk.go"} {
			run, err := c.RunAndWait(ctx, "read", map[string]string{"path": path}, sdk.RunOptions{})
			if err != nil {
				return err
			}
			fmt.Println(path, run.Status)
		}
		return nil
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// example_test.go COMPLETED
	// sdk.go FAILED
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
	script := `import { reserve } from 'stock'
workflow.task('sell', async (input) => ({ left: await reserve({ sku: 'tea', count: input.count }) }))`

	ctx := context.Background()
	options := sdk.Options{Files: sdk.Sources{"sell.js": script}, Modules: []sdk.NativeModule{stock}}
	err := sdk.WithLocal(ctx, options, func(c *sdk.Client) error {
		for _, count := range []int{4, 11} {
			run, err := c.RunAndWait(ctx, "sell", map[string]int{"count": count}, sdk.RunOptions{})
			if err != nil {
				return err
			}
			fmt.Printf("%s %s%s\n", run.Status, run.Output, run.Error)
		}
		return nil
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// COMPLETED {"left":6}
	// FAILED sell: not enough tea
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
