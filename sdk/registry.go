package sdk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
)

// RunningEngine is an embedded engine that has announced itself on this
// machine, so that other commands find it without being told where it is.
type RunningEngine struct {
	PID     int       `json:"pid"`
	Verb    string    `json:"verb"` // "dev" or "engine"
	GRPC    string    `json:"grpc"` // host:port
	HTTP    string    `json:"http"` // host:port, "" when there is none
	Token   string    `json:"token"`
	Data    string    `json:"data,omitempty"`
	Folder  string    `json:"folder"` // working directory of the process
	Started time.Time `json:"started"`
}

// String names the engine in messages that ask the user to choose.
func (e RunningEngine) String() string {
	return fmt.Sprintf("%s on %s (pid %d, %s)", e.Verb, e.GRPC, e.PID, e.Folder)
}

// Announce writes the engine's card into dir, which is made when missing, and
// returns the function that takes the card away again. The process holds a lock
// on its card, which ends with it however it ends: a number that another process
// has been given since says nothing.
func Announce(dir string, engine RunningEngine) (withdraw func(), err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("announce engine: %w", err)
	}
	text, err := json.Marshal(engine)
	if err != nil {
		return nil, fmt.Errorf("announce engine: %w", err)
	}
	card := filepath.Join(dir, strconv.Itoa(engine.PID)+".json")
	file, err := writeCard(card, text)
	if err != nil {
		return nil, fmt.Errorf("announce engine: %w", err)
	}
	return func() {
		_ = os.Remove(card)
		_ = file.Close()
	}, nil
}

// writeCard puts a card in its place at once, locked.
func writeCard(card string, text []byte) (*os.File, error) {
	fresh := card + ".new"
	_ = os.Remove(fresh) // of a process that was killed here
	file, err := createCard(fresh)
	if err != nil {
		return nil, err
	}
	lockCard(file)
	_, err = file.Write(text)
	if err == nil {
		err = os.Rename(fresh, card)
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// RunningEngines reads the cards in dir, oldest engine first. Cards of
// engines that are gone are removed; a missing dir means no engines.
func RunningEngines(dir string) ([]RunningEngine, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look for running engines: %w", err)
	}
	var found []RunningEngine
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name(), ".json") {
			continue
		}
		if engine, ok := readCard(filepath.Join(dir, entry.Name())); ok {
			found = append(found, engine)
		}
	}
	sort.Slice(found, func(i, j int) bool { return found[i].Started.Before(found[j].Started) })
	return found, nil
}

// How often [AwaitGone] looks, and how long it gives an engine to start again.
const (
	goneCheck = time.Second
	goneGrace = 10 * time.Second
)

// AwaitGone returns nil when no engine in dir has had the gRPC address for ten
// seconds: it ended and was not started again. The error is ctx's.
func AwaitGone(ctx context.Context, dir, address string) error {
	real := clock.Real()
	seen := real.Now()
	for {
		engines, err := RunningEngines(dir)
		if err != nil || slices.ContainsFunc(engines, func(e RunningEngine) bool { return e.GRPC == address }) {
			seen = real.Now()
		}
		if clock.Since(real, seen) >= goneGrace {
			return nil
		}
		if err := clock.Sleep(ctx, real, goneCheck); err != nil {
			return err
		}
	}
}

func readCard(card string) (RunningEngine, bool) {
	file, err := openCard(card)
	if err != nil {
		return RunningEngine{}, false
	}
	defer file.Close()
	var engine RunningEngine
	if err := json.NewDecoder(file).Decode(&engine); err != nil || !held(file, engine.PID) {
		_ = os.Remove(card)
		return RunningEngine{}, false
	}
	return engine, true
}
