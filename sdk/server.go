package sdk

import (
	"cmp"
	"context"
	"fmt"
	"net"

	"github.com/hatchet-js/hatchet-js-worker/engine/local"
	"github.com/hatchet-js/hatchet-js-worker/engine/transport"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
)

// Server says where a Hatchet engine is and as whom to talk to it, see
// [ServerFromEnv] and [Embedded].
type Server struct {
	config    transport.Config
	namespace workflow.Namespace
	// engine is set when the engine is in this process and needs no network.
	engine *local.Engine
	// embedded is set until the engine, of this process, is there: see with.
	embedded *embedded
}

// ServerOptions win over the environment and the token.
type ServerOptions struct {
	HostPort  string
	Namespace string
}

// ServerFromEnv reads the HATCHET_CLIENT_* variables through lookup, such as
// os.LookupEnv (hatchet-protocol.md section 1.1). Errors are ErrConfig.
func ServerFromEnv(lookup func(string) (string, bool), options ServerOptions) (Server, error) {
	config, err := transport.FromEnv(func(name string) (string, bool) {
		if name == "HATCHET_CLIENT_HOST_PORT" && options.HostPort != "" {
			return options.HostPort, true
		}
		return lookup(name)
	})
	if err != nil {
		return Server{}, withKind(err, ErrConfig)
	}
	if options.Namespace != "" {
		config.Namespace = options.Namespace
	}
	return newServer(config, nil)
}

// defaultHealthPort is the one that Hatchet's SDKs take.
const defaultHealthPort = 8001

// HealthAddressFromEnv is the [Options.HealthAddress] that the variables
// HATCHET_CLIENT_WORKER_HEALTHCHECK_ENABLED and _PORT ask for: that port, or
// 8001, of all addresses of the machine; "" when it is not enabled. Errors are
// ErrConfig.
func HealthAddressFromEnv(lookup func(string) (string, bool)) (string, error) {
	settings, err := transport.HealthFromEnv(lookup)
	if err != nil || !settings.Enabled {
		return "", withKind(err, ErrConfig)
	}
	return fmt.Sprintf(":%d", cmp.Or(settings.Port, defaultHealthPort)), nil
}

func newServer(config transport.Config, engine *local.Engine) (Server, error) {
	namespace, err := workflow.ParseNamespace(config.Namespace)
	if err != nil {
		return Server{}, withKind(err, ErrConfig)
	}
	return Server{config: config, namespace: namespace, engine: engine}, nil
}

// Server is how another process of this machine reaches the engine.
func (e RunningEngine) Server(namespace string) (Server, error) {
	return newServer(embeddedConfig(e.Token, e.GRPC, e.HTTP, namespace), nil)
}

// none says whether the server is the zero value.
func (s Server) none() bool {
	return s.embedded == nil && s.config.Token == "" && s.config.HostPort == ""
}

// embeddedConfig is the configuration for an embedded engine: plaintext on
// loopback.
func embeddedConfig(token, grpcAddress, httpAddress, namespace string) transport.Config {
	config := transport.Config{
		Token: token, HostPort: grpcAddress, Namespace: namespace,
		TLS:         transport.TLSConfig{Strategy: transport.TLSNone},
		DisableGzip: true, // nothing leaves the machine
	}
	if httpAddress != "" {
		config.ServerURL = "http://" + httpAddress
	}
	return config
}

// Address is the server's gRPC host:port; "" of an [Embedded] one.
func (s Server) Address() string { return s.config.HostPort }

func (s Server) dial(options transport.Options) (*transport.Conn, error) {
	if s.engine != nil {
		options.Dialer = func(ctx context.Context) (net.Conn, error) { return s.engine.Dial(ctx, "") }
		options.HTTPDialer = s.engine.DialHTTP
	}
	conn, err := transport.Dial(s.config, options)
	if err != nil {
		return nil, withKind(fmt.Errorf("connect to the engine: %w", err), ErrConfig)
	}
	return conn, nil
}

// EngineToken is the token of an embedded engine at these addresses, whether it
// runs yet or not.
func EngineToken(grpcAddress, httpAddress string) string {
	return local.MintToken(grpcAddress, "http://"+httpAddress)
}
