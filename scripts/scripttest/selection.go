package scripttest

import (
	"slices"

	"github.com/hatchet-js/hatchet-js-worker/scripts/bundle"
)

// at gives the lines at which the tests stand that lines ask for: for each the last
// that begins there or above. Nil stands for all.
func (f *file) at(lines []int) map[int]bool {
	if len(lines) == 0 {
		return nil
	}
	chosen := map[int]bool{}
	for _, line := range lines {
		nearest := 0
		for _, t := range f.tests {
			if t.At.File == f.name && t.At.Line <= line {
				nearest = max(nearest, t.At.Line)
			}
		}
		chosen[nearest] = true // 0 is none
	}
	return chosen
}

// madeOf reports whether one of the files is part of the test file.
func (f *file) madeOf(changed []string) bool {
	return changed == nil || f.bundle == nil || slices.ContainsFunc(f.bundle.Inputs, func(input bundle.Input) bool {
		return slices.Contains(changed, input.Path)
	})
}
