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
		w = &workflow{id: deriveNamed("workflow/" + def.Name), name: def.Name, order: len(c.workflowList), createdAt: c.now}
		c.workflows[w.name] = w
		c.workflowList = append(c.workflowList, w)
	} else if len(def.DefaultFilters) == 0 {
		// Filters are replaced only by a definition that has some.
		def.DefaultFilters = w.newest.def.DefaultFilters
	}
	w.versions++
	w.updatedAt = c.now
	c.setNewest(w, newVersion(w, w.versions, def, sum))
	return &PutWorkflowReply{WorkflowID: w.id, VersionID: w.newest.id, Created: true}, nil
}

// setNewest makes v the version of new runs, with its triggers.
func (c *Core) setNewest(w *workflow, v *version) {
	w.newest = v
	for _, t := range w.crons {
		c.disarm(&t.timer)
	}
	w.crons = w.crons[:0]
	seen := map[string]bool{}
	for _, expression := range v.def.CronTriggers {
		if seen[expression] {
			continue // unique per expression, section 6.9
		}
		seen[expression] = true
		schedule, err := parseCron(expression)
		if err != nil {
			continue // was validated
		}
		t := &cronTrigger{workflow: w, expression: expression, schedule: schedule}
		w.crons = append(w.crons, t)
		c.armCron(t)
	}
	c.triggers.replace(w)
}
