package glue_test

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/hatchet-js/hatchet-js-worker/bindings/builtin/moduletest"
	"github.com/hatchet-js/hatchet-js-worker/bindings/glue"
	"github.com/hatchet-js/hatchet-js-worker/bindings/glue/gluetest"
	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
)

var servers = &gluetest.Servers{}

func TestMain(m *testing.M) {
	code := m.Run()
	servers.Stop()
	err := glue.CloseIdle()
	if leak := goleak.Find(); err == nil {
		err = leak
	}
	if err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// granted is a machine whose scripts may do what the entries of each kind say,
// and its folder.
func granted(t testing.TB, rules permit.Rules, more ...func(*permit.Options)) (*moduletest.Machine, string) {
	t.Helper()
	options := permit.Options{Dir: t.TempDir(), Rules: rules}
	for _, set := range more {
		set(&options)
	}
	return moduletest.New(t, options), options.Dir
}

func allow(entries ...string) permit.Grant { return permit.Grant{Allow: entries} }

// noResolver knows no host.
type noResolver struct{}

func (noResolver) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
}
