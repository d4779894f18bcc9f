package sdk_test

import (
	"testing"

	"go.uber.org/goleak"
)

// The regular expression library keeps a clock running for a second after the
// last match that it timed.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/dlclark/regexp2/v2.runClock"))
}
