package workflow

import (
	"fmt"
	"regexp"
	"strings"
)

// OnFailureTask is the readable id of every workflow's on-failure task, the one
// Hatchet's TypeScript SDK uses (hatchet-protocol.md section 5.2).
const OnFailureTask = "on-failure-task"

// namePattern is what Hatchet admits as workflow and task names
// (hatchet-protocol.md section 5.2).
var namePattern = regexp.MustCompile(`^[a-zA-Z0-9.\-_]+$`)

// ActionID is the action of a task: "<workflow>:<task>" in lower case, for the
// engine keeps its actions in lower case and refuses others
// (hatchet-protocol.md section 5.2). The workflow name is given with its
// namespace if it is to have one.
func ActionID(workflow, task string) string {
	return strings.ToLower(workflow + ":" + task)
}

// Namespace separates the users of one tenant: a lower-case prefix that ends in
// "_", or nothing (hatchet-protocol.md section 1.5).
type Namespace string

// ParseNamespace returns the namespace that s names: lower case, with "_" at
// its end. An empty s is no namespace. What Hatchet would refuse in a workflow
// name is an error.
func ParseNamespace(s string) (Namespace, error) {
	if s == "" {
		return "", nil
	}
	if !namePattern.MatchString(s) {
		return "", fmt.Errorf("namespace %s: only letters, digits, '.', '-' and '_' are allowed", quoteShort(s))
	}
	s = strings.ToLower(s)
	if !strings.HasSuffix(s, "_") {
		s += "_"
	}
	return Namespace(s), nil
}

// Apply returns name with the namespace before it, unless it is there already.
// Event keys keep their case; workflow names go through [Namespace.Workflow].
func (n Namespace) Apply(name string) string {
	if strings.HasPrefix(name, string(n)) {
		return name
	}
	return string(n) + name
}

// Workflow returns the name under which a workflow is registered and triggered:
// with the namespace, all in lower case (hatchet-protocol.md section 1.5).
func (n Namespace) Workflow(name string) string {
	return n.Apply(strings.ToLower(name))
}

// Strip returns name without the namespace.
func (n Namespace) Strip(name string) string {
	return strings.TrimPrefix(name, string(n))
}

// strategyNames are all spellings that ParseStrategy takes, in upper case with
// underscores. QUEUE and DROP_NEWEST are the short forms of the builder.
var strategyNames = map[string]Strategy{
	"CANCEL_IN_PROGRESS":          CancelInProgress,
	"GROUP_ROUND_ROBIN":           GroupRoundRobin,
	"QUEUE":                       GroupRoundRobin,
	"CANCEL_NEWEST":               CancelNewest,
	"DROP_NEWEST":                 CancelNewest,
	"CANCEL_QUEUED_EXCEPT_NEWEST": CancelQueuedExceptNewest,
	"CANCEL_QUEUED_EXCEPT_OLDEST": CancelQueuedExceptOldest,
}

// ParseStrategy reads the name of a concurrency strategy, in any case and with
// '-' or '_' between its words: 'cancel-in-progress', 'queue' (also
// 'group-round-robin'), 'drop-newest' (also 'cancel-newest'),
// 'cancel-queued-except-newest', 'cancel-queued-except-oldest'.
func ParseStrategy(s string) (Strategy, error) {
	key := strings.ReplaceAll(strings.ToUpper(strings.TrimSpace(s)), "-", "_")
	if strategy, ok := strategyNames[key]; ok {
		return strategy, nil
	}
	return "", fmt.Errorf("concurrency strategy %s is unknown; use 'cancel-in-progress', 'queue', 'drop-newest', "+
		"'cancel-queued-except-newest' or 'cancel-queued-except-oldest'", quoteShort(s))
}
