package main

import (
	"bytes"
	"os"
	"strconv"
	"strings"
)

// blankEnvironment overwrites each occurrence of text in the environment as the
// system shows it. Go keeps a copy of its own. A system that does not let a
// process write its own memory so keeps the text; then only the permission to
// run programs guards it.
func blankEnvironment(text string) {
	shown, err := os.ReadFile("/proc/self/environ")
	if err != nil {
		return
	}
	start, ok := environmentStart()
	if !ok {
		return
	}
	memory, err := os.OpenFile("/proc/self/mem", os.O_WRONLY, 0)
	if err != nil {
		return
	}
	defer memory.Close()
	blank := bytes.Repeat([]byte("*"), len(text))
	for at := 0; ; at += len(text) {
		i := bytes.Index(shown[at:], []byte(text))
		if i < 0 {
			return
		}
		at += i
		if _, err := memory.WriteAt(blank, start+int64(at)); err != nil {
			return
		}
	}
}

// environmentStart is the address of the environment: the field env_start of
// proc(5), the 50th of /proc/self/stat. The second is a name in parentheses.
func environmentStart() (int64, bool) {
	stat, err := os.ReadFile("/proc/self/stat")
	if err != nil {
		return 0, false
	}
	const field, beforeName = 50, 2
	_, rest, _ := strings.Cut(string(stat[bytes.LastIndexByte(stat, ')')+1:]), " ")
	fields := strings.Fields(rest)
	if len(fields) < field-beforeName {
		return 0, false
	}
	start, err := strconv.ParseInt(fields[field-beforeName-1], 10, 64)
	return start, err == nil && start > 0
}
