package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"strconv"
	"strings"
)

// readInput resolves an input argument: JSON text, @file, - for standard input,
// or nothing for an empty object. The result is a JSON object.
func readInput(args []string, stdin io.Reader) (json.RawMessage, error) {
	if len(args) == 0 {
		return json.RawMessage("{}"), nil
	}
	text, name, err := inputText(args[0], stdin)
	if err != nil {
		return nil, err
	}
	if err := checkObject(text, name); err != nil {
		return nil, err
	}
	return json.RawMessage(bytes.TrimSpace(text)), nil
}

func inputText(arg string, stdin io.Reader) (text []byte, name string, err error) {
	switch file, isFile := strings.CutPrefix(arg, "@"); {
	case arg == "-":
		text, err = io.ReadAll(stdin)
		name = "standard input"
	case isFile:
		text, err = os.ReadFile(file)
		name = file
	default:
		return []byte(arg), "the input", nil
	}
	if err != nil {
		return nil, name, usagef("read input: %w", err)
	}
	return text, name, nil
}

// checkObject reports where text stops being a JSON object.
func checkObject(text []byte, name string) error {
	var value any
	err := json.Unmarshal(text, &value)
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax):
		line, column := lineColumn(text, int(syntax.Offset))
		return usagef("%s is not JSON: %v at %d:%d", name, err, line, column)
	case err != nil:
		return usagef("%s is not JSON: %w", name, err)
	}
	if _, ok := value.(map[string]any); !ok {
		return usagef("%s must be a JSON object such as {\"id\": 1}, not %s: Hatchet passes objects only", name, jsonKind(value))
	}
	return nil
}

func lineColumn(text []byte, offset int) (line, column int) {
	before := text[:min(max(offset-1, 0), len(text))]
	return bytes.Count(before, []byte("\n")) + 1, len(before) - (bytes.LastIndexByte(before, '\n') + 1) + 1
}

func jsonKind(value any) string {
	switch value.(type) {
	case nil:
		return "null"
	case bool:
		return "a boolean"
	case float64:
		return "a number"
	case string:
		return "a string"
	}
	return "an array"
}

// parsePairs turns k=v flags into a map.
func parsePairs(flag string, pairs []string) (map[string]string, error) {
	parsed := make(map[string]string, len(pairs))
	for _, pair := range pairs {
		key, value, ok := strings.Cut(pair, "=")
		if !ok || key == "" {
			return nil, usagef("--%s %q: write it as key=value", flag, pair)
		}
		parsed[key] = value
	}
	return parsed, nil
}

// metadataJSON is the JSON object of k=v flags; nil when there are none.
func metadataJSON(flag string, pairs []string) (json.RawMessage, error) {
	if len(pairs) == 0 {
		return nil, nil
	}
	parsed, err := parsePairs(flag, pairs)
	if err != nil {
		return nil, err
	}
	return json.Marshal(parsed)
}

// parseLabels reads worker labels; whole numbers become numbers, as Hatchet
// compares strings and numbers differently.
func parseLabels(pairs []string) (map[string]any, error) {
	parsed, err := parsePairs("label", pairs)
	if err != nil {
		return nil, err
	}
	labels := make(map[string]any, len(parsed))
	for key, value := range parsed {
		if n, err := strconv.ParseInt(value, 10, 32); err == nil {
			labels[key] = int32(n)
		} else {
			labels[key] = value
		}
	}
	return labels, nil
}

// parseSlots reads units by slot type.
func parseSlots(pairs []string) (map[string]int, error) {
	parsed, err := parsePairs("custom-slots", pairs)
	if err != nil {
		return nil, err
	}
	slots := make(map[string]int, len(parsed))
	for kind, value := range parsed {
		n, err := strconv.ParseInt(value, 10, 32)
		switch {
		case kind == "default" || kind == "durable":
			return nil, usagef("--custom-slots %s=%s: these are set with --slots and --durable-slots", kind, value)
		case err != nil || n < 1:
			return nil, usagef("--custom-slots %s=%s: units are a whole number from 1", kind, value)
		}
		slots[kind] = int(n)
	}
	return slots, nil
}

func checkPriority(priority int) error {
	if priority < 0 || priority > 3 {
		return usagef("--priority %d: priorities are 1 (low), 2 and 3 (high)", priority)
	}
	return nil
}

// shortID is the part of an id that a person reads.
func shortID(id string) string {
	if len(id) < 8 {
		return id
	}
	return id[len(id)-4:]
}
