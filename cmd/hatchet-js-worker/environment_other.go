//go:build !linux

package main

// blankEnvironment has nothing to do: this system has no /proc.
func blankEnvironment(string) {}
