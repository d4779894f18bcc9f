package main

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/hatchet-js/hatchet-js-worker/sdk"
	"github.com/spf13/pflag"
)

const tokenVariable = "HATCHET_CLIENT_TOKEN"

// targetFlags say which engine a verb talks to.
type targetFlags struct {
	server    string
	namespace string
}

func (t *targetFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&t.server, "server", "", "host:port of the Hatchet server's gRPC port")
	flags.StringVar(&t.namespace, "namespace", "", "prefix of workflow names and event keys (default $HATCHET_CLIENT_NAMESPACE)")
}

// cardsDir is where embedded engines on this machine announce themselves.
func (a *app) cardsDir() (string, error) {
	if dir, ok := a.lookup("HATCHET_JS_ENGINES_DIR"); ok && dir != "" {
		return dir, nil
	}
	cache, err := a.cacheDir()
	if err != nil {
		return "", fmt.Errorf("find the cache folder where engines announce themselves: %w", err)
	}
	return filepath.Join(cache, "hatchet-js-worker", "engines"), nil
}

// runningEngines are those that have announced themselves; none where this
// machine has no folder to do so, as in a container without a home.
func (a *app) runningEngines() ([]sdk.RunningEngine, error) {
	dir, err := a.cardsDir()
	if err != nil {
		return nil, nil
	}
	return sdk.RunningEngines(dir)
}

// target applies the target rule: --server, or the environment's token, or else
// the one embedded engine that runs on this machine. Two candidates at once are
// an error that names both.
func (a *app) target(t *targetFlags) (sdk.Server, error) {
	engines, err := a.runningEngines()
	if err != nil {
		return sdk.Server{}, err
	}
	_, hasToken := a.token()
	switch {
	case t.server != "":
		return a.namedServer(t, engines)
	case hasToken && len(engines) > 0:
		// What 'env' printed names one of these engines, which is then no second one.
		server, err := a.environmentServer(t)
		if _, embedded := engineAt(engines, server.Address()); err == nil && embedded {
			return server, nil
		}
		return sdk.Server{}, usagef("two engines to choose from: the server of %s and %s; unset %s, or name one with --server host:port",
			tokenVariable, listEngines(engines), tokenVariable)
	case hasToken:
		return a.environmentServer(t)
	case len(engines) > 1:
		return sdk.Server{}, usagef("several engines to choose from: %s; name one with --server host:port", listEngines(engines))
	case len(engines) == 1:
		return engines[0].Server(t.namespace)
	}
	return sdk.Server{}, &exitError{exitNoEngine, fmt.Errorf("no engine to talk to: start one with 'hatchet-js-worker dev', or set %s to join a Hatchet server", tokenVariable)}
}

func (a *app) token() (string, bool) {
	token, ok := a.lookup(tokenVariable)
	return token, ok && token != ""
}

// namedServer is what --server points at: an embedded engine of this machine
// needs no token, everything else takes the environment's.
func (a *app) namedServer(t *targetFlags, engines []sdk.RunningEngine) (sdk.Server, error) {
	if engine, embedded := engineAt(engines, t.server); embedded {
		return engine.Server(t.namespace)
	}
	return a.environmentServer(t)
}

func engineAt(engines []sdk.RunningEngine, address string) (sdk.RunningEngine, bool) {
	for _, engine := range engines {
		if sameAddress(engine.GRPC, address) {
			return engine, true
		}
	}
	return sdk.RunningEngine{}, false
}

func (a *app) environmentServer(t *targetFlags) (sdk.Server, error) {
	return sdk.ServerFromEnv(a.lookup, sdk.ServerOptions{HostPort: t.server, Namespace: t.namespace})
}

func sameAddress(a, b string) bool {
	local := strings.NewReplacer("localhost:", "127.0.0.1:", "[::1]:", "127.0.0.1:")
	return local.Replace(a) == local.Replace(b)
}

func listEngines(engines []sdk.RunningEngine) string {
	names := make([]string, len(engines))
	for i, engine := range engines {
		names[i] = engine.String()
	}
	return strings.Join(names, " and ")
}
