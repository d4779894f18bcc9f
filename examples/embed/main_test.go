package main

import (
	"os"
	"strings"
	"testing"

	"github.com/hatchet-js/hatchet-js-worker/sdk"
	"github.com/hatchet-js/hatchet-js-worker/sdk/sdktest"
)

func Example_main() {
	main()
	// Output: COMPLETED {"charge":{"receipt":"R-4200"},"confirm":{"text":"paid, receipt R-4200"}}
}

func TestTheScripts(t *testing.T) {
	sdktest.Run(t, os.DirFS("workflows"), "*.test.ts", sdktest.Options{Modules: []sdk.NativeModule{billing}})
}

func TestTheDeclarationIsThatOfTheModule(t *testing.T) {
	want, err := sdk.ModuleTypes(billing)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile("workflows/billing.d.ts"); err != nil || string(got) != want {
		t.Errorf("workflows/billing.d.ts is not (error: %v)\n%s", err, want)
	}
}

func TestTheProgramIsShort(t *testing.T) {
	text, err := os.ReadFile("main.go")
	if err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(string(text), "\n"); lines >= 30 {
		t.Errorf("%d lines", lines)
	}
}
