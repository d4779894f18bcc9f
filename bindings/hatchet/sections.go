package hatchet

import "github.com/hatchet-js/hatchet-js-worker/bindings/native"

// Reference describes everything that this package gives to scripts, for
// declarations and documents.
func Reference() []native.Section {
	return []native.Section{
		describeOptions("WorkflowOptions", dagOptions),
		describeOptions("TaskOptions", taskOptions),
		describeOptions("StandaloneOptions", workflowOptions),
		describeOptions("TaskDefaults", taskDefaultOptions()),
		describeOptions("Concurrency", concurrencyOptions),
		describeOptions("RateLimit", rateLimitOptions),
		describeOptions("Backoff", backoffOptions),
		describeOptions("WorkerLabel", labelOptions),
		describeOptions("Condition", conditionOptions),
		describeOptions("Filter", filterOptions),
		describeOptions("Idempotency", idempotencyOptions),
		describeOptions("DurationParts", durationOptions),
		describeOptions("RunOptions", runOptions),
		describeOptions("Child", childOptions),
		describeOptions("EventOptions", eventOptions),
		describeOptions("BulkEvent", bulkEventOptions),
		describeOptions("WaitForEventOptions", eventWaitOptions),
		describeOptions("WorkerOptions", workerOptions),
		native.DescribeMembers("WorkflowFunction", workflowMembers),
		native.DescribeMembers("Workflow", builderMembers()),
		native.DescribeMembers("Context", contextMembers[:len(contextMembers)-len(durableMembers)]),
		native.DescribeMembers("DurableContext", durableMembers),
		native.DescribeMembers("Logger", loggerMembers),
		native.DescribeMembers("WorkerInfo", workerMembers),
		native.DescribeMembers("Client", clientMembers),
		native.DescribeMembers("Events", eventMembers),
		native.DescribeMembers("RunRef", refMembers),
	}
}

func describeOptions[T any](name string, options []option[T]) native.Section {
	section := native.Section{Name: name}
	for _, o := range options {
		section.Entries = append(section.Entries, native.Entry{Name: o.name, Type: o.typ, Doc: o.doc, Optional: true})
	}
	return section
}
