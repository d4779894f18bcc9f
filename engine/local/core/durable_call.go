package core

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// waitKey is what must be the same when a wait is requested again
// (hatchet-protocol.md section 8.3).
func waitKey(conditions []Condition) string {
	sorted := slices.Clone(conditions)
	slices.SortStableFunc(sorted, func(a, b Condition) int {
		return cmp.Or(
			cmp.Compare(a.Expression, b.Expression), cmp.Compare(a.Key, b.Key), cmp.Compare(wireKind(a.Kind), wireKind(b.Kind)),
			cmp.Compare(a.SleepFor, b.SleepFor), cmp.Compare(a.EventKey, b.EventKey),
		)
	})
	parts := [][]byte{[]byte(entryWait)}
	for _, d := range sorted {
		parts = append(parts, []byte(d.Expression+d.Key+wireKind(d.Kind)+d.SleepFor+d.EventKey))
	}
	return hexSum(parts...)
}

func wireKind(k ConditionKind) string {
	if k == ConditionSleep {
		return "SLEEP"
	}
	return "USER_EVENT"
}

// waitCall describes a wait for people: alternatives as "any of: a, b", groups
// joined by "and".
func waitCall(conditions []Condition) string {
	var order []string
	groups := map[string][]string{}
	for i, d := range conditions {
		group := d.Group
		if group == "" {
			group = "own " + string(rune('0'+i))
		}
		if groups[group] == nil {
			order = append(order, group)
		}
		groups[group] = append(groups[group], describe(d))
	}
	parts := make([]string, 0, len(order))
	for _, group := range order {
		if members := groups[group]; len(members) == 1 {
			parts = append(parts, members[0])
		} else {
			parts = append(parts, "any of: "+strings.Join(members, ", "))
		}
	}
	return strings.Join(parts, " and ")
}

func describe(d Condition) string {
	if d.Kind == ConditionUserEvent {
		return "event(" + d.EventKey + ")"
	}
	if length, err := time.ParseDuration(d.SleepFor); err == nil {
		return "sleep(" + length.String() + ")"
	}
	return "sleep(" + d.SleepFor + ")"
}
