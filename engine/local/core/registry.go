package core

// putWorkflow registers a definition (hatchet-protocol.md section 5.1).
func (c *Core) putWorkflow(cmd *PutWorkflow) (*PutWorkflowReply, *Error) {
	def := cmd.Definition
	v := validator{def: &def, evaluator: c.config.Evaluator}
	if err := v.workflow(); err != nil {
		return nil, err
	}
	w := c.workflows[def.Name]
	sum := checksum(def)
	if w != nil && w.newest.checksum == sum {
		return &PutWorkflowReply{WorkflowID: w.id, VersionID: w.newest.id}, nil
	}
	if w == nil {
		w = c.newWorkflow(def.Name)
	}
	w.versions++
	w.updatedAt = c.now
	c.setNewest(w, newVersion(w, w.versions, def, sum))
	return &PutWorkflowReply{WorkflowID: w.id, VersionID: w.newest.id, Created: true}, nil
}

// setNewest makes v the version of new runs, with its triggers. Crons that were
// made by commands stay.
func (c *Core) setNewest(w *workflow, v *version) {
	w.newest = v
	c.dropCrons(w, func(t *cronTrigger) bool { return t.made == nil })
	for _, expression := range v.def.CronTriggers {
		id := derive(v.id, "cron/"+expression)
		if c.crons[id] != nil {
			continue // unique per expression, section 6.9
		}
		schedule, err := parseCron(expression)
		if err != nil {
			continue // was validated
		}
		t := &cronTrigger{id: id, workflow: w, expression: expression, schedule: schedule, createdAt: c.now}
		c.addCron(t)
		c.armCron(t)
	}
	c.declareFilters(w, v)
	c.triggers.replace(w)
}
