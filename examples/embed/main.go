// Command embed runs a workflow of a folder of scripts, which call this program.
package main

import (
	"context"
	"fmt"
	"github.com/hatchet-js/hatchet-js-worker/sdk"
	"log"
	"os"
)

var billing = sdk.Module("billing", sdk.Func("charge", "Charges cents and gives the receipt's number.",
	func(_ context.Context, cents int) (string, error) { return fmt.Sprint("R-", cents), nil }))

func main() {
	var run *sdk.Run
	ctx, options := context.Background(), sdk.LocalOptions{Paths: os.Args[1:], Modules: []sdk.NativeModule{billing}}
	err := sdk.WithLocal(ctx, options, func(c *sdk.Client) error {
		id, err := c.Trigger(ctx, "invoice", []byte(`{"cents":4200}`), sdk.RunOptions{})
		if err == nil {
			run, err = c.Wait(ctx, id)
		}
		return err
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s %s\n", run.Status, run.Output)
}
