package durable

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	v1 "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
)

// nonDeterminism tells which step of a refused request does not fit, and what
// the engine has there. Nodes are numbered in the order of requests, so that the
// node refused is found in the request (hatchet-protocol.md section 8.3).
func (r *Run) nonDeterminism(q *request, refusal *v1.DurableTaskErrorResponse) error {
	at := min(max(refusal.Ref.GetNodeId()-r.reached-1, 0), int64(len(q.entries)-1))
	was := "something else"
	for line := range strings.Lines(refusal.ErrorMessage) {
		if text, found := strings.CutPrefix(strings.TrimSpace(line), "expected: "); found {
			was = readable(r.session.options.Namespace, text)
		}
	}
	return mismatch(q.entries[at], was)
}

// mismatch is the error for a step that was another one before.
func mismatch(now *entry, was string) *NonDeterminismError {
	e := &NonDeterminismError{Step: now.step, Was: was, Now: now.describe}
	switch {
	case was == "memo" && now.kind == kindMemo:
		e.Was = "memo of another key"
	case was != now.describe:
	case now.kind == kindRun:
		e.Now += " with another input"
	default:
		e.Now += " with other conditions"
	}
	return e
}

// readable puts a call as engines describe it in the words of scripts:
// sleep(24h0m0s) is sleepFor(24h), "any of: event(paid), sleep(1h0m0s)" is
// waitFor("paid" or sleep 1h).
func readable(ns workflow.Namespace, call string) string {
	if name, ok := argument(call, "run"); ok {
		return fmt.Sprintf("run(%q)", ns.Strip(name))
	}
	if length, ok := argument(call, "sleep"); ok && !strings.Contains(call, ", ") && !strings.Contains(call, " and ") {
		return "sleepFor(" + readableDuration(length) + ")"
	}
	groups := strings.Split(call, " and ")
	for i, group := range groups {
		one, alternatives := strings.CutPrefix(group, "any of: ")
		members := []string{one}
		if alternatives {
			members = strings.Split(one, ", ")
		}
		for j, member := range members {
			text, known := readableCondition(ns, member)
			if !known {
				return call
			}
			members[j] = text
		}
		groups[i] = strings.Join(members, " or ")
	}
	return "waitFor(" + strings.Join(groups, " and ") + ")"
}

func readableCondition(ns workflow.Namespace, call string) (text string, known bool) {
	if key, ok := argument(call, "event"); ok {
		return strconv.Quote(ns.Strip(key)), true
	}
	length, ok := argument(call, "sleep")
	return "sleep " + readableDuration(length), ok
}

func argument(call, function string) (string, bool) {
	inner, ok := strings.CutPrefix(call, function+"(")
	if !ok || !strings.HasSuffix(inner, ")") {
		return "", false
	}
	return inner[:len(inner)-1], true
}

func readableDuration(text string) string {
	if d, err := time.ParseDuration(text); err == nil {
		return workflow.FormatDuration(d)
	}
	return text
}

// describeMemo shows a key that a person chose, and hides one that is a hash.
func describeMemo(key []byte) string {
	if len(key) == 0 || len(key) > 64 || !utf8.Valid(key) {
		return "memo"
	}
	for _, c := range string(key) {
		if !strconv.IsPrint(c) {
			return "memo"
		}
	}
	return fmt.Sprintf("memo(%q)", key)
}
