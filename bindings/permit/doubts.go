package permit

import "fmt"

// Doubts are what a person may not have meant to grant: that a run could write
// what decides what later runs may do. files are the scripts, in absolute
// paths; config is the file of permissions, or "".
func (d *Door) Doubts(files []string, config string) []string {
	d.mu.Lock()
	policy := d.policy
	d.mu.Unlock()
	var doubts []string
	say := func(format string, args ...any) { doubts = append(doubts, fmt.Sprintf(format, args...)) }
	writable := func(path string) bool {
		_, refused := policy.file(Write, path)
		return refused == nil
	}
	for _, program := range policy.run[allow] {
		if writable(program) || writable(realOf(program)) {
			say("a run may start %s and also write it: it could put another program there", program)
		}
	}
	for _, file := range files {
		if writable(file) || writable(realOf(file)) {
			say("a run may write %s: it could change what later runs do", file)
			break // one is enough to say
		}
	}
	if config != "" && (writable(config) || writable(realOf(config))) {
		say("a run may write %s: it could grant itself more", config)
	}
	if policy.rules[Command].All && !policy.rules[Command].DenyAll {
		say("a run may start any program: what programs read, write and connect to is not checked")
	}
	return doubts
}
