package hatchet

import "github.com/hatchet-js/hatchet-js-worker/bindings/native"

// Reference describes everything that this package gives to scripts, for
// declarations and documents.
func Reference() []native.Section {
	sections := []native.Section{
		describeOptions("WorkflowOptions", dagOptions),
		describeOptions("TaskOptions", taskOptions),
		describeOptions("StandaloneOptions", workflowOptions),
		describeOptions("TaskDefaults", taskDefaultOptions()),
		describeOptions("Concurrency", concurrencyOptions),
		describeOptions("RateLimit", rateLimitOptions),
		describeOptions("Batch", batchOptions),
		describeOptions("Backoff", backoffOptions),
		describeOptions("WorkerLabel", labelOptions),
		describeOptions("Condition", conditionOptions),
		describeOptions("Filter", filterOptions),
		describeOptions("Idempotency", idempotencyOptions),
		describeOptions("DurationParts", durationOptions),
		describeOptions("RunOptions", runOptions),
		describeOptions("ManyRunOptions", manyOptions),
		describeOptions("Child", childOptions),
		describeOptions("EventOptions", eventOptions),
		describeOptions("BulkEvent", bulkEventOptions),
		describeOptions("WaitForEventOptions", eventWaitOptions),
		describeOptions("EvictionPolicy", evictionOptions),
		describeOptions("WorkerOptions", workerOptions),
		describeOptions("Middleware", middlewareOptions),
		native.DescribeMembers("WorkflowFunction", workflowMembers),
		native.DescribeMembers("Workflow", builderMembers()),
		native.DescribeMembers("Context", contextMembers[:len(contextMembers)-len(durableMembers)]),
		native.DescribeMembers("DurableContext", durableMembers),
		native.DescribeMembers("Logger", loggerMembers),
		native.DescribeMembers("WorkerInfo", workerMembers),
		native.DescribeMembers("Client", append(clientMembers, clientProperties()...)),
		native.DescribeMembers("RunRef", refMembers),
	}
	for _, f := range features {
		sections = append(sections, native.DescribeMembers(f.section, f.members))
	}
	return append(sections, featureOptions()...)
}

// featureOptions are the bags of options that the feature clients take.
func featureOptions() []native.Section {
	var sections []native.Section
	for _, bag := range []struct {
		name    string
		options []option[*asked]
	}{
		{"ListRunsOptions", listRunsOptions}, {"RunFilters", runFilters},
		{"ScheduleOptions", scheduleOptions}, {"ListSchedulesOptions", listSchedulesOptions}, {"ScheduleFilter", scheduleFilter},
		{"CronOptions", cronOptions}, {"ListCronsOptions", listCronsOptions}, {"PlanOptions", planned[1:]},
		{"ListWorkflowsOptions", listWorkflowsOptions}, {"PauseOptions", pauseOptions}, {"ListWorkersOptions", listWorkersOptions},
		{"RateLimitUpsert", rateLimitUpsert}, {"ListRateLimitsOptions", listRateLimitsOptions},
		{"CreateFilterOptions", createFilterOptions}, {"UpdateFilterOptions", updateFilterOptions}, {"ListFiltersOptions", listFiltersOptions},
		{"CreateWebhookOptions", createWebhookOptions}, {"UpdateWebhookOptions", updateWebhookOptions}, {"ListWebhooksOptions", listWebhooksOptions},
		{"ListEventsOptions", listEventsOptions}, {"ListLogsOptions", listLogsOptions}, {"TaskMetricsOptions", taskMetricsOptions},
		{"CelDebugOptions", celOptions}, {"ApiRequest", apiRequestOptions},
	} {
		sections = append(sections, describeOptions(bag.name, bag.options))
	}
	return sections
}

func describeOptions[T any](name string, options []option[T]) native.Section {
	section := native.Section{Name: name}
	for _, o := range options {
		section.Entries = append(section.Entries, native.Entry{Name: o.name, Type: o.typ, Doc: o.doc, Optional: true})
	}
	return section
}
