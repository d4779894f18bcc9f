package vm

import (
	"cmp"
	"slices"
	"unicode"
)

// merge sorts ranges in any order and closes what has no gap.
func merge(ranges []runeRange) []runeRange {
	slices.SortFunc(ranges, func(a, b runeRange) int { return cmp.Compare(a.low, b.low) })
	merged := ranges[:0]
	for _, r := range ranges {
		if last := len(merged) - 1; last >= 0 && r.low <= merged[last].high+1 {
			merged[last].high = max(merged[last].high, r.high)
			continue
		}
		merged = append(merged, r)
	}
	return merged
}

// complement is all the other code points.
func complement(ranges []runeRange) []runeRange {
	var others []runeRange
	next := rune(0)
	for _, r := range ranges {
		if r.low > next {
			others = append(others, runeRange{next, r.low - 1})
		}
		next = r.high + 1
	}
	if next <= unicode.MaxRune {
		others = append(others, runeRange{next, unicode.MaxRune})
	}
	return others
}

// union is what is in any of the lists.
func union(lists ...[]runeRange) []runeRange { return merge(slices.Concat(lists...)) }

// without is what is in ranges and not in others.
func without(ranges, others []runeRange) []runeRange {
	return complement(union(complement(ranges), others))
}
