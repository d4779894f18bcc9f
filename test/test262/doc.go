// Package test262 runs the test suite of the ECMAScript standard against the
// VMs that scripts run on, lowered as the bundler lowers scripts: TEST262_DIR
// names a copy of the suite on this machine. README.md has the results.
package test262
