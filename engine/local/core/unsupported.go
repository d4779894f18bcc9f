package core

// unsupported refuses the features that this engine does not have, by the name
// of the feature and of the task.
func (v *validator) unsupported() *Error {
	d := v.def
	switch {
	case d.Sticky != "":
		return missing("sticky assignment", "workflow "+d.Name)
	case d.Idempotency != nil:
		return missing("idempotency", "workflow "+d.Name)
	}
	return d.everyTask(func(t *TaskDefinition) *Error {
		where := "task " + t.Name + " of workflow " + d.Name
		switch {
		case len(t.RateLimits) > 0:
			return missing("rate limits", where)
		case len(t.WorkerLabels) > 0:
			return missing("worker label affinity", where)
		case t.Batch != nil:
			return missing("batching", where)
		}
		return nil
	})
}

func missing(feature, where string) *Error {
	return errorf(Unimplemented, "%s asks for %s, which the embedded engine does not support yet; use a Hatchet server for it", where, feature)
}
