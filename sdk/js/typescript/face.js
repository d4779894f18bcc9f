// Made of face/*.ts by go generate in sdk/js; do not edit.
(($native) => {
let $members;

// core:@hatchet-dev/typescript-sdk/.face/refused
var refused_default = { AdminClient: { getWorkflow: "use hatchet.workflows", getWorkflowMetrics: "use hatchet.metrics", getWorkflowRun: "use hatchet.runs", getWorkflowVersion: "use hatchet.workflows", get_workflow: "use hatchet.workflows", get_workflow_metrics: "use hatchet.metrics", get_workflow_run: "use hatchet.runs", get_workflow_version: "use hatchet.workflows", listWorkflowRuns: "use hatchet.runs", listWorkflows: "use hatchet.workflows", list_workflow_runs: "use hatchet.runs", list_workflows: "use hatchet.workflows", putWorkflow: "declare with hatchet.task and hatchet.workflow", putWorkflowV1: "declare with hatchet.task and hatchet.workflow", put_rate_limit: "use hatchet.ratelimits.upsert", put_workflow: "declare with hatchet.task and hatchet.workflow", registerWebhook: "declare with hatchet.task and hatchet.workflow", run_workflow: "use hatchet.runNoWait", scheduleWorkflow: "use hatchet.schedules.create", schedule_workflow: "use hatchet.schedules.create" }, EventClient: { putLog: "use ctx.log", putStream: "use ctx.putStream" }, HatchetClient: { dispatcher: "the worker itself listens; use the feature clients of hatchet, such as hatchet.runs", durableListener: "the worker itself listens; use the feature clients of hatchet, such as hatchet.runs", v0: "use the feature clients of hatchet, such as hatchet.runs" }, "HatchetClient.api": { instance: "it is of axios, and requests go over the worker's own connection", setSecurityData: "it is of axios, and requests go over the worker's own connection", userCreate: "it needs the session of a browser, and the worker has a token", userGetCurrent: "it needs the session of a browser, and the worker has a token", userListTenantInvites: "it needs the session of a browser, and the worker has a token", userUpdateLogin: "it needs the session of a browser, and the worker has a token", userUpdateLogout: "it needs the session of a browser, and the worker has a token", userUpdatePassword: "it needs the session of a browser, and the worker has a token" }, "HatchetClient.listener": { get: "use hatchet.runRef(id).output", streamByAdditionalMeta: "look runs up with hatchet.runs.list({ additionalMetadata }) and follow each with stream" }, WorkflowDeclaration: { mcpTool: "agents need Node; write a task that calls the vendor's HTTP API with fetch" } };

// core:@hatchet-dev/typescript-sdk/.face/natives
var natives = $native("@hatchet-dev/typescript-sdk");
var probes = ["then", "toJSON", "constructor", "toString", "valueOf", "inspect", "nodeType", "asymmetricMatch", "$$typeof", "length", "message", "stack", "name", "code", "size"];
function guard(prototype, what, find) {
  const instead = refused_default[what] || {};
  for (const member of Object.keys(instead)) {
    Object.defineProperty(prototype, member, {
      configurable: true,
      get() {
        throw new TypeError(`${what}.${member} is not available here; ${instead[member]}`);
      }
    });
  }
  Object.setPrototypeOf(prototype, new Proxy(Object.prototype, {
    get(target, key, receiver) {
      if (typeof key === "symbol" || key in target || key[0] === "_" || probes.includes(key)) {
        return Reflect.get(target, key, receiver);
      }
      const found = find?.(key);
      if (found) return found;
      throw new TypeError(`${what} has no member ${key}; it is misspelled, or newer than the SDK that is known here (see TYPESCRIPT-SDK.md)`);
    }
  }));
}
var never = () => new Promise(() => {
});

// core:@hatchet-dev/typescript-sdk/.face/duration
function durationToString(d) {
  if (typeof d === "string") return d;
  if (typeof d === "number") {
    const total = Math.floor(d / 1e3);
    return durationToString({ hours: Math.floor(total / 3600), minutes: Math.floor(total % 3600 / 60), seconds: total % 60 });
  }
  const parts = [["hours", "h"], ["minutes", "m"], ["seconds", "s"]].filter(([key]) => d[key]).map(([key, unit]) => d[key] + unit);
  return parts.join("") || "0s";
}
function durationToMs(d) {
  if (typeof d === "number") return d;
  if (typeof d === "object") return ((d.hours ?? 0) * 3600 + (d.minutes ?? 0) * 60 + (d.seconds ?? 0)) * 1e3;
  const found = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(d);
  if (!found) throw new Error(`Invalid duration string: "${d}". Write it like "1h30m5s", "10m" or "30s".`);
  const [h, m, s] = found.slice(1).map((n) => parseInt(n ?? "0", 10));
  return (h * 3600 + m * 60 + s) * 1e3;
}
function sleep(duration2, signal) {
  return new Promise((resolve, reject) => {
    const cancelled = () => {
      clearTimeout(timer);
      reject(new Error("Cancelled"));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", cancelled);
      resolve();
    }, durationToMs(duration2));
    if (signal?.aborted) cancelled();
    else signal?.addEventListener("abort", cancelled, { once: true });
  });
}

// core:@hatchet-dev/typescript-sdk/.face/conditions
var Action = /* @__PURE__ */ ((Action2) => {
  Action2[Action2["CREATE"] = 0] = "CREATE";
  Action2[Action2["QUEUE"] = 1] = "QUEUE";
  Action2[Action2["CANCEL"] = 2] = "CANCEL";
  Action2[Action2["SKIP"] = 3] = "SKIP";
  Action2[Action2["UNRECOGNIZED"] = -1] = "UNRECOGNIZED";
  return Action2;
})(Action || {});
var Condition = class {
  constructor(base) {
    this.base = base;
  }
  base;
};
var SleepCondition = class extends Condition {
  constructor(sleepFor, readableDataKey, action) {
    super({ readableDataKey: readableDataKey || `sleep-${durationToString(sleepFor)}`, action, orGroupId: "", expression: "" });
    this.sleepFor = sleepFor;
  }
  sleepFor;
};
var UserEventCondition = class extends Condition {
  constructor(eventKey, expression, readableDataKey, action, scope, considerEventsSince) {
    super({ readableDataKey: readableDataKey || eventKey, action, orGroupId: "", expression: "" });
    this.eventKey = eventKey;
    this.expression = expression;
    this.scope = scope;
    this.considerEventsSince = considerEventsSince;
  }
  eventKey;
  expression;
  scope;
  considerEventsSince;
};
var ParentCondition = class extends Condition {
  constructor(parent, expression, readableDataKey, action) {
    super({ readableDataKey: readableDataKey || `parent-${parent.name}`, action, orGroupId: "", expression: expression || "" });
    this.parent = parent;
  }
  parent;
};
var OrCondition = class {
  constructor(conditions) {
    this.conditions = conditions;
  }
  conditions;
};
var generateGroupId = () => crypto.randomUUID();
function one(c, action) {
  if (c instanceof Condition) return [c];
  if (c instanceof OrCondition) return Render(action, c.conditions);
  if ("sleepFor" in c) return [new SleepCondition(c.sleepFor, void 0, action)];
  if ("eventKey" in c) return [new UserEventCondition(c.eventKey, c.expression || "", void 0, action, c.scope, c.considerEventsSince)];
  if ("parent" in c) return [new ParentCondition(c.parent, c.expression || "", void 0, action)];
  throw new Error(`Unknown condition object: ${JSON.stringify(c)}`);
}
function Render(action, conditions) {
  if (!conditions) return [];
  const rendered = (Array.isArray(conditions) ? conditions : [conditions]).flatMap((c) => one(c, action));
  for (const c of rendered) c.base.action = action;
  return rendered;
}
function Or(...conditions) {
  const rendered = Render(void 0, conditions);
  const group = generateGroupId();
  for (const c of rendered) c.base.orGroupId = group;
  return new OrCondition(rendered);
}
function plain(c) {
  const { readableDataKey, expression } = c.base;
  const named2 = readableDataKey ? { readableDataKey } : {};
  if (c instanceof SleepCondition) return { sleepFor: durationToString(c.sleepFor), ...named2 };
  if (c instanceof UserEventCondition) {
    const event = { eventKey: c.eventKey, ...named2 };
    if (c.expression) event.expression = c.expression;
    if (c.scope) event.scope = c.scope;
    if (c.considerEventsSince) event.considerEventsSince = new Date(c.considerEventsSince);
    return event;
  }
  return { parent: c.parent.name, ...named2, ...expression ? { expression } : {} };
}
function asGiven(conditions) {
  const rendered = Render(void 0, conditions);
  if (rendered.length === 0) return void 0;
  const list = [];
  const groups = /* @__PURE__ */ new Map();
  for (const c of rendered) {
    const group = c.base.orGroupId;
    if (!group) list.push(plain(c));
    else if (groups.has(group)) groups.get(group).push(plain(c));
    else {
      groups.set(group, [plain(c)]);
      list.push({ or: groups.get(group) });
    }
  }
  return list;
}

// core:@hatchet-dev/typescript-sdk/.face/errors
var NonRetryableError = globalThis.NonRetryableError;
var getErrorMessage = (e) => e instanceof Error ? e.message : String(e);
var HatchetError = class extends Error {
  constructor(message, options3) {
    super(message, options3);
    this.name = "HatchetError";
  }
};
function toHatchetError(e, given = "An error occurred") {
  if (e instanceof HatchetError) return e;
  const { defaultMessage = "An error occurred", prefix = "" } = typeof given === "string" ? { defaultMessage: given } : given;
  return new HatchetError(prefix + (getErrorMessage(e) || defaultMessage), { cause: e });
}
var named = (name) => (e) => e instanceof Error && e.name === name;
var NonDeterminismError = class extends HatchetError {
  constructor(taskExternalId, invocationCount, nodeId, message) {
    super(message || `Non-determinism in task ${taskExternalId}, invocation ${invocationCount}, node ${nodeId}`);
    this.taskExternalId = taskExternalId;
    this.invocationCount = invocationCount;
    this.nodeId = nodeId;
    this.name = "NonDeterminismError";
  }
  taskExternalId;
  invocationCount;
  nodeId;
  static [Symbol.hasInstance](e) {
    return named("NonDeterminismError")(e);
  }
};
var EvictionNotSupportedError = class extends HatchetError {
  constructor(engineVersion) {
    super(`The engine ${engineVersion || ""} cannot evict durable tasks: it must be v0.80.0 or later.`);
    this.engineVersion = engineVersion;
    this.name = "EvictionNotSupportedError";
  }
  engineVersion;
};
var IdempotencyCollisionError = class extends HatchetError {
  constructor(existingRunExternalId) {
    super(`idempotency key collision: existing run ${existingRunExternalId} already exists`);
    this.existingRunExternalId = existingRunExternalId;
    this.name = "IdempotencyCollisionError";
  }
  existingRunExternalId;
};
var BulkTriggerIdempotencyCollisionError = class extends Error {
  constructor(successfulWorkflowRunExternalIds, collisions) {
    super("idempotency key collision in bulk trigger");
    this.successfulWorkflowRunExternalIds = successfulWorkflowRunExternalIds;
    this.collisions = collisions;
    this.name = "BulkTriggerIdempotencyCollisionError";
  }
  successfulWorkflowRunExternalIds;
  collisions;
};
var TaskRunTerminatedError = class extends Error {
  constructor(reason, message) {
    super(message ?? reason);
    this.reason = reason;
    this.name = "TaskRunTerminatedError";
  }
  reason;
};
var isTaskRunTerminatedError = (e) => e instanceof TaskRunTerminatedError;
var DedupeViolationErr = class extends Error {
  constructor(message) {
    super(message);
    this.name = "DedupeViolationErr";
  }
};
var AbortError = class extends Error {
  code = "ABORT_ERR";
  constructor(message = "Operation aborted") {
    super(message);
    this.name = "AbortError";
  }
};
var createAbortError = (message) => new AbortError(message);
var isAbortError = (e) => e instanceof Error && (e.name === "AbortError" || e.code === "ABORT_ERR");
function rethrowIfAborted(e) {
  if (isAbortError(e)) throw e;
}
function throwIfAborted(signal, given = {}) {
  if (!signal?.aborted) return;
  if (signal.reason instanceof Error) throw signal.reason;
  const fallback = typeof given === "string" ? given : given.defaultMessage;
  throw createAbortError(signal.reason || fallback || "Operation cancelled by AbortSignal");
}
function translate(e) {
  if (named("IdempotencyCollisionError")(e) && !(e instanceof IdempotencyCollisionError)) return new IdempotencyCollisionError(e.runId);
  return e;
}
function reasons(e) {
  if (!named("RunFailedError")(e)) return translate(e);
  const list = (e.errors || []).map((one2) => one2.message);
  if (list.length === 0) list.push(e.message);
  for (const key of ["name", "message", "stack", "runId", "status", "errors", "task"]) {
    Object.defineProperty(list, key, { value: e[key], configurable: true });
  }
  return Object.defineProperty(list, "toString", { value: () => list.join("; "), configurable: true });
}

// core:@hatchet-dev/typescript-sdk/.face/enums
var wordOf = (names, v) => typeof v === "number" ? names[v] ?? v : v;
var RateLimitDuration = /* @__PURE__ */ ((RateLimitDuration2) => {
  RateLimitDuration2[RateLimitDuration2["SECOND"] = 0] = "SECOND";
  RateLimitDuration2[RateLimitDuration2["MINUTE"] = 1] = "MINUTE";
  RateLimitDuration2[RateLimitDuration2["HOUR"] = 2] = "HOUR";
  RateLimitDuration2[RateLimitDuration2["DAY"] = 3] = "DAY";
  RateLimitDuration2[RateLimitDuration2["WEEK"] = 4] = "WEEK";
  RateLimitDuration2[RateLimitDuration2["MONTH"] = 5] = "MONTH";
  RateLimitDuration2[RateLimitDuration2["YEAR"] = 6] = "YEAR";
  RateLimitDuration2[RateLimitDuration2["UNRECOGNIZED"] = -1] = "UNRECOGNIZED";
  return RateLimitDuration2;
})(RateLimitDuration || {});
var RunStatus = /* @__PURE__ */ ((RunStatus2) => {
  RunStatus2[RunStatus2["QUEUED"] = 0] = "QUEUED";
  RunStatus2[RunStatus2["RUNNING"] = 1] = "RUNNING";
  RunStatus2[RunStatus2["COMPLETED"] = 2] = "COMPLETED";
  RunStatus2[RunStatus2["FAILED"] = 3] = "FAILED";
  RunStatus2[RunStatus2["CANCELLED"] = 4] = "CANCELLED";
  RunStatus2[RunStatus2["EVICTED"] = 5] = "EVICTED";
  RunStatus2[RunStatus2["UNRECOGNIZED"] = -1] = "UNRECOGNIZED";
  return RunStatus2;
})(RunStatus || {});
var ConcurrencyLimitStrategy = /* @__PURE__ */ ((ConcurrencyLimitStrategy2) => {
  ConcurrencyLimitStrategy2[ConcurrencyLimitStrategy2["CANCEL_IN_PROGRESS"] = 0] = "CANCEL_IN_PROGRESS";
  ConcurrencyLimitStrategy2[ConcurrencyLimitStrategy2["DROP_NEWEST"] = 1] = "DROP_NEWEST";
  ConcurrencyLimitStrategy2[ConcurrencyLimitStrategy2["QUEUE_NEWEST"] = 2] = "QUEUE_NEWEST";
  ConcurrencyLimitStrategy2[ConcurrencyLimitStrategy2["GROUP_ROUND_ROBIN"] = 3] = "GROUP_ROUND_ROBIN";
  ConcurrencyLimitStrategy2[ConcurrencyLimitStrategy2["CANCEL_NEWEST"] = 4] = "CANCEL_NEWEST";
  ConcurrencyLimitStrategy2[ConcurrencyLimitStrategy2["CANCEL_QUEUED_EXCEPT_NEWEST"] = 5] = "CANCEL_QUEUED_EXCEPT_NEWEST";
  ConcurrencyLimitStrategy2[ConcurrencyLimitStrategy2["CANCEL_QUEUED_EXCEPT_OLDEST"] = 6] = "CANCEL_QUEUED_EXCEPT_OLDEST";
  ConcurrencyLimitStrategy2[ConcurrencyLimitStrategy2["UNRECOGNIZED"] = -1] = "UNRECOGNIZED";
  return ConcurrencyLimitStrategy2;
})(ConcurrencyLimitStrategy || {});
var StickyStrategyNumber = /* @__PURE__ */ ((StickyStrategyNumber2) => {
  StickyStrategyNumber2[StickyStrategyNumber2["SOFT"] = 0] = "SOFT";
  StickyStrategyNumber2[StickyStrategyNumber2["HARD"] = 1] = "HARD";
  StickyStrategyNumber2[StickyStrategyNumber2["UNRECOGNIZED"] = -1] = "UNRECOGNIZED";
  return StickyStrategyNumber2;
})(StickyStrategyNumber || {});
var IdempotencyMethod = /* @__PURE__ */ ((IdempotencyMethod2) => {
  IdempotencyMethod2[IdempotencyMethod2["TTL"] = 0] = "TTL";
  IdempotencyMethod2[IdempotencyMethod2["STATUS"] = 1] = "STATUS";
  IdempotencyMethod2[IdempotencyMethod2["UNRECOGNIZED"] = -1] = "UNRECOGNIZED";
  return IdempotencyMethod2;
})(IdempotencyMethod || {});
var WorkerLabelComparator = /* @__PURE__ */ ((WorkerLabelComparator2) => {
  WorkerLabelComparator2[WorkerLabelComparator2["EQUAL"] = 0] = "EQUAL";
  WorkerLabelComparator2[WorkerLabelComparator2["NOT_EQUAL"] = 1] = "NOT_EQUAL";
  WorkerLabelComparator2[WorkerLabelComparator2["GREATER_THAN"] = 2] = "GREATER_THAN";
  WorkerLabelComparator2[WorkerLabelComparator2["GREATER_THAN_OR_EQUAL"] = 3] = "GREATER_THAN_OR_EQUAL";
  WorkerLabelComparator2[WorkerLabelComparator2["LESS_THAN"] = 4] = "LESS_THAN";
  WorkerLabelComparator2[WorkerLabelComparator2["LESS_THAN_OR_EQUAL"] = 5] = "LESS_THAN_OR_EQUAL";
  WorkerLabelComparator2[WorkerLabelComparator2["UNRECOGNIZED"] = -1] = "UNRECOGNIZED";
  return WorkerLabelComparator2;
})(WorkerLabelComparator || {});
var Priority = /* @__PURE__ */ ((Priority2) => {
  Priority2[Priority2["LOW"] = 1] = "LOW";
  Priority2[Priority2["MEDIUM"] = 2] = "MEDIUM";
  Priority2[Priority2["HIGH"] = 3] = "HIGH";
  return Priority2;
})(Priority || {});
var StickyStrategy = { SOFT: "soft", HARD: "hard" };
var SlotType = /* @__PURE__ */ ((SlotType2) => {
  SlotType2["Default"] = "default";
  SlotType2["Durable"] = "durable";
  return SlotType2;
})(SlotType || {});
var DEFAULT_DURABLE_TASK_EVICTION_POLICY = { ttl: "15m", allowCapacityEviction: true, priority: 0 };
var MinEngineVersion = { SLOT_CONFIG: "v0.78.23", DURABLE_EVICTION: "v0.80.0" };
function supportsEviction(version) {
  if (!version) return false;
  const numbers = (text) => text.replace(/^v/, "").split(/[.-]/).slice(0, 3).map(Number);
  const [given, least] = [numbers(version), numbers(MinEngineVersion.DURABLE_EVICTION)];
  const at = [0, 1, 2].find((i) => given[i] !== least[i]);
  return at === void 0 || given[at] > least[at];
}
var runStatusToJSON = (status) => RunStatus[status] ?? "UNRECOGNIZED";

// core:@hatchet-dev/typescript-sdk/.face/reference
var WorkflowRunRef = class {
  constructor(workflowRunId, standalone) {
    this.workflowRunId = workflowRunId;
    this._standaloneTaskName = standalone;
  }
  workflowRunId;
  parentWorkflowRunId;
  _standaloneTaskName;
  _bare = false;
  defaultSignal;
  get runId() {
    return this.getWorkflowRunId();
  }
  async getWorkflowRunId() {
    const id = await this.workflowRunId;
    return typeof id === "string" ? id : id.workflowRunId;
  }
  get output() {
    return this.result();
  }
  async result() {
    const id = await this.getWorkflowRunId();
    let outputs;
    try {
      outputs = await natives.client.result(id);
    } catch (e) {
      throw reasons(e);
    }
    return this._standaloneTaskName && !this._bare ? outputs[this._standaloneTaskName] : outputs;
  }
  async stream() {
    return natives.follow(await this.getWorkflowRunId());
  }
  async cancel() {
    await natives.client.runs.cancel({ ids: [await this.getWorkflowRunId()] });
  }
  async replay() {
    await natives.client.runs.replay({ ids: [await this.getWorkflowRunId()] });
  }
  async toJSON() {
    return JSON.stringify({ workflowRunId: await this.workflowRunId });
  }
};
var RunListenerClient = class {
  async stream(id) {
    return natives.follow(id);
  }
  async streamByRunId(id) {
    return natives.follow(id);
  }
};
guard(RunListenerClient.prototype, "HatchetClient.listener");
function nameOf(workflow) {
  if (typeof workflow === "string") return workflow;
  if (workflow && typeof workflow.name === "string") return workflow.name;
  if (workflow && typeof workflow.id === "string") return workflow.id;
  throw new Error("Invalid workflow: give its name, or what hatchet.workflow or hatchet.task returned");
}
function labelsOf(labels) {
  if (!labels) return void 0;
  const out = {};
  for (const [key, label] of Object.entries(labels)) {
    out[key] = label && typeof label === "object" ? { ...label, comparator: wordOf(WorkerLabelComparator, label.comparator) } : label;
  }
  return out;
}
function options(given = {}) {
  const { returnExceptions, desiredWorkerLabels, ...rest } = given ?? {};
  const out = desiredWorkerLabels ? { ...rest, desiredWorkerLabels: labelsOf(desiredWorkerLabels) } : rest;
  for (const key of Object.keys(out)) if (out[key] === void 0 || out[key] === null) delete out[key];
  return out;
}
var child = (workflow, input, given) => ({ workflow: nameOf(workflow), input: input ?? {}, options: options(given) });
function refOf(started, workflow, standalone) {
  const ref = new WorkflowRunRef(started.runId, standalone ?? workflow?._standalone_task_name);
  ref._bare = natives.durable() && !!ref._standaloneTaskName;
  return ref;
}
async function start(workflow, input, given, standalone) {
  const name = nameOf(workflow);
  try {
    return refOf(await natives.client.runNoWait(name, input ?? {}, options(given)), workflow, standalone);
  } catch (e) {
    throw translate(e);
  }
}
async function startMany(children) {
  try {
    const started = await natives.runMany(children.map((c) => child(c.workflow, c.input, c.options)));
    return started.map((ref, i) => refOf(ref, children[i].workflow));
  } catch (e) {
    throw translate(e);
  }
}
async function results(refs, failures) {
  if (!failures) return Promise.all(refs.map((ref) => ref.result()));
  const settled = await Promise.allSettled(refs.map((ref) => ref.result()));
  return settled.map((s) => {
    if (s.status === "fulfilled") return s.value;
    return s.reason instanceof Error ? s.reason : new Error(Array.isArray(s.reason) ? s.reason.join("; ") : String(s.reason));
  });
}
async function spawn(children) {
  try {
    return await natives.spawn(children.map((c) => child(c.workflow, c.input, c.options)));
  } catch (e) {
    throw e?.name === "RunFailedError" ? new HatchetError(e.message, { cause: e }) : translate(e);
  }
}

// core:@hatchet-dev/typescript-sdk/.face/context
var current;
var setClient = (client2) => {
  current = client2;
};
var inData = ["input", "parents", "triggers", "triggered_by", "user_data", "step_run_errors", "overrides"];
var tell = {
  DEBUG: (logger, message, _, extra) => logger.debug(message, extra),
  INFO: (logger, message, _, extra) => logger.info(message, extra),
  WARN: (logger, message, error, extra) => logger.warn(message, error, extra),
  ERROR: (logger, message, error, extra) => logger.error(message, error, extra)
};
function fields(given) {
  if (!given || typeof given !== "object" || given instanceof Error) return given;
  if (!given.error) return given.extra;
  const { name, message, stack } = given.error;
  return { ...given.extra, error: { name, message, stack } };
}
var ContextWorker = class {
  constructor() {
    throw new TypeError("ContextWorker is made by the worker; see ctx.worker");
  }
};
var Context = class {
  get overridesData() {
    return natives.payload("overrides") ?? {};
  }
  get data() {
    const data = {};
    for (const key of inData) data[key] = natives.payload(key);
    return data;
  }
  get action() {
    return natives.action();
  }
  get v1() {
    return current;
  }
  get controller() {
    return this.abortController;
  }
  get runtime() {
    throw new TypeError("ctx.runtime is not available here; use the methods of ctx");
  }
  throwIfCancelled() {
    if (this.cancelled) throw createAbortError("Operation cancelled by AbortSignal");
  }
  async parentOutput(parent) {
    const name = typeof parent === "string" ? parent : parent.name;
    const output = natives.payload("parents")?.[name];
    if (!output) throw new HatchetError(`Output for parent task '${name}' not found`);
    return output;
  }
  errors() {
    return natives.payload("step_run_errors") ?? {};
  }
  stepRunErrors() {
    return this.errors();
  }
  triggers() {
    return natives.payload("triggers");
  }
  filterPayload() {
    return natives.payload("triggers")?.filter_payload ?? {};
  }
  triggeredByEvent() {
    return natives.payload("triggered_by") === "event";
  }
  userData() {
    return natives.payload("user_data");
  }
  workflowName() {
    return natives.action().jobName;
  }
  // As the engine has it, which knows names in lower case.
  // @ts-ignore: of the natives
  workflowNameV1() {
    return super.workflowNameV1().toLowerCase();
  }
  stepName() {
    return this.taskName();
  }
  workflowInput() {
    return this.input;
  }
  stepOutput(step) {
    const output = natives.payload("parents")?.[step];
    if (!output) throw new HatchetError(`output for step '${step}' not found`);
    return output;
  }
  async log(message, level = "INFO", extra) {
    super.log(message, level, fields(extra));
    if (current?._logs) tell[level]?.(current._logs, message, extra?.error, extra?.extra);
  }
  get logger() {
    return {
      info: (message, extra) => this.log(message, "INFO", { extra }),
      debug: (message, extra) => this.log(message, "DEBUG", { extra }),
      warn: (message, extra) => this.log(message, "WARN", withExtra(extra)),
      error: (message, extra) => this.log(message, "ERROR", withExtra(extra)),
      util: (key, message, extra) => current?._logs?.util?.(key, message, extra?.extra)
    };
  }
  async runChild(workflow, input, options3) {
    this.throwIfCancelled();
    return (await start(workflow, input, options3)).output;
  }
  async runNoWaitChild(workflow, input, options3) {
    this.throwIfCancelled();
    return start(workflow, input, options3);
  }
  async bulkRunNoWaitChildren(children) {
    this.throwIfCancelled();
    return startMany(children);
  }
  async bulkRunChildren(children) {
    return results(await this.bulkRunNoWaitChildren(children), false);
  }
  spawnWorkflow(workflow, input, options3) {
    return this.runNoWaitChild(workflow, input, options3);
  }
  spawnWorkflows(children) {
    return this.bulkRunNoWaitChildren(children);
  }
};
function withExtra(given) {
  if (!given || typeof given !== "object" || given instanceof Error) return { error: given };
  return "extra" in given || given.error instanceof Error ? given : { extra: given };
}
async function located(ctx, wait) {
  try {
    return await wait;
  } catch (e) {
    if (e?.name === "NonDeterminismError") {
      const message = e.message.replace(/^NonDeterminism/, "Non-determinism");
      Object.assign(e, { message, nodeId: e.step, taskExternalId: ctx.taskRunExternalId(), invocationCount: ctx.invocationCount });
    }
    throw e;
  }
}
var DurableContext = class extends Context {
  get supportsEviction() {
    return true;
  }
  get durableListener() {
    throw new TypeError("ctx.durableListener is not available here; use the methods of ctx");
  }
  async sleepFor(duration2, given, label) {
    return located(this, super.sleepFor(durationToString(duration2), typeof given === "object" ? given?.label : label));
  }
  async waitFor(conditions, label) {
    return located(this, super.waitFor(asGiven(conditions), label));
  }
  async waitForEvent(key, expression, schema, scope, lookback, label) {
    const options3 = {};
    if (expression) options3.expression = expression;
    if (scope) options3.scope = scope;
    if (lookback) options3.lookback = lookback;
    if (label) options3.label = label;
    const payload = await located(this, super.waitForEvent(key, options3));
    return schema ? schema.parse(payload ?? {}) : payload ?? {};
  }
  async spawnChild(workflow, input, options3) {
    return (await this.spawnChildren([{ workflow, input, options: options3 }]))[0];
  }
  async spawnChildren(children) {
    this.throwIfCancelled();
    if (natives.durable()) return located(this, spawn(children));
    return results(await startMany(children), false);
  }
};
Object.setPrototypeOf(Context.prototype, natives.context);
natives.contexts(Context.prototype, DurableContext.prototype);
async function computeMemoKey(taskRunExternalId, args) {
  const text = new TextEncoder().encode(taskRunExternalId + JSON.stringify(args));
  return new Uint8Array(await crypto.subtle.digest("SHA-256", text));
}

// core:@hatchet-dev/typescript-sdk/.face/declaration
var unbound = () => new Error("workflow unbound to hatchet client, hint: use client.run instead");
var duration = (d) => d ? durationToString(d) : void 0;
function jsonSchema(validator) {
  if (!validator) return void 0;
  if (typeof validator.toJSONSchema === "function") return validator.toJSONSchema();
  const standard = validator["~standard"]?.jsonSchema;
  if (standard) return standard.input({ target: "draft-2020-12" });
  throw new TypeError("inputValidator must be a schema of zod 4.2 or later, which can tell itself as JSON Schema; or leave it out");
}
var rateLimit = ({ key, staticKey, duration: window, ...rest }) => ({
  ...rest,
  staticKey: key ?? staticKey,
  duration: wordOf(RateLimitDuration, window)
});
function taskOptions(given, kind = "task") {
  const batched = kind === "batchTask";
  const { timeout, executionTimeout, scheduleTimeout, retries, rateLimits, desiredWorkerLabels, waitFor, cancelIf, skipIf, ...rest } = given;
  const out = {
    ...rest,
    executionTimeout: duration(executionTimeout || timeout),
    scheduleTimeout: duration(scheduleTimeout),
    retries: retries && !batched && !rest.batch ? retries : void 0,
    rateLimits: rateLimits?.map(rateLimit),
    desiredWorkerLabels: labelsOf(desiredWorkerLabels),
    waitFor: asGiven(waitFor),
    cancelIf: asGiven(cancelIf),
    skipIf: asGiven(skipIf)
  };
  if (out.parents?.length === 0) delete out.parents;
  if (out.evictionPolicy === void 0) {
    delete out.evictionPolicy;
    if (kind === "durableTask") out.evictionPolicy = DEFAULT_DURABLE_TASK_EVICTION_POLICY;
  }
  return out;
}
function workflowOptions(given) {
  const { name, on, onEvents, onCrons, inputValidator, taskDefaults, ...rest } = given;
  const out = { name, ...rest, onEvents, onCrons, on, inputSchema: jsonSchema(inputValidator) };
  if (taskDefaults) {
    const { workerLabels, ...defaults } = taskDefaults;
    const { waitFor, cancelIf, skipIf, ...usable } = taskOptions({ ...defaults, desiredWorkerLabels: workerLabels });
    out.taskDefaults = usable;
  }
  return out;
}
var ofWorkflows = ["description", "version", "sticky", "on", "onCrons", "onEvents", "defaultPriority", "defaultFilters", "inputValidator", "idempotency", "validateInput"];
function definitionOf(given) {
  if (!(given instanceof TaskWorkflowDeclaration)) return given;
  return parted(given.taskDef)[1];
}
var BaseWorkflowDeclaration = class {
  definition;
  client;
  _handle;
  constructor(options3, client2) {
    this.definition = { ...options3, _tasks: [], _durableTasks: [] };
    this.client = client2;
  }
  get name() {
    return this.definition.name;
  }
  get id() {
    return this.definition.name;
  }
  async runNoWait(input, options3, standalone) {
    if (!this.client) throw unbound();
    if (!Array.isArray(input)) return start(this, input, options3, standalone);
    return startMany(input.map((one2) => ({ workflow: this, input: one2, options: options3 })));
  }
  async run(input, options3, standalone) {
    if (!this.client) throw unbound();
    if (natives.durable()) {
      const inputs = Array.isArray(input) ? input : [input];
      const outputs = await spawn(inputs.map((one2) => ({ workflow: this, input: one2, options: options3 })));
      return Array.isArray(input) ? outputs : outputs[0];
    }
    const started = await this.runNoWait(input, options3, standalone);
    return Array.isArray(input) ? results(started, !!options3?.returnExceptions) : started.result();
  }
  async runAndWait(input, options3, standalone) {
    return this.run(input, options3, standalone);
  }
  async runManyNoWait(runs) {
    if (!this.client) throw unbound();
    return startMany(runs.map(({ input, opts }) => ({ workflow: this, input, options: opts })));
  }
  async runMany(runs) {
    if (!this.client) throw unbound();
    if (natives.durable()) return spawn(runs.map(({ input, opts }) => ({ workflow: this, input, options: opts })));
    return results(await this.runManyNoWait(runs), runs.some((run) => run.opts?.returnExceptions));
  }
  async schedule(enqueueAt, input, options3) {
    if (!this.client) throw unbound();
    return this.client.scheduled.create(this.name, { triggerAt: enqueueAt, input, ...options3 });
  }
  async delay(seconds, input, options3) {
    return this.schedule(new Date(Date.now() + seconds * 1e3), input, options3);
  }
  async cron(name, expression, input, options3) {
    if (!this.client) throw unbound();
    return this.client.crons.create(this.name, { ...options3, name, expression, input });
  }
  async metrics(options3) {
    if (!this.client) throw unbound();
    const workflow = await this.client.workflows.get(this.name);
    const { since = new Date(Date.now() - 864e5).toISOString(), until = (/* @__PURE__ */ new Date()).toISOString() } = options3 ?? {};
    return this.client.metrics.getTaskStatusMetrics({ since, until, workflow_ids: [workflow.metadata.id] });
  }
  async taskStatusMetrics(options3) {
    return this.metrics(options3);
  }
  async get() {
    if (!this.client) throw unbound();
    return this.client.workflows.get(this.name);
  }
};
guard(BaseWorkflowDeclaration.prototype, "WorkflowDeclaration");
var WorkflowDeclaration = class extends BaseWorkflowDeclaration {
  constructor(options3, client2) {
    super(options3, client2);
    if (natives.loading()) this._handle = natives.declare("workflow", workflowOptions(options3), client2?._hooks);
  }
  _add(kind, given) {
    natives.add(this._handle, kind, taskOptions(given, kind));
    return given;
  }
  task(options3) {
    const given = definitionOf(options3);
    this.definition._tasks.push(given);
    return this._add(given.batch ? "batchTask" : "task", given);
  }
  batchTask(options3) {
    this.definition._tasks.push(options3);
    return this._add("batchTask", options3);
  }
  durableTask(options3) {
    this.definition._durableTasks.push(options3);
    return this._add("durableTask", options3);
  }
  _follow(method2, options3) {
    const given = definitionOf(options3);
    const { name, ...rest } = given;
    natives.finally(this._handle, method2, taskOptions(rest));
    this.definition[method2] = given;
    return given;
  }
  onFailure(options3) {
    return this._follow("onFailure", options3);
  }
  onSuccess(options3) {
    return this._follow("onSuccess", options3);
  }
};
var TaskWorkflowDeclaration = class extends BaseWorkflowDeclaration {
  _standalone_task_name;
  constructor(options3, client2, kind = "task") {
    const { concurrency, ...rest } = options3;
    super(rest, client2);
    this._standalone_task_name = options3.name;
    this.definition[kind === "durableTask" ? "_durableTasks" : "_tasks"].push({ ...options3 });
    if (options3.fn) {
      const [forWorkflow, forTask] = parted(options3);
      this._handle = natives.declare(kind, { ...workflowOptions(forWorkflow), ...taskOptions(forTask, kind) }, client2?._hooks);
    }
  }
  run(input, options3) {
    return super.run(input, options3, this._standalone_task_name);
  }
  runAndWait(input, options3) {
    return this.run(input, options3);
  }
  runNoWait(input, options3) {
    return super.runNoWait(input, options3, this._standalone_task_name);
  }
  get taskDef() {
    return this.definition._tasks[0] ?? this.definition._durableTasks[0];
  }
};
function parted(options3) {
  const forWorkflow = { name: options3.name };
  const forTask = { ...options3 };
  for (const key of ofWorkflows) {
    if (key in options3) forWorkflow[key] = options3[key];
    delete forTask[key];
  }
  return [forWorkflow, forTask];
}
var CreateWorkflow = (options3, client2) => new WorkflowDeclaration(options3, client2);
var CreateTaskWorkflow = (options3, client2) => new TaskWorkflowDeclaration(options3, client2, options3.batch ? "batchTask" : "task");
var CreateBatchTaskWorkflow = (options3, client2) => new TaskWorkflowDeclaration(options3, client2, "batchTask");
var CreateDurableTaskWorkflow = (options3, client2) => new TaskWorkflowDeclaration(options3, client2, "durableTask");
var declarations = () => ({
  workflow: CreateWorkflow,
  task: CreateTaskWorkflow,
  durableTask: CreateDurableTaskWorkflow,
  batchTask: CreateBatchTaskWorkflow
});

// core:@hatchet-dev/typescript-sdk/.face/rest
var besides = { query: "query", data: "body" };
function failure(e) {
  if (e?.name === "ApiError" && !e.response) {
    Object.assign(e, { isAxiosError: true, response: { status: e.status, data: { errors: [{ description: e.message }] } } });
  }
  throw e;
}
var answer = (data) => ({ data, status: 200, statusText: "OK", headers: {}, config: {} });
var ask = async ({ path, method: method2, query, body }) => {
  const request = { path, method: method2 };
  if (query !== void 0) request.query = query;
  if (body !== void 0) request.body = body;
  return natives.client.api.request(request).then(answer, failure);
};
function method(name) {
  const known2 = natives.endpoint(name);
  if (!known2) return void 0;
  const [verb, path, ...takes] = known2;
  return async (...given) => {
    if (given.slice(takes.length).some((more) => more && Object.keys(more).length > 0)) {
      throw new TypeError(`HatchetClient.api.${name} takes (${takes.join(", ")}); settings of axios have no effect here`);
    }
    const request = { method: verb, path };
    takes.forEach((part, i) => {
      const value = given[i];
      if (part in besides) request[besides[part]] = value;
      else if (typeof value !== "string" || value === "") throw new TypeError(`HatchetClient.api.${name}: ${part} must be the id, got ${value}`);
      else if (value !== "{tenant}") request.path = request.path.replace(`{${part}}`, encodeURIComponent(value));
    });
    return ask(request);
  };
}
var Api = class {
  request(request) {
    return ask(request);
  }
};
guard(Api.prototype, "HatchetClient.api", method);

// core:@hatchet-dev/typescript-sdk/.face/features
function plain2(v) {
  if (v instanceof WorkflowRunRef) return v.workflowRunId;
  if (v && typeof v === "object" && v.definition && typeof v.definition.name === "string") return v.definition.name;
  if (Array.isArray(v)) return v.map(plain2);
  if (v && typeof v === "object" && v.workflow !== void 0) return { ...v, workflow: nameOf(v.workflow) };
  return v;
}
function call(section, method2, args) {
  while (args.length > 0 && args[args.length - 1] === void 0) args.pop();
  const given = natives.client[section][method2](...args.map(plain2));
  return typeof given?.catch === "function" ? given.catch(failure) : given;
}
function client(section, what, methods) {
  const made = class {
    static {
      Object.defineProperty(this, "name", { value: what });
    }
  };
  for (const method2 of methods) {
    Object.defineProperty(made.prototype, method2, { writable: true, configurable: true, value: (...args) => call(section, method2, args) });
  }
  guard(made.prototype, what);
  return made;
}
function answered(prototype, methods) {
  for (const method2 of methods) {
    const plainly = prototype[method2];
    prototype[method2] = async (...args) => answer(await plainly(...args));
  }
}
var RunsClient = client("runs", "RunsClient", ["get", "get_status", "getDetails", "list", "cancel", "replay", "restoreTask", "branchDurableTask", "getTaskExternalId", "subscribeToStream"]);
answered(RunsClient.prototype, ["cancel", "replay", "restoreTask", "branchDurableTask"]);
RunsClient.prototype.runRef = (id) => new WorkflowRunRef(id);
RunsClient.prototype.getDetails = async (run) => {
  const { status, done, input, additionalMetadata, evicted, tasks } = await call("runs", "getDetails", [run]);
  const taskRuns = {};
  for (const task of tasks) {
    taskRuns[task.name] = { externalId: task.taskRunId, readableId: task.name, status: task.status, output: task.output, error: task.error, isEvicted: task.evicted };
  }
  return { status, done, input, additionalMetadata, isEvicted: evicted, taskRuns };
};
var CronClient = client("crons", "CronClient", ["create", "list", "get", "delete"]);
var ScheduleClient = client("schedules", "ScheduleClient", ["create", "list", "get", "update", "delete", "bulkDelete", "bulkUpdate"]);
var EventClient = client("events", "EventClient", ["push", "bulkPush", "list"]);
var FiltersClient = client("filters", "FiltersClient", ["list", "get", "create", "update", "delete"]);
var LogsClient = client("logs", "LogsClient", ["list"]);
var MetricsClient = client("metrics", "MetricsClient", ["getTaskStatusMetrics", "getQueueMetrics", "scrapePrometheusMetrics", "getTaskStats"]);
var WorkersClient = client("workers", "WorkersClient", ["list", "get", "isPaused", "pause", "unpause"]);
var WorkflowsClient = client("workflows", "WorkflowsClient", ["get", "getWorkflowIdFromName", "list", "delete"]);
var WebhooksClient = client("webhooks", "WebhooksClient", ["list", "get", "create", "update", "delete"]);
var CELClient = client("cel", "CELClient", ["debug"]);
var TenantClient = client("tenant", "TenantClient", ["get"]);
var RatelimitsClient = client("ratelimits", "RatelimitsClient", ["upsert", "list"]);
RatelimitsClient.prototype.upsert = async ({ duration: duration2, ...limit }) => {
  const window = wordOf(RateLimitDuration, duration2);
  const stored = call("ratelimits", "upsert", [window === void 0 ? limit : { ...limit, duration: window }]);
  return natives.loading() ? limit.key : stored;
};
var workflowNameString = nameOf;
var AdminClient = class {
  constructor(_client) {
    this._client = _client;
  }
  _client;
  runWorkflow(name, input, options3) {
    return this._client.runNoWait(name, input, options3);
  }
  async runWorkflows(runs) {
    return Promise.all(runs.map(({ workflowName, input, options: options3 }) => this._client.runNoWait(workflowName, input, options3)));
  }
  async putRateLimit(key, limit, duration2) {
    await this._client.ratelimits.upsert({ key, limit, duration: duration2 });
  }
};
guard(AdminClient.prototype, "AdminClient");

// core:@hatchet-dev/typescript-sdk/.face/logger
var LogLevelEnum = /* @__PURE__ */ ((LogLevelEnum2) => {
  LogLevelEnum2[LogLevelEnum2["OFF"] = -1] = "OFF";
  LogLevelEnum2[LogLevelEnum2["DEBUG"] = 0] = "DEBUG";
  LogLevelEnum2[LogLevelEnum2["INFO"] = 1] = "INFO";
  LogLevelEnum2[LogLevelEnum2["WARN"] = 2] = "WARN";
  LogLevelEnum2[LogLevelEnum2["ERROR"] = 3] = "ERROR";
  return LogLevelEnum2;
})(LogLevelEnum || {});
var Logger = class {
};
var ConsoleLogger = class extends Logger {
  constructor(context = "", logLevel = "INFO") {
    super();
    this.context = context;
    this.logLevel = logLevel;
  }
  context;
  logLevel;
  _write(level, write, parts) {
    if (LogLevelEnum[level] < LogLevelEnum[this.logLevel] || this.logLevel === "OFF") return;
    write(...parts.filter((part) => part !== void 0));
  }
  debug(message, extra) {
    this._write("DEBUG", console.debug, [message, extra]);
  }
  info(message, extra) {
    this._write("INFO", console.info, [message, extra]);
  }
  green(message, extra) {
    this.info(message, extra);
  }
  warn(message, error, extra) {
    this._write("WARN", console.warn, [message, error, extra]);
  }
  error(message, error, extra) {
    this._write("ERROR", console.error, [message, error, extra]);
  }
};

// core:@hatchet-dev/typescript-sdk/.face/legacy
var isLegacyWorkflow = (w) => !!w && typeof w === "object" && !(w instanceof BaseWorkflowDeclaration) && Array.isArray(w.steps) && "id" in w;
function warnLegacyWorkflow() {
}
var known = /* @__PURE__ */ new WeakMap();
var limits = (given) => given?.map(({ key, staticKey, dynamicKey, units, limit, duration: duration2 }) => ({ ...staticKey || key ? { staticKey: staticKey || key } : {}, dynamicKey, units, limit, duration: duration2 }));
var options2 = (step, timeout) => ({
  fn: (_, ctx) => step.run(ctx),
  executionTimeout: step.timeout || timeout,
  retries: step.retries,
  rateLimits: limits(step.rate_limits),
  desiredWorkerLabels: step.worker_labels,
  backoff: step.backoff
});
function transformLegacyWorkflow(w) {
  if (known.has(w)) return known.get(w);
  let { concurrency } = w;
  if (concurrency?.action) throw new TypeError(`workflow ${w.id}: a concurrency action is not available here, as in Hatchet's v1; give an expression`);
  if (concurrency) {
    const { name, ...limit } = concurrency;
    concurrency = limit;
  }
  const declared = new WorkflowDeclaration({
    name: w.id,
    description: w.description,
    version: w.version,
    sticky: w.sticky ?? void 0,
    on: w.on || void 0,
    concurrency,
    taskDefaults: { executionTimeout: w.timeout, scheduleTimeout: w.scheduleTimeout }
  });
  known.set(w, declared);
  const tasks = {};
  for (const step of w.steps) {
    const parents = step.parents?.map((name) => tasks[name]).filter(Boolean);
    tasks[step.name] = declared.task({ name: step.name, ...options2(step, w.timeout), parents });
  }
  if (w.onFailure) declared.onFailure(options2(w.onFailure, w.timeout));
  return declared;
}
var normalizeWorkflow = (w) => isLegacyWorkflow(w) ? transformLegacyWorkflow(w) : w;
var normalizeWorkflows = (list) => list.map(normalizeWorkflow);
var getWorkflowName = nameOf;

// core:@hatchet-dev/typescript-sdk/.face/worker
var used = (value) => value !== void 0 && value !== null;
function settings({ slots, maxRuns, durableSlots, labels }) {
  const out = {};
  if (used(slots ?? maxRuns)) out.slots = slots ?? maxRuns;
  if (used(durableSlots)) out.durableSlots = durableSlots;
  const kept = Object.entries(labels ?? {}).filter(([, value]) => used(value));
  if (kept.length > 0) out.labels = Object.fromEntries(kept);
  return out;
}
function serving(worker) {
  if (natives.loading()) throw new TypeError(`worker ${worker.name} does not serve yet; pause it in a task`);
  return natives.thisWorker.id();
}
var Worker = class _Worker {
  constructor(name, config = {}) {
    this.name = name;
    this.config = config;
    natives.worker(name, settings(config));
    this._labels = { ...config.labels };
    this._hand(config.workflows);
  }
  name;
  config;
  _labels;
  _hand(workflows = []) {
    for (const workflow of workflows) natives.hand(normalizeWorkflow(workflow)?._handle);
  }
  static async create(_client, name, options3 = {}) {
    return new _Worker(name, options3);
  }
  async registerWorkflows(workflows = []) {
    this._hand(workflows);
  }
  async registerWorkflow(workflow) {
    this._hand([workflow]);
  }
  // What follows the end of a worker follows the end of this process.
  start() {
    natives.serves();
    return never();
  }
  waitUntilReady() {
    natives.serves();
    return never();
  }
  async stop() {
  }
  getLabels() {
    return this._labels;
  }
  // Before the worker serves its labels are those that it is set up with.
  async upsertLabels(labels) {
    if (natives.loading()) natives.worker(this.name, settings({ labels }));
    else await natives.thisWorker.upsertLabels(labels);
    return Object.assign(this._labels, labels);
  }
  async pause() {
    return natives.client.workers.pause(serving(this));
  }
  async unpause() {
    return natives.client.workers.unpause(serving(this));
  }
  async isPaused() {
    return false;
  }
};
guard(Worker.prototype, "Worker");

// core:@hatchet-dev/typescript-sdk/.face/client
var sections = {
  runs: RunsClient,
  crons: CronClient,
  scheduled: ScheduleClient,
  events: EventClient,
  filters: FiltersClient,
  logs: LogsClient,
  metrics: MetricsClient,
  ratelimits: RatelimitsClient,
  workers: WorkersClient,
  workflows: WorkflowsClient,
  webhooks: WebhooksClient,
  cel: CELClient,
  tenant: TenantClient,
  api: Api,
  listener: RunListenerClient
};
var aliases = { cron: "crons", schedule: "scheduled", schedules: "scheduled", event: "events", tasks: "workflows" };
var HatchetClient = class _HatchetClient {
  config;
  logger;
  _hooks;
  _logs;
  _admin;
  constructor(config = {}) {
    const { token, middleware, ...rest } = config ?? {};
    if (rest.namespace) {
      throw new TypeError(`Hatchet.init: the namespace is the worker's, so that it holds for all files; leave it out and start the worker with --namespace ${rest.namespace}`);
    }
    this.config = rest;
    this._hooks = natives.hooks();
    if (middleware) natives.addHooks(this._hooks, middleware);
    const level = rest.log_level ?? "INFO";
    this.logger = rest.logger ? rest.logger("HatchetClient", level) : new ConsoleLogger("HatchetClient", level);
    this._logs = rest.logger?.("ctx", level);
    setClient(this);
  }
  static init(config) {
    return new _HatchetClient(config);
  }
  withMiddleware(middleware) {
    natives.addHooks(this._hooks, middleware);
    return this;
  }
  workflow(options3) {
    return CreateWorkflow(options3, this);
  }
  task(options3) {
    return CreateTaskWorkflow(options3, this);
  }
  durableTask(options3) {
    return CreateDurableTaskWorkflow(options3, this);
  }
  batchTask(options3) {
    return CreateBatchTaskWorkflow(options3, this);
  }
  // In the SDK the output of what is run by its name is by task, always; what is
  // declared as a task keeps its own only by its own methods.
  async runNoWait(workflow, input, options3 = {}) {
    const ref = await start(normalizeWorkflow(workflow), input, options3);
    ref._standaloneTaskName = void 0;
    return ref;
  }
  async run(workflow, input, options3 = {}) {
    return (await this.runNoWait(workflow, input, options3)).output;
  }
  async runAndWait(workflow, input, options3 = {}) {
    return this.run(workflow, input, options3);
  }
  runRef(id) {
    return new WorkflowRunRef(id);
  }
  get tenantId() {
    return natives.tenant();
  }
  get admin() {
    return this._admin ??= new AdminClient(this);
  }
  async worker(name, options3 = {}) {
    return new Worker(name, typeof options3 === "number" ? { slots: options3 } : options3 ?? {});
  }
};
for (const [name, Client] of Object.entries(sections)) {
  const made = new Client();
  Object.defineProperty(HatchetClient.prototype, name, { value: made, writable: true, configurable: true });
}
for (const [name, other] of Object.entries(aliases)) {
  Object.defineProperty(HatchetClient.prototype, name, { get() {
    return this[other];
  }, configurable: true });
}
guard(HatchetClient.prototype, "HatchetClient");

// <entry>
$members = (member) => {
  switch (member) {
    case "client.HatchetClient":
      return HatchetClient;
    case "conditions.Action":
      return Action;
    case "conditions.Condition":
      return Condition;
    case "conditions.Or":
      return Or;
    case "conditions.OrCondition":
      return OrCondition;
    case "conditions.ParentCondition":
      return ParentCondition;
    case "conditions.Render":
      return Render;
    case "conditions.SleepCondition":
      return SleepCondition;
    case "conditions.UserEventCondition":
      return UserEventCondition;
    case "conditions.generateGroupId":
      return generateGroupId;
    case "context.Context":
      return Context;
    case "context.ContextWorker":
      return ContextWorker;
    case "context.DurableContext":
      return DurableContext;
    case "context.computeMemoKey":
      return computeMemoKey;
    case "declaration.BaseWorkflowDeclaration":
      return BaseWorkflowDeclaration;
    case "declaration.CreateBatchTaskWorkflow":
      return CreateBatchTaskWorkflow;
    case "declaration.CreateDurableTaskWorkflow":
      return CreateDurableTaskWorkflow;
    case "declaration.CreateTaskWorkflow":
      return CreateTaskWorkflow;
    case "declaration.CreateWorkflow":
      return CreateWorkflow;
    case "declaration.TaskWorkflowDeclaration":
      return TaskWorkflowDeclaration;
    case "declaration.WorkflowDeclaration":
      return WorkflowDeclaration;
    case "declaration.declarations":
      return declarations;
    case "duration.durationToMs":
      return durationToMs;
    case "duration.durationToString":
      return durationToString;
    case "duration.sleep":
      return sleep;
    case "enums.ConcurrencyLimitStrategy":
      return ConcurrencyLimitStrategy;
    case "enums.DEFAULT_DURABLE_TASK_EVICTION_POLICY":
      return DEFAULT_DURABLE_TASK_EVICTION_POLICY;
    case "enums.IdempotencyMethod":
      return IdempotencyMethod;
    case "enums.MinEngineVersion":
      return MinEngineVersion;
    case "enums.Priority":
      return Priority;
    case "enums.RateLimitDuration":
      return RateLimitDuration;
    case "enums.RunStatus":
      return RunStatus;
    case "enums.SlotType":
      return SlotType;
    case "enums.StickyStrategy":
      return StickyStrategy;
    case "enums.StickyStrategyNumber":
      return StickyStrategyNumber;
    case "enums.WorkerLabelComparator":
      return WorkerLabelComparator;
    case "enums.runStatusToJSON":
      return runStatusToJSON;
    case "enums.supportsEviction":
      return supportsEviction;
    case "errors.AbortError":
      return AbortError;
    case "errors.BulkTriggerIdempotencyCollisionError":
      return BulkTriggerIdempotencyCollisionError;
    case "errors.DedupeViolationErr":
      return DedupeViolationErr;
    case "errors.EvictionNotSupportedError":
      return EvictionNotSupportedError;
    case "errors.HatchetError":
      return HatchetError;
    case "errors.IdempotencyCollisionError":
      return IdempotencyCollisionError;
    case "errors.NonDeterminismError":
      return NonDeterminismError;
    case "errors.NonRetryableError":
      return NonRetryableError;
    case "errors.TaskRunTerminatedError":
      return TaskRunTerminatedError;
    case "errors.createAbortError":
      return createAbortError;
    case "errors.getErrorMessage":
      return getErrorMessage;
    case "errors.isAbortError":
      return isAbortError;
    case "errors.isTaskRunTerminatedError":
      return isTaskRunTerminatedError;
    case "errors.rethrowIfAborted":
      return rethrowIfAborted;
    case "errors.throwIfAborted":
      return throwIfAborted;
    case "errors.toHatchetError":
      return toHatchetError;
    case "features.AdminClient":
      return AdminClient;
    case "features.CELClient":
      return CELClient;
    case "features.CronClient":
      return CronClient;
    case "features.FiltersClient":
      return FiltersClient;
    case "features.LogsClient":
      return LogsClient;
    case "features.MetricsClient":
      return MetricsClient;
    case "features.RatelimitsClient":
      return RatelimitsClient;
    case "features.RunsClient":
      return RunsClient;
    case "features.ScheduleClient":
      return ScheduleClient;
    case "features.TenantClient":
      return TenantClient;
    case "features.WebhooksClient":
      return WebhooksClient;
    case "features.WorkersClient":
      return WorkersClient;
    case "features.WorkflowsClient":
      return WorkflowsClient;
    case "features.workflowNameString":
      return workflowNameString;
    case "legacy.getWorkflowName":
      return getWorkflowName;
    case "legacy.isLegacyWorkflow":
      return isLegacyWorkflow;
    case "legacy.normalizeWorkflow":
      return normalizeWorkflow;
    case "legacy.normalizeWorkflows":
      return normalizeWorkflows;
    case "legacy.transformLegacyWorkflow":
      return transformLegacyWorkflow;
    case "legacy.warnLegacyWorkflow":
      return warnLegacyWorkflow;
    case "logger.LogLevelEnum":
      return LogLevelEnum;
    case "logger.Logger":
      return Logger;
    case "reference.WorkflowRunRef":
      return WorkflowRunRef;
    case "worker.Worker":
      return Worker;
  }
};
return $members;
})
