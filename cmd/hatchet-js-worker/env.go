package main

import (
	"fmt"
	"net"
	"strconv"
	"strings"

	"github.com/hatchet-js/hatchet-js-worker/sdk"
	"github.com/spf13/cobra"
)

func (a *app) envCommand() *cobra.Command {
	var port int
	cmd := &cobra.Command{
		Use:   "env",
		Short: "Print what any Hatchet SDK needs to join the embedded engine, for eval",
		Args:  exactly(0),
		RunE: func(*cobra.Command, []string) error {
			token, address, err := a.engineToJoin(port)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(a.stdout, "export %s=%s\nexport HATCHET_CLIENT_TLS_STRATEGY=none\nexport HATCHET_CLIENT_HOST_PORT=%s\n",
				tokenVariable, shellQuote(token), shellQuote(address))
			return err
		},
	}
	cmd.Flags().IntVar(&port, "grpc-port", 0, "gRPC port of the engine, when several run or none does yet")
	return cmd
}

// engineToJoin picks the running engine, or describes the one that will run on
// the given or default port.
func (a *app) engineToJoin(port int) (token, address string, err error) {
	dir, err := a.cardsDir()
	if err != nil {
		return "", "", err
	}
	engines, err := sdk.RunningEngines(dir)
	if err != nil {
		return "", "", err
	}
	for _, engine := range engines {
		if port == 0 && len(engines) == 1 || strings.HasSuffix(engine.GRPC, ":"+strconv.Itoa(port)) {
			return engine.Token, engine.GRPC, nil
		}
	}
	if port == 0 && len(engines) > 1 {
		return "", "", usagef("several engines to choose from: %s; name one with --grpc-port", listEngines(engines))
	}
	if port == 0 {
		port = defaultGRPCPort
	}
	address = net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	return sdk.EngineToken(address, net.JoinHostPort("127.0.0.1", strconv.Itoa(defaultHTTPPort))), address, nil
}

func shellQuote(text string) string {
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
