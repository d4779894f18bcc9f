package hatchet

import (
	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
)

// feature is one of the clients that hang on the object hatchet, under the
// names of Hatchet's TypeScript SDK.
type feature struct {
	names   []string // the first one is the one to use
	section string   // of the reference
	doc     string
	members []native.Member[*Realm]
	table   func() *native.Table[*Realm]
}

// features are all of them.
var features = []feature{
	newFeature("Events", "Pushes events, which start workflows and wake waiting tasks.", eventMembers, "events", "event"),
	newFeature("Runs", "Looks at runs, cancels and replays them, and follows what they stream.", runsMembers, "runs"),
	newFeature("Schedules", "Plans single runs for a time to come.", scheduleMembers, "schedules", "schedule", "scheduled"),
	newFeature("Crons", "Crons beside those that workflows declare.", cronMembers, "crons", "cron"),
	newFeature("Workflows", "The workflows that the engine knows.", workflowsMembers, "workflows", "tasks"),
	newFeature("Workers", "The workers that the engine knows.", workersMembers, "workers"),
	newFeature("RateLimits", "Rate limits that tasks share.", rateLimitMembers, "ratelimits"),
	newFeature("Filters", "Filters that decide which events start a workflow.", filterMembers, "filters"),
	newFeature("Webhooks", "Webhooks, whose calls become events.", webhookMembers, "webhooks"),
	newFeature("Logs", "Logs of tasks.", logsMembers, "logs"),
	newFeature("Metrics", "Counts of tasks.", metricsMembers, "metrics"),
	newFeature("Cel", "Tries out CEL expressions.", celMembers, "cel"),
	newFeature("Tenant", "The tenant that the worker belongs to.", tenantMembers, "tenant"),
	newFeature("Api", "Any request of Hatchet's REST API, in the worker's name.", apiMembers, "api"),
}

func newFeature(section, doc string, members []native.Member[*Realm], names ...string) feature {
	members = promising(members)
	return feature{
		names: names, section: section, doc: doc, members: members,
		table: shared(func() []native.Member[*Realm] { return members }),
	}
}

// clientProperties are the feature clients as members of hatchet. Names of one
// client give one object.
func clientProperties() []native.Member[*Realm] {
	var members []native.Member[*Realm]
	for _, f := range features {
		for i, name := range f.names {
			m := native.Member[*Realm]{Name: name, Type: ": " + f.section, Doc: f.doc}
			if i > 0 {
				m.Doc = "The same as " + f.names[0] + "."
			}
			m.Value = func(r *Realm) goja.Value { return r.feature(f) }
			members = append(members, m)
		}
	}
	return members
}

// feature is the object of a feature client, made when it is first asked for.
func (r *Realm) feature(f feature) goja.Value {
	if known := r.features[f.section]; known != nil {
		return known
	}
	object := r.rt.NewObject()
	if err := f.table().Define(r.rt, object, r); err != nil {
		panic(r.rt.NewGoError(err))
	}
	if r.features == nil {
		r.features = map[string]*goja.Object{}
	}
	r.features[f.section] = object
	return object
}
