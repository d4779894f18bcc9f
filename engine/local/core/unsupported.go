package core

// unsupported refuses the features that this engine does not have, by the name
// of the feature and of the task.
func (v *validator) unsupported() *Error {
	d := v.def
	return d.everyTask(func(t *TaskDefinition) *Error {
		if t.Batch != nil {
			return missing("batching", "task "+t.Name+" of workflow "+d.Name)
		}
		return nil
	})
}

func missing(feature, where string) *Error {
	return errorf(Unimplemented, "%s asks for %s, which the embedded engine does not support yet; use a Hatchet server for it", where, feature)
}
