// Package cel evaluates the expressions of workflows: concurrency and rate
// limit keys, filters, conditions (hatchet-protocol.md section 5.5).
package cel

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	cellang "cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/ext"

	"github.com/hatchet-js/hatchet-js-worker/engine/local/core"
)

// costLimit bounds the work of one evaluation, in cel-go's units. Ordinary
// expressions cost less than a hundred.
const costLimit = 10_000_000

// cacheSize bounds the compiled programs that are kept.
const cacheSize = 10_000

// Evaluator implements core.Evaluator. It belongs to one goroutine, that of the
// core which uses it. The zero value is not ready; use [New].
type Evaluator struct {
	envs     map[core.Environment]*cellang.Env
	programs map[programKey]program
}

type programKey struct {
	env        core.Environment
	expression string
}

type program struct {
	run cellang.Program
	err error
}

// New makes an evaluator. Environments are set up when they are first used.
func New() *Evaluator {
	return &Evaluator{envs: map[core.Environment]*cellang.Env{}, programs: map[programKey]program{}}
}

// envCheck is [core.EnvStep] as it is at registration: it knows parents, which
// no evaluation does.
const envCheck core.Environment = "step at registration"

// Check reports whether the expression compiles in env.
func (e *Evaluator) Check(env core.Environment, expression string) error {
	if env == core.EnvStep {
		env = envCheck
	}
	return e.program(env, expression).err
}

// Eval gives the value of the expression: bool, string, int64 or float64. Other
// types are errors.
func (e *Evaluator) Eval(env core.Environment, expression string, variables map[string]json.RawMessage) (any, error) {
	p := e.program(env, expression)
	if p.err != nil {
		return nil, p.err
	}
	vars := make(map[string]any, len(variables))
	for name, text := range variables {
		var value any
		if err := json.Unmarshal(text, &value); err != nil {
			return nil, fmt.Errorf("read variable %s: %w", name, err)
		}
		vars[name] = value
	}
	out, _, err := p.run.Eval(vars)
	if err != nil {
		return nil, err
	}
	switch value := out.Value().(type) {
	case bool, string, int64, float64:
		return value, nil
	case uint64:
		return float64(value), nil
	}
	return nil, fmt.Errorf("the value is a %s, not a bool, string or number", out.Type().TypeName())
}

func (e *Evaluator) program(env core.Environment, expression string) program {
	key := programKey{env, expression}
	if p, ok := e.programs[key]; ok {
		return p
	}
	if len(e.programs) >= cacheSize {
		clear(e.programs)
	}
	p := e.compile(env, expression)
	e.programs[key] = p
	return p
}

func (e *Evaluator) compile(name core.Environment, expression string) program {
	env, err := e.env(name)
	if err != nil {
		return program{err: err}
	}
	ast, issues := env.Compile(expression)
	if issues != nil && issues.Err() != nil {
		return program{err: issues.Err()}
	}
	run, err := env.Program(ast, cellang.CostLimit(costLimit))
	return program{run: run, err: err}
}

func (e *Evaluator) env(name core.Environment) (*cellang.Env, error) {
	if env := e.envs[name]; env != nil {
		return env, nil
	}
	env, err := newEnv(name)
	if err != nil {
		return nil, fmt.Errorf("set up CEL for %s expressions: %w", name, err)
	}
	e.envs[name] = env
	return env, nil
}

// newEnv is the table of section 5.5.
func newEnv(name core.Environment) (*cellang.Env, error) {
	object := cellang.MapType(cellang.StringType, cellang.DynType)
	input := cellang.Variable("input", object)
	metadata := cellang.Variable("additional_metadata", object)
	task := cellang.Variable("workflow_run_id", cellang.StringType)
	switch name {
	case core.EnvStep:
		return cellang.NewEnv(input, metadata, task, ext.Strings(), checksum(sha256Hex))
	case envCheck:
		parents := cellang.Variable("parents", cellang.MapType(cellang.StringType, object))
		return cellang.NewEnv(input, metadata, task, parents, ext.Strings(), checksum(sha256Hex))
	case core.EnvIdempotency:
		return cellang.NewEnv(input, metadata, ext.Strings(), checksum(sha256Hex))
	case core.EnvFilter:
		return cellang.NewEnv(input, metadata, ext.Strings(), checksum(noChecksum),
			cellang.Variable("payload", object),
			cellang.Variable("event_id", cellang.StringType), cellang.Variable("event_key", cellang.StringType))
	case core.EnvWebhook:
		return cellang.NewEnv(input, checksum(noChecksum),
			cellang.Variable("headers", cellang.MapType(cellang.StringType, cellang.StringType)))
	case core.EnvParent, core.EnvUserEvent:
		return cellang.NewEnv(input, cellang.Variable("output", object))
	}
	return nil, errors.New("there is no such environment")
}

// checksum is the function "text".checksum().
func checksum(f func(string) ref.Val) cellang.EnvOption {
	return cellang.Function("checksum", cellang.MemberOverload("checksum_string",
		[]*cellang.Type{cellang.StringType}, cellang.StringType,
		cellang.UnaryBinding(func(arg ref.Val) ref.Val {
			text, ok := arg.(types.String)
			if !ok {
				return types.MaybeNoSuchOverloadErr(arg)
			}
			return f(string(text))
		})))
}

func sha256Hex(text string) ref.Val {
	sum := sha256.Sum256([]byte(text))
	return types.String(hex.EncodeToString(sum[:]))
}

// noChecksum stands for the declaration without implementation that the real
// engine has in filters.
func noChecksum(string) ref.Val {
	return types.NewErr("checksum is not available in event filters and webhooks")
}
