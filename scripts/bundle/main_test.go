package bundle

import "testing"

func TestTheGuardOfAMainProgramIsAnsweredAtTheSameLength(t *testing.T) {
	b := &build{names: naming{real: "/w/worker.ts"}}
	const guard = "if (require.main === module) main()"
	for _, c := range []struct{ path, text, want string }{
		{"/w/worker.ts", "hatchet.worker('w'); " + guard, "hatchet.worker('w'); if (true                   ) main()"},
		{"/w/worker.ts", "hatchet.run('w'); " + guard, "hatchet.run('w'); if (false                  ) main()"},
		{"/w/other.ts", "hatchet.worker('w'); " + guard, "hatchet.worker('w'); if (false                  ) main()"},
		{"/w/other.ts", "if (module == require.main) {}", "if (false                 ) {}"},
		{"/w/other.ts", "require.mainly === module", "require.mainly === module"},
	} {
		if got := b.answerGuard(c.path, c.text); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.text, got, c.want)
		}
	}
}
