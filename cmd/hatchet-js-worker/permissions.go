package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"github.com/hatchet-js/hatchet-js-worker/sdk"
	"github.com/spf13/pflag"
)

// permissionFlags say what scripts may reach. The names are Deno's.
type permissionFlags struct {
	rules  sdk.Rules
	all    bool
	config string
	set    string
	audit  string
}

// everything is the value of a flag that was given without one.
const everything = "*"

func (p *permissionFlags) register(flags *pflag.FlagSet) {
	p.rules = sdk.Rules{}
	what := map[sdk.PermissionKind]string{
		sdk.PermitNet: "hosts (host, host:port, *.domain, address)", sdk.PermitRead: "reading files and folders", sdk.PermitWrite: "writing files and folders",
		sdk.PermitEnv: "variables of the environment", sdk.PermitRun: "starting programs",
		sdk.PermitSys: "telling about the machine (hostname, cpus, networkInterfaces…)",
	}
	for _, kind := range sdk.PermissionKinds() {
		for _, deny := range []bool{false, true} {
			name, text := "allow-"+string(kind), "allow "+what[kind]
			if deny {
				name, text = "deny-"+string(kind), "deny "+what[kind]+"; wins over --allow-"+string(kind)
			}
			flag := flags.VarPF(&grantValue{flags: p, kind: kind, deny: deny}, name, "", text)
			flag.NoOptDefVal = everything
		}
	}
	flags.Var(&grantValue{flags: p, kind: sdk.PermitEnv, ignore: true}, "ignore-env", "variables that scripts find unset")
	flags.BoolVarP(&p.all, "allow-all", "A", false, "allow scripts everything")
	flags.StringVar(&p.config, "config", "", "file of permissions (default: "+sdk.ConfigName+" in the working directory or beside the scripts)")
	flags.StringVarP(&p.set, "permission-set", "P", "", "set of permissions in that file to use in the place of its default")
	flags.StringVar(&p.audit, "audit-permissions", "", "append each decision to this file, as lines of JSON")
}

// given reports whether any of the flags was.
func (p *permissionFlags) given() bool {
	return p.all || len(p.rules) > 0 || p.config != "" || p.set != "" || p.audit != ""
}

// grantValue is one flag: a list of entries, or everything.
type grantValue struct {
	flags        *permissionFlags
	kind         sdk.PermissionKind
	deny, ignore bool
}

func (g *grantValue) String() string { return "" }
func (g *grantValue) Type() string   { return "list" }

func (g *grantValue) Set(text string) error {
	grant := g.flags.rules[g.kind]
	all, list := &grant.All, &grant.Allow
	switch {
	case g.ignore:
		all, list = nil, &grant.Ignore
	case g.deny:
		all, list = &grant.DenyAll, &grant.Deny
	}
	if text == everything && all != nil {
		*all = true
	} else {
		*list = append(*list, strings.Split(text, ",")...)
	}
	g.flags.rules[g.kind] = grant
	return g.flags.rules.Check()
}

// permissions are those of the flags. With ask, a person at the terminal is asked
// about what is not granted. close ends the audit log.
func (a *app) permissions(p *permissionFlags, ask bool) (_ sdk.Permissions, close func() error, err error) {
	permissions := sdk.Permissions{Rules: p.rules, File: p.config, Set: p.set, Environ: a.environ, Hidden: []string{tokenVariable}}
	if p.all {
		permissions.Rules = sdk.AllowAll().Plus(p.rules)
	}
	close = func() error { return nil }
	if p.audit != "" {
		file, err := os.OpenFile(p.audit, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			return permissions, close, usagef("--audit-permissions: %w", err)
		}
		permissions.Audit, close = file, file.Close
	}
	if in, ok := a.stdin.(*os.File); ok && ask && isTerminal(in) && isTerminal(a.stderr) {
		permissions.Ask = (&prompter{in: bufio.NewReader(in), out: a.stderr}).ask
	}
	return permissions, close, nil
}

// prompter asks at a terminal. Lines are read one at a time by a goroutine that
// outlives a question nobody answered: reading a terminal cannot be stopped.
type prompter struct {
	in      *bufio.Reader
	out     io.Writer
	once    sync.Once
	wanted  chan struct{}
	answers chan string
}

func (p *prompter) read() {
	for range p.wanted {
		line, err := p.in.ReadString('\n')
		if err != nil {
			close(p.answers)
			return
		}
		p.answers <- line
	}
}

func (p *prompter) ask(ctx context.Context, q sdk.PermissionQuestion) sdk.PermissionAnswer {
	p.once.Do(func() {
		p.wanted, p.answers = make(chan struct{}, 1), make(chan string, 1)
		go p.read()
	})
	detail := ""
	if q.Detail != "" {
		detail = " (" + q.Detail + ")"
	}
	fmt.Fprintf(p.out, "\n%s asks for %s access to %q%s%s\n", asker(q), q.Kind, q.Target, detail, place(q.Place.String()))
	for {
		fmt.Fprintf(p.out, "Allow %s? y once / a always (written to %s) / n: ", q.Entry, sdk.ConfigName)
		select {
		case p.wanted <- struct{}{}:
		default: // an earlier question still waits for its line
		}
		select {
		case <-ctx.Done():
			return sdk.AnswerNo
		case line, open := <-p.answers:
			if answer, ok := answers[strings.ToLower(strings.TrimSpace(line))]; ok || !open {
				return answer
			}
		}
	}
}

// answers are what may be typed. The end of the input is a no.
var answers = map[string]sdk.PermissionAnswer{
	"y": sdk.AnswerOnce, "yes": sdk.AnswerOnce, "a": sdk.AnswerAlways, "always": sdk.AnswerAlways, "n": sdk.AnswerNo, "no": sdk.AnswerNo,
}

func asker(q sdk.PermissionQuestion) string {
	if q.Task.Task == "" {
		return "A file that loads"
	}
	return q.Task.Task + " (" + q.Task.Workflow + ")"
}
