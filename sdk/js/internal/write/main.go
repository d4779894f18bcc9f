// Command write brings the declarations and the reference up to date; go generate runs
// it in their folder.
package main

import (
	"fmt"
	"log"
	"os"

	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
	"github.com/hatchet-js/hatchet-js-worker/sdk/js/internal/declare"
	"github.com/hatchet-js/hatchet-js-worker/sdk/js/typescript"
)

func main() {
	if err := write(); err != nil {
		log.Fatal(err)
	}
}

func write() error {
	for to, make := range map[string]func() (string, error){
		"modules.d.ts": declare.ModuleDeclarations, "MODULES.md": declare.ModuleReference,
		"typescript/face.js": typescript.Prebuilt, "typescript/enumerations.js": typescript.PrebuiltEnumerations,
		"hatchet-js.schema.json": func() (string, error) { return permit.Schema(), nil },
	} {
		text, err := make()
		if err != nil {
			return fmt.Errorf("%s: %w", to, err)
		}
		if err := os.WriteFile(to, []byte(text), 0o644); err != nil {
			return err
		}
	}
	for _, file := range []struct {
		from, to string
		make     func(string) (string, error)
	}{
		{"hatchet.d.ts.in", "hatchet.d.ts", declare.Declarations},
		{"README.md", "README.md", declare.Document},
		{"TYPESCRIPT-SDK.md", "TYPESCRIPT-SDK.md", typescript.Document},
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
