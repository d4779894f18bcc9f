package bundle_test

import "testing"

// BenchmarkBuild bundles a small TypeScript file with one import, which is
// what a save costs.
func BenchmarkBuild(b *testing.B) {
	dir := folder(b, "-- main.ts --\nimport { f } from './lib'\nexport const x: number = f(1)\n-- lib.ts --\nexport const f = (n: number) => n + 1\n")
	for b.Loop() {
		mustBuild(b, dir, "main.ts")
	}
}
