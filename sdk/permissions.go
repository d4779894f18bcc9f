package sdk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strings"

	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
	"github.com/hatchet-js/hatchet-js-worker/engine/worker"
)

// Words of permissions, see the package bindings/permit.
type (
	// Rules are grants by kind.
	Rules = permit.Rules
	// Grant is what is allowed and denied of one kind.
	Grant = permit.Grant
	// PermissionKind is net, read, write, env, run or sys.
	PermissionKind = permit.Kind
	// PermissionQuestion is what a person is asked.
	PermissionQuestion = permit.Question
	// PermissionAnswer is what a person says.
	PermissionAnswer = permit.Answer
)

// Kinds of permissions, and answers.
const (
	PermitNet   = permit.Net
	PermitRead  = permit.Read
	PermitWrite = permit.Write
	PermitEnv   = permit.Env
	PermitRun   = permit.Command
	PermitSys   = permit.Sys

	AnswerNo     = permit.No
	AnswerOnce   = permit.Once
	AnswerAlways = permit.Always
)

// ConfigName is the name of the file with permissions, secrets and limits that
// is looked for in the working directory and beside the scripts.
const ConfigName = permit.ConfigName

// PermissionKinds are all kinds in the order of the reference.
func PermissionKinds() []PermissionKind { return permit.Kinds }

// AllowAll is what -A stands for.
func AllowAll() Rules { return permit.AllowAll() }

// Permissions say what scripts may reach outside of their VM. The zero value
// is what a hatchet-js.json grants, and nothing without one.
type Permissions struct {
	// Rules are granted in addition to those of the file.
	Rules Rules
	// File is the file of permissions; "" = hatchet-js.json in the working
	// directory or beside the scripts, if there is one.
	File string
	// Set names a set of permissions of the file, in the place of its default; ""
	// = the default.
	Set string
	// Environ is the environment that scripts may be allowed to read, as
	// "name=value", and in which programs are looked up; nil is an empty one.
	Environ []string
	// Hidden are variables that no script ever sees, nor what contains their
	// values.
	Hidden []string
	// Audit takes a line of JSON for each decision; nil = none.
	Audit io.Writer
	// Ask decides about what no rule grants or denies, by itself or by asking a
	// person; nil refuses it. It is called by several runs at once. AnswerOnce
	// allows this one access; with AnswerAlways the entry is written to the file
	// of permissions, too.
	Ask func(ctx context.Context, question PermissionQuestion) PermissionAnswer
}

// door makes the door of a worker that serves paths from the folder dir. To
// check scripts takes no secrets.
func (p Permissions) door(dir string, l loading) (*permit.Door, error) {
	config, err := p.config(dir, l.paths)
	if err != nil {
		return nil, withKind(err, ErrConfig)
	}
	authorities, err := p.authorities(config)
	if err != nil {
		return nil, withKind(err, ErrConfig)
	}
	options := permit.Options{
		Rules: config.Rules.Plus(p.Rules), Workflows: config.Workflows, Dir: dir, Environ: p.Environ, Hidden: p.Hidden,
		Limits: config.Limits, Authorities: authorities, Decided: l.decided, Clock: l.clock,
	}
	if !l.check {
		if options.Secrets, err = p.secrets(config, l.logger); err != nil {
			return nil, withKind(err, ErrConfig)
		}
	}
	if p.Audit != nil {
		options.Audit = permit.NewAudit(p.Audit)
	}
	if p.Ask != nil {
		file := config.Path
		if file == "" {
			file = filepath.Join(dir, ConfigName)
		}
		options.Asker = &asker{ask: p.Ask, file: file, set: p.Set, logger: l.logger}
	}
	door, err := permit.NewDoor(options)
	if err != nil {
		return nil, withKind(fmt.Errorf("permissions: %w", err), ErrConfig)
	}
	return door, nil
}

// authorities are those of the configuration and of the variable that Node has
// for them.
func (p Permissions) authorities(config *permit.Config) ([]byte, error) {
	if file, set := p.lookup("NODE_EXTRA_CA_CERTS"); set && file != "" {
		return config.LoadAuthorities(file)
	}
	return config.LoadAuthorities()
}

func (p Permissions) secrets(config *permit.Config, logger *slog.Logger) (*permit.Secrets, error) {
	values, err := config.Load(p.lookup)
	if err != nil {
		return nil, err
	}
	secrets, warnings := permit.NewSecrets(values)
	for _, warning := range warnings {
		logger.Warn(warning)
	}
	return secrets, nil
}

func (p Permissions) config(dir string, paths []string) (*permit.Config, error) {
	config, err := p.find(dir, paths)
	if err == nil {
		err = config.Use(p.Set)
	}
	return config, err
}

func (p Permissions) find(dir string, paths []string) (*permit.Config, error) {
	if p.File != "" {
		return permit.ReadConfig(p.File)
	}
	return permit.FindConfig(dir, paths)
}

func (p Permissions) lookup(name string) (string, bool) {
	for _, pair := range p.Environ {
		if found, value, _ := strings.Cut(pair, "="); found == name {
			return value, true
		}
	}
	return "", false
}

// asker asks a person and writes down what is to hold for good.
type asker struct {
	ask    func(context.Context, PermissionQuestion) PermissionAnswer
	file   string
	set    string
	logger *slog.Logger
}

func (a *asker) Ask(ctx context.Context, question permit.Question) permit.Answer {
	answer := a.ask(ctx, question)
	if answer == permit.Always {
		if err := permit.Remember(a.file, a.set, question.Kind, question.Entry); err != nil {
			a.logger.Error("the permission holds until the end of this process only", "error", err)
		}
	}
	return answer
}

// redacted is an error to report without secrets.
func redacted(door *permit.Door, err error) error {
	var failed *worker.TaskError
	if door == nil || !errors.As(err, &failed) {
		return err
	}
	clean := *failed
	clean.Message, clean.Stack = door.Redact(failed.Message), door.Redact(failed.Stack)
	return &clean
}
