package core

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// checkStepExpression compiles an expression for EnvStep. String and number
// literals need no evaluator.
func checkStepExpression(e Evaluator, expression, where string) *Error {
	if _, ok := literal(expression); ok {
		return nil
	}
	if e == nil {
		return errorf(Unimplemented, "the expression %q of %s cannot be evaluated: this engine has no CEL", expression, where)
	}
	if err := e.Check(EnvStep, expression); err != nil {
		return invalid("the expression %q of %s is not valid CEL: %v", expression, where, err)
	}
	return nil
}

// literal gives the value of an expression that is a simple string or number.
func literal(expression string) (any, bool) {
	s := strings.TrimSpace(expression)
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return n, true
	}
	if len(s) >= 2 && (s[0] == '\'' || s[0] == '"') && s[len(s)-1] == s[0] && !strings.ContainsAny(s[1:len(s)-1], `\'"`) {
		return s[1 : len(s)-1], true
	}
	return nil, false
}

// eval evaluates a step expression over a task (hatchet-protocol.md section
// 5.5). failure is the text with which the task fails.
func (c *Core) eval(t *task, expression string) (value any, failure string) {
	if value, ok := literal(expression); ok {
		return value, ""
	}
	if c.config.Evaluator == nil {
		return nil, stepExpressionFailure(expression, "this engine has no CEL")
	}
	value, err := c.config.Evaluator.Eval(EnvStep, expression, map[string]json.RawMessage{
		"input":               objectOr(t.run.input, `{}`),
		"additional_metadata": objectOr(t.run.metadata, `{}`),
		"workflow_run_id":     appendQuoted(nil, t.id),
	})
	if err != nil {
		return nil, stepExpressionFailure(expression, err.Error())
	}
	return value, ""
}

func stepExpressionFailure(expression, reason string) string {
	return fmt.Sprintf("failed to parse step expression (%s): %s", expression, reason)
}

func (c *Core) evalString(t *task, expression string) (text, failure string) {
	value, failure := c.eval(t, expression)
	if failure != "" {
		return "", failure
	}
	text, ok := value.(string)
	if !ok {
		return "", stepExpressionFailure(expression, fmt.Sprintf("the value is a %T, not a string", value))
	}
	return text, ""
}

// evalInt gives an int, or a double truncated.
func (c *Core) evalInt(t *task, expression string) (n int64, failure string) {
	value, failure := c.eval(t, expression)
	if failure != "" {
		return 0, failure
	}
	switch value := value.(type) {
	case int64:
		return value, ""
	case float64:
		if !math.IsNaN(value) && math.Abs(value) < 1<<53 {
			return int64(value), ""
		}
	}
	return 0, stepExpressionFailure(expression, fmt.Sprintf("the value %v is not a number", value))
}
