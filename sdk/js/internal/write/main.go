// Command write brings hatchet.d.ts and README.md up to date; go generate runs
// it in their folder.
package main

import (
	"fmt"
	"log"
	"os"

	"github.com/hatchet-js/hatchet-js-worker/sdk/js/internal/declare"
)

func main() {
	if err := write(); err != nil {
		log.Fatal(err)
	}
}

func write() error {
	for _, file := range []struct {
		from, to string
		make     func(string) (string, error)
	}{
		{"hatchet.d.ts.in", "hatchet.d.ts", declare.Declarations},
		{"README.md", "README.md", declare.Document},
	} {
		template, err := os.ReadFile(file.from)
		if err != nil {
			return err
		}
		text, err := file.make(string(template))
		if err != nil {
			return fmt.Errorf("%s: %w", file.from, err)
		}
		if err := os.WriteFile(file.to, []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}
