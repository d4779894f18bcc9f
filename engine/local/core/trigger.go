package core

import (
	"slices"
	"strconv"
	"strings"
)

// trigger starts runs (hatchet-protocol.md section 6.1). Everything is checked
// before anything happens.
func (c *Core) trigger(cmd *Trigger) (*TriggerReply, *Error) {
	if err := checkSeed(cmd.Seed); err != nil {
		return nil, err
	}
	if err := c.checkItems(cmd.Items); err != nil {
		return nil, err
	}
	reply := &TriggerReply{}
	var collisions []Collision
	for i := range cmd.Items {
		item := &cmd.Items[i]
		id := derive(cmd.Seed, "run/"+strconv.Itoa(i))
		run, holder := c.triggerItem(item, c.tasks[item.ParentTaskID], id)
		if holder != "" {
			collisions = append(collisions, Collision{Existing: holder, Colliding: id})
			continue
		}
		reply.RunIDs = append(reply.RunIDs, run)
	}
	if len(collisions) > 0 {
		return nil, &Error{Code: AlreadyExists, Message: "idempotency key collision", Collisions: collisions, Started: reply.RunIDs}
	}
	return reply, nil
}

func (c *Core) checkItems(items []TriggerItem) *Error {
	var unknown []string
	for i := range items {
		item := &items[i]
		if c.workflows[item.Workflow] == nil {
			if !slices.Contains(unknown, item.Workflow) {
				unknown = append(unknown, item.Workflow)
			}
			continue
		}
		if err := c.checkItem(item); err != nil {
			return err
		}
	}
	if len(unknown) > 0 {
		return errorf(InvalidArgument, "workflow names not found: %s", strings.Join(unknown, ", "))
	}
	return nil
}

func (c *Core) checkItem(item *TriggerItem) *Error {
	switch {
	case item.Priority < 0 || item.Priority > 3:
		return invalid("priority %d must be 1, 2 or 3", item.Priority)
	case item.DesiredWorkerID != "" && !isUUID(item.DesiredWorkerID):
		return invalid("desired_worker_id %q is not a UUID", item.DesiredWorkerID)
	}
	if item.ParentTaskID != "" {
		if _, err := c.taskByID(item.ParentTaskID); err != nil {
			return errorf(err.Code, "parent task of a run of workflow %s: %s", item.Workflow, err.Message)
		}
	}
	return firstError(
		func() *Error { return checkJSON("input", item.Input) },
		func() *Error { return checkObject("additional_metadata", item.Metadata) },
		func() *Error { return checkLabels(item.DesiredWorkerLabels, "a run of workflow "+item.Workflow) },
		func() *Error {
			_, err := c.claimKey(c.workflows[item.Workflow].newest, item.Input, item.Metadata)
			return err
		},
	)
}

// triggerItem starts one run, or finds the child that the parent started under
// the same key before (hatchet-protocol.md section 6.3). holder is the run that
// has its idempotency key; then nothing was started.
func (c *Core) triggerItem(item *TriggerItem, parent *task, id string) (run, holder string) {
	key := ""
	if parent != nil && item.ChildIndex != nil {
		key = childKeyOf(item)
		if existing, ok := parent.children[key]; ok {
			return existing, ""
		}
	}
	if c.runs[id] != nil {
		return id, ""
	}
	r := c.runOf(item, parent, id)
	if holder := c.claimFor(r, item.Input, item.Metadata); holder != "" {
		return "", holder
	}
	if key != "" {
		if parent.children == nil {
			parent.children = map[string]string{}
		}
		parent.children[key] = id
	}
	c.startRun(r)
	return id, ""
}

// claimFor claims the idempotency key of a run, or gives the run that has it.
func (c *Core) claimFor(r *run, input, metadata string) (holder string) {
	key, err := c.claimKey(r.version, input, metadata)
	if err != nil || key == "" {
		return ""
	}
	if holder := c.take(key, r.version.def.Idempotency, r.id); holder != "" {
		return holder
	}
	r.claim = key
	return ""
}

// runOf is the run that an item asks for.
func (c *Core) runOf(item *TriggerItem, parent *task, id string) *run {
	v := c.workflows[item.Workflow].newest
	r := &run{
		id: id, version: v, input: rawOrNil(item.Input), priority: item.Priority,
		childIndex: item.ChildIndex, childKey: item.ChildKey, desiredWorker: item.DesiredWorkerID,
		desiredLabels: item.DesiredWorkerLabels,
	}
	if r.priority == 0 {
		r.priority = v.priority
	}
	if parent == nil {
		r.metadata = plainMetadata(id, item.Metadata)
		return r
	}
	r.parentTask, r.parentRun = parent.id, parent.id
	r.metadata = childMetadata(id, item.Metadata, parent)
	return r
}

// childKeyOf is the key of a child within its parent: its own key, else its
// index. The parts that section 6.3 puts before it are the same for all
// children of a task.
func childKeyOf(item *TriggerItem) string {
	if item.ChildKey != nil && *item.ChildKey != "" {
		return *item.ChildKey
	}
	return strconv.Itoa(int(*item.ChildIndex))
}
