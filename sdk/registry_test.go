package sdk

import (
	"os"
	"path/filepath"
	"testing"
)

// A card counts while the process that wrote it holds it, whatever process has
// its number now.
func TestACardOfAKilledEngineIsRemoved(t *testing.T) {
	dir := t.TempDir()
	engine := RunningEngine{PID: os.Getpid(), Verb: "dev", GRPC: "127.0.0.1:1"}
	withdraw, err := Announce(dir, engine)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // readers do not disturb each other
		if found, err := RunningEngines(dir); err != nil || len(found) != 1 || found[0].GRPC != engine.GRPC {
			t.Fatalf("an engine that runs: %v, %v", found, err)
		}
	}
	card := cards(t, dir)[0]
	text, err := os.ReadFile(card)
	if err != nil {
		t.Fatal(err)
	}
	withdraw()
	if left := cards(t, dir); len(left) > 0 {
		t.Errorf("withdrawn, and still there: %v", left)
	}
	if err := os.WriteFile(card, text, 0o600); err != nil { // as after a kill
		t.Fatal(err)
	}
	if found, err := RunningEngines(dir); err != nil || len(found) > 0 {
		t.Errorf("a card that nobody holds counts: %v, %v", found, err)
	}
	if left := cards(t, dir); len(left) > 0 {
		t.Errorf("the stale card is still there: %v", left)
	}
	again, err := Announce(dir, engine)
	if err != nil {
		t.Fatal(err)
	}
	defer again()
	if found, _ := RunningEngines(dir); len(found) != 1 {
		t.Errorf("announced again: %v", found)
	}
}

func cards(t *testing.T, dir string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	return found
}
