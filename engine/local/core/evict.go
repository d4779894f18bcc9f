package core

import (
	"fmt"
	"slices"
)

// durableEvict takes a waiting task off its worker (hatchet-protocol.md section
// 8.4). The request's invocation count is not looked at, and it is acknowledged
// also when there is nothing to evict.
func (c *Core) durableEvict(cmd *DurableEvict) {
	t := c.tasks[cmd.TaskID]
	if t == nil || t.durable == nil {
		c.refuse(cmd.SessionID, cmd.TaskID, cmd.Invocation, "task run not found, or not durable: "+cmd.TaskID)
		return
	}
	ack := DurableEvictionAck{TaskID: cmd.TaskID, Invocation: cmd.Invocation}
	if t.phase != phaseRunning {
		c.send(cmd.SessionID, ack)
		return
	}
	if !c.now.Before(t.deadline) {
		c.send(cmd.SessionID, ack)
		return
	}
	c.note(t, noteEvicted, orText(cmd.Reason, "Task paused and evicted from worker"))
	c.leaveWorker(t)
	c.disarm(&t.timer)
	c.disarm(&t.durable.stall)
	t.phase = phaseEvicted
	c.send(cmd.SessionID, ack)
	c.emit(Evicted{
		RunID: t.run.id, Workflow: t.run.version.workflow.name, TaskID: t.id, TaskName: t.step.def.Name, At: c.now, Reason: cmd.Reason,
	})
	if !t.durable.heard {
		// A completion crossed the eviction: the worker let go of what it was
		// waiting for just as it came.
		c.restore(t)
	}
}

// restore brings an evicted task back to a worker, in the same attempt.
func (c *Core) restore(t *task) {
	c.note(t, noteRestoring, "Restoring evicted task")
	t.restored = true
	t.queuePriority = maxPriority
	c.arm(&t.timer, c.now.Add(t.step.scheduleTimeout), t)
	c.toQueue(t) // it kept its places in concurrency groups
}

func (c *Core) restoreTask(cmd *RestoreTask) (*RestoreTaskReply, *Error) {
	t, err := c.taskByID(cmd.TaskID)
	if err != nil {
		return nil, err
	}
	if t.phase != phaseEvicted {
		return &RestoreTaskReply{}, nil
	}
	c.restore(t)
	return &RestoreTaskReply{Requeued: true}, nil
}

// newlyHeard are the logs of invocations that wait on, after something else that
// they waited for was completed: the worker must know of that, for it does not
// list it any more.
func (c *Core) newlyHeard(cmd *DurableWorkerStatus) []*durableLog {
	knows := map[*durableLog]bool{}
	for _, ref := range cmd.Waiting {
		t := c.tasks[ref.TaskID]
		if t == nil || t.durable == nil || t.durable.heard || ref.Invocation != t.durable.invocation {
			continue
		}
		e := t.durable.entries[entryKey{ref.BranchID, ref.NodeID}]
		still, listed := knows[t.durable]
		knows[t.durable] = (still || !listed) && e != nil && !e.satisfied
	}
	var logs []*durableLog
	for l, known := range knows {
		if known {
			logs = append(logs, l)
		}
	}
	return logs
}

// durableWorkerStatus tells a worker what it should know: which of its
// invocations are stale, and which entries it waits for are satisfied.
func (c *Core) durableWorkerStatus(cmd *DurableWorkerStatus) {
	for _, l := range c.newlyHeard(cmd) {
		l.heard = true
	}
	told := map[string]bool{}
	var done []*entry
	for _, ref := range cmd.Waiting {
		t := c.tasks[ref.TaskID]
		if t == nil || t.durable == nil {
			continue
		}
		if l := t.durable; ref.Invocation < l.invocation {
			if !told[t.id] {
				told[t.id] = true
				c.send(cmd.SessionID, DurableServerEvict{TaskID: t.id, Invocation: ref.Invocation,
					Reason: fmt.Sprintf("stale invocation: server has %d, worker sent %d", l.invocation, ref.Invocation)})
			}
			continue
		}
		e := t.durable.entries[entryKey{ref.BranchID, ref.NodeID}]
		if e != nil && e.satisfied && e.order <= t.durable.released {
			done = append(done, e)
		}
	}
	slices.SortStableFunc(done, func(a, b *entry) int { return int(a.order - b.order) })
	for _, e := range done {
		c.send(cmd.SessionID, completion(e))
	}
}
