// Command generate turns the .proto files of engine/contract into Go. It needs
// nothing outside the module: the files are compiled in this process, and the
// plugins that write Go are tool dependencies of the module.
//
// Run it by go generate ./engine/contract. The same .proto files always give
// the same bytes.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
)

func main() {
	root := flag.String("root", "../..", "folder of the module, from which .proto files import each other")
	out := flag.String("out", "", "folder to write below instead of the module's own")
	flag.Parse()
	if *out == "" {
		*out = *root
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := generate(ctx, *root, *out); err != nil {
		fmt.Fprintln(os.Stderr, "generate the contract:", err)
		os.Exit(1)
	}
}
