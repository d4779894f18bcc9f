package core

import "testing"

// checkInvariants fails a test whose state is not in order.
func checkInvariants(t testing.TB, c *Core) {
	t.Helper()
	if err := c.Check(); err != nil {
		t.Fatal(err)
	}
}
