package worker

// Keys of log records.
const (
	keyAction   = "action"
	keyActions  = "actions"
	keyError    = "error"
	keyKind     = "kind"
	keyReason   = "reason"
	keyRetry    = "retry"
	keyState    = "state"
	keyTask     = "task"
	keyVersion  = "version"
	keyWorker   = "worker"
	keyWorkflow = "workflow"
)
