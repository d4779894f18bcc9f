package glue_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hatchet-js/hatchet-js-worker/bindings/builtin"
	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
)

var imports = regexp.MustCompile(`(?m)^import (.*) from ('.*')$`)

// The examples that need a server run against one; sdk/js runs the others.
func TestTheExamplesWithServers(t *testing.T) {
	registry, err := builtin.Registry()
	if err != nil {
		t.Fatal(err)
	}
	environments := map[string]func(t *testing.T) []string{
		"hatchet:smtp": func(t *testing.T) []string {
			_, port := serveMail(t, nil)
			return []string{"SMTP_HOST=127.0.0.1", "SMTP_PORT=" + port}
		},
		"hatchet:redis": func(t *testing.T) []string {
			return []string{"REDIS_URL=" + strings.TrimSuffix(servers.Redis(t), "0") + "7"}
		},
		"hatchet:s3": func(t *testing.T) []string {
			return []string{"S3_ENDPOINT=" + serveS3(t, false).URL, "S3_SECRET=secret-of-app"}
		},
		"hatchet:ssh": func(t *testing.T) []string {
			s := serveSSH(t)
			return []string{"SSH_PORT=" + s.port, "SSH_PASSWORD=secret-of-app", "SSH_KNOWN_HOSTS=" + s.known}
		},
	}
	for _, module := range registry.Modules() {
		if !strings.Contains(module.Example, "process.env.") {
			continue
		}
		t.Run(module.Name, func(t *testing.T) {
			environ := environments[module.Name](t)
			m, _ := granted(t, permit.Rules{permit.Net: allow("127.0.0.1"), permit.Env: {All: true}}, func(o *permit.Options) { o.Environ = environ })
			m.Expect(t, "const process = require('node:process'); "+imports.ReplaceAllString(module.Example, "const $1 = require($2)")+"\nreturn 1", "1")
			var want []string
			for line := range strings.SplitSeq(module.Example, "\n") {
				if _, said, found := strings.Cut(line, " // -> "); found {
					want = append(want, said)
				}
			}
			if !slices.Equal(m.Log, want) {
				t.Errorf("logs %q, and says %q", m.Log, want)
			}
		})
	}
}
