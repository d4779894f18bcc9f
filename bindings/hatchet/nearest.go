package hatchet

import (
	"slices"
	"strings"
)

// nearest returns the known name that was most likely meant by name, or "" if
// none comes close.
func nearest(name string, known []string) string {
	const shortest = 3 // of a beginning that tells enough
	best, bestDistance := "", max(2, len(name)/3)+1
	lower := strings.ToLower(name)
	for _, k := range known {
		if d := distance(lower, strings.ToLower(k)); d < bestDistance {
			best, bestDistance = k, d
		}
	}
	for _, k := range known {
		if best == "" && len(name) >= shortest && strings.HasPrefix(strings.ToLower(k), lower) {
			best = k
		}
	}
	return best
}

// distance is the number of letters to add, drop, change or swap with their
// neighbour that make b of a.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	var before []int
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(x); i++ {
		next := make([]int, len(y)+1)
		next[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			next[j] = min(row[j]+1, next[j-1]+1, row[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				next[j] = min(next[j], before[j-2]+1)
			}
		}
		before, row = row, next
	}
	return row[len(y)]
}

// list joins names for a message, sorted.
func list(names []string) string {
	return strings.Join(slices.Sorted(slices.Values(names)), ", ")
}
