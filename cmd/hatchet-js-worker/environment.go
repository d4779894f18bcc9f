package main

import (
	"os"
	"strings"
)

// takeEnvironment copies the environment and blanks the token out of the memory
// where the system keeps it. What is there shows under /proc to any program of
// the same user, so a program that a script starts could read it otherwise.
func takeEnvironment() (environ []string, lookup func(string) (string, bool)) {
	environ = os.Environ()
	if token := os.Getenv(tokenVariable); token != "" {
		blankEnvironment(token)
	}
	values := make(map[string]string, len(environ))
	for _, pair := range environ {
		if name, value, ok := strings.Cut(pair, "="); ok {
			values[name] = value
		}
	}
	return environ, func(name string) (string, bool) {
		value, set := values[name]
		return value, set
	}
}
