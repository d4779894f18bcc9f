package core

import (
	"fmt"
	"time"
)

// manage applies one random command of those that manage what starts runs.
func (m *model) manage() {
	flows := m.core.Workflows()
	flow := flows[m.rand.IntN(len(flows))]
	at := m.now.Add(time.Duration(m.rand.IntN(20)-5) * time.Second)
	scheduled := m.core.Scheduled(ScheduledQuery{})
	switch m.rand.IntN(12) {
	case 0, 1:
		m.do(ScheduleRuns{Seed: m.seed(), Workflow: flow.Name, Times: []time.Time{at, at.Add(time.Second)}, Input: `{}`, Priority: m.rand.Int32N(4)})
	case 2:
		if len(scheduled) > 0 {
			m.do(RescheduleRuns{Updates: []Reschedule{{ID: scheduled[0].ID, At: at}, {ID: m.seed(), At: at}}})
		}
	case 3:
		if len(scheduled) > 0 {
			m.do(UnscheduleRuns{IDs: []string{scheduled[len(scheduled)-1].ID}})
		}
	case 4:
		m.do(CreateCron{Seed: m.seed(), Workflow: flow.Name, Name: fmt.Sprint("c", m.rand.IntN(3)), Expression: "@every 30s", Metadata: `{"a":"b"}`})
	case 5:
		crons := m.core.Crons()
		if cron := crons[m.rand.IntN(len(crons))]; cron.Made && m.rand.IntN(2) == 0 {
			m.do(DeleteCron{ID: cron.ID})
		} else {
			m.do(UpdateCron{ID: cron.ID, Enabled: on(m.rand.IntN(2) == 0)})
		}
	case 6:
		m.do(CreateFilter{Seed: m.seed(), WorkflowID: flow.WorkflowID, Scope: "a", Expression: "true"})
	case 7:
		if filters := m.core.Filters(nil, nil); len(filters) > 0 {
			m.do(DeleteFilter{ID: filters[0].ID})
		}
	case 8:
		behaviour := []string{behaviourDrop, behaviourQueue}
		m.do(PauseWorkflow{WorkflowID: flow.WorkflowID, Pause: &Pause{
			Crons: behaviour[m.rand.IntN(2)], Scheduled: behaviour[m.rand.IntN(2)], TTL: []string{"", "20s"}[m.rand.IntN(2)],
		}})
	case 9, 10:
		m.do(PauseWorkflow{WorkflowID: flow.WorkflowID})
	default:
		m.rare(flow)
	}
}

func (m *model) rare(flow WorkflowView) {
	switch m.rand.IntN(3) {
	case 0:
		m.do(DeleteWorkflow{WorkflowID: flow.WorkflowID})
		m.do(PutWorkflow{Definition: flow.Definition})
	case 1:
		m.do(DeleteRateLimit{Key: "b"})
		m.do(PutRateLimit{Key: "b", Limit: 3, Window: "SECOND"})
	default:
		if len(m.running) > 0 {
			m.do(RegisterSignal{TaskID: m.running[0].TaskID, Key: fmt.Sprint(m.rand.IntN(2)), Conditions: []Condition{
				{Kind: ConditionSleep, Key: "s", SleepFor: "2s"}, {Kind: ConditionUserEvent, Key: "e", EventKey: "go"},
			}})
		}
	}
}

// letGo ends all pauses.
func (m *model) letGo() {
	for _, flow := range m.core.Workflows() {
		if flow.Pause != nil {
			m.do(PauseWorkflow{WorkflowID: flow.WorkflowID})
		}
	}
}
