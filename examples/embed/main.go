// Command embed holds a folder of scripts, which call it, and runs one.
package main

import (
	"context"
	"embed"
	"fmt"
	"github.com/hatchet-js/hatchet-js-worker/sdk"
	"log"
)

//go:embed workflows
var files embed.FS

var billing = sdk.Module("billing", sdk.Func("charge", "Charges cents and gives the receipt's number.",
	func(_ context.Context, cents int) (string, error) { return fmt.Sprint("R-", cents), nil }))

func main() {
	err := sdk.WithLocal(context.Background(), sdk.Options{Files: files, Modules: []sdk.NativeModule{billing}}, func(c *sdk.Client) error {
		run, err := c.RunAndWait(context.Background(), "invoice", map[string]int{"cents": 4200}, sdk.RunOptions{})
		if err == nil {
			fmt.Printf("%s %s\n", run.Status, run.Output)
		}
		return err
	})
	if err != nil {
		log.Fatal(err)
	}
}
