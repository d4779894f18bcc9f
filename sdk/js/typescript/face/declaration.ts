// Declarations: they hold what they are given, as the SDK's do, and hand it to
// the natives in the natives' words.
import { guard, natives } from '@hatchet-dev/typescript-sdk/.face/natives';
import { asGiven } from '@hatchet-dev/typescript-sdk/.face/conditions';
import { durationToString } from '@hatchet-dev/typescript-sdk/.face/duration';
import { DEFAULT_DURABLE_TASK_EVICTION_POLICY, RateLimitDuration, wordOf } from '@hatchet-dev/typescript-sdk/.face/enums';
import { labelsOf, results, spawn, start, startMany } from '@hatchet-dev/typescript-sdk/.face/reference';

const unbound = () => new Error('workflow unbound to hatchet client, hint: use client.run instead');

const duration = (d: any) => (d ? durationToString(d) : undefined);

function jsonSchema(validator: any) {
  if (!validator) return undefined;
  if (typeof validator.toJSONSchema === 'function') return validator.toJSONSchema();
  const standard = validator['~standard']?.jsonSchema;
  if (standard) return standard.input({ target: 'draft-2020-12' });
  throw new TypeError('inputValidator must be a schema of zod 4.2 or later, which can tell itself as JSON Schema; or leave it out');
}

const rateLimit = ({ key, staticKey, duration: window, ...rest }: any) => ({
  ...rest, staticKey: key ?? staticKey, duration: wordOf(RateLimitDuration, window),
});

// taskOptions puts a task's options into the words of the natives.
function taskOptions(given: any, kind = 'task'): any {
  const batched = kind === 'batchTask';
  const { timeout, executionTimeout, scheduleTimeout, retries, rateLimits, desiredWorkerLabels, waitFor, cancelIf, skipIf, ...rest } = given;
  const out: any = {
    ...rest,
    executionTimeout: duration(executionTimeout || timeout),
    scheduleTimeout: duration(scheduleTimeout),
    retries: retries && !batched && !rest.batch ? retries : undefined,
    rateLimits: rateLimits?.map(rateLimit),
    desiredWorkerLabels: labelsOf(desiredWorkerLabels),
    waitFor: asGiven(waitFor), cancelIf: asGiven(cancelIf), skipIf: asGiven(skipIf),
  };
  if (out.parents?.length === 0) delete out.parents;
  if (out.evictionPolicy === undefined) {
    delete out.evictionPolicy;
    if (kind === 'durableTask') out.evictionPolicy = DEFAULT_DURABLE_TASK_EVICTION_POLICY;
  }
  return out;
}

// workflowOptions does so with a workflow's, in the order in which the SDK
// registers triggers.
function workflowOptions(given: any): any {
  const { name, on, onEvents, onCrons, inputValidator, taskDefaults, ...rest } = given;
  const out: any = { name, ...rest, onEvents, onCrons, on, inputSchema: jsonSchema(inputValidator) };
  if (taskDefaults) {
    const { workerLabels, ...defaults } = taskDefaults;
    const { waitFor, cancelIf, skipIf, ...usable } = taskOptions({ ...defaults, desiredWorkerLabels: workerLabels });
    out.taskDefaults = usable;
  }
  return out;
}

// ofWorkflows are the options of a standalone task that concern it as a
// workflow, and mean nothing where it is used as a task of another.
const ofWorkflows = ['description', 'version', 'sticky', 'on', 'onCrons', 'onEvents', 'defaultPriority', 'defaultFilters', 'inputValidator', 'idempotency', 'validateInput'];

function definitionOf(given: any) {
  if (!(given instanceof TaskWorkflowDeclaration)) return given;
  return parted(given.taskDef)[1];
}

export class BaseWorkflowDeclaration {
  definition: any;
  client: any;
  _handle: any;

  constructor(options: any, client?: any) {
    this.definition = { ...options, _tasks: [], _durableTasks: [] };
    this.client = client;
  }

  get name() { return this.definition.name; }

  get id() { return this.definition.name; }

  async runNoWait(input: any, options?: any, standalone?: string): Promise<any> {
    if (!this.client) throw unbound();
    if (!Array.isArray(input)) return start(this, input, options, standalone);
    return startMany(input.map((one) => ({ workflow: this, input: one, options })));
  }

  async run(input: any, options?: any, standalone?: string): Promise<any> {
    if (!this.client) throw unbound();
    if (natives.durable()) {
      const inputs = Array.isArray(input) ? input : [input];
      const outputs = await spawn(inputs.map((one) => ({ workflow: this, input: one, options })));
      return Array.isArray(input) ? outputs : outputs[0];
    }
    const started = await this.runNoWait(input, options, standalone);
    return Array.isArray(input) ? results(started, !!options?.returnExceptions) : started.result();
  }

  async runAndWait(input: any, options?: any, standalone?: string): Promise<any> { return this.run(input, options, standalone); }

  async runManyNoWait(runs: any[]): Promise<any> {
    if (!this.client) throw unbound();
    return startMany(runs.map(({ input, opts }) => ({ workflow: this, input, options: opts })));
  }

  async runMany(runs: any[]): Promise<any> {
    if (!this.client) throw unbound();
    if (natives.durable()) return spawn(runs.map(({ input, opts }) => ({ workflow: this, input, options: opts })));
    return results(await this.runManyNoWait(runs), runs.some((run) => run.opts?.returnExceptions));
  }

  async schedule(enqueueAt: Date, input: any, options?: any): Promise<any> {
    if (!this.client) throw unbound();
    return this.client.scheduled.create(this.name, { triggerAt: enqueueAt, input, ...options });
  }

  async delay(seconds: number, input: any, options?: any): Promise<any> {
    return this.schedule(new Date(Date.now() + seconds * 1000), input, options);
  }

  async cron(name: string, expression: string, input: any, options?: any): Promise<any> {
    if (!this.client) throw unbound();
    return this.client.crons.create(this.name, { ...options, name, expression, input });
  }

  async metrics(options?: any): Promise<any> {
    if (!this.client) throw unbound();
    const workflow = await this.client.workflows.get(this.name);
    const { since = new Date(Date.now() - 86_400_000).toISOString(), until = new Date().toISOString() } = options ?? {};
    return this.client.metrics.getTaskStatusMetrics({ since, until, workflow_ids: [workflow.metadata.id] });
  }

  async taskStatusMetrics(options?: any): Promise<any> { return this.metrics(options); }

  async get(): Promise<any> {
    if (!this.client) throw unbound();
    return this.client.workflows.get(this.name);
  }
}
guard(BaseWorkflowDeclaration.prototype, 'WorkflowDeclaration');

export class WorkflowDeclaration extends BaseWorkflowDeclaration {
  constructor(options: any, client?: any) {
    super(options, client);
    if (natives.loading()) this._handle = natives.declare('workflow', workflowOptions(options), client?._hooks);
  }

  _add(kind: string, given: any) {
    natives.add(this._handle, kind, taskOptions(given, kind));
    return given;
  }

  task(options: any) {
    const given = definitionOf(options);
    this.definition._tasks.push(given);
    return this._add(given.batch ? 'batchTask' : 'task', given);
  }

  batchTask(options: any) {
    this.definition._tasks.push(options);
    return this._add('batchTask', options);
  }

  durableTask(options: any) {
    this.definition._durableTasks.push(options);
    return this._add('durableTask', options);
  }

  _follow(method: string, options: any) {
    const given = definitionOf(options);
    const { name, ...rest } = given;
    natives.finally(this._handle, method, taskOptions(rest));
    this.definition[method] = given;
    return given;
  }

  onFailure(options: any) { return this._follow('onFailure', options); }

  onSuccess(options: any) { return this._follow('onSuccess', options); }
}

export class TaskWorkflowDeclaration extends BaseWorkflowDeclaration {
  _standalone_task_name: string;

  constructor(options: any, client?: any, kind = 'task') {
    const { concurrency, ...rest } = options;
    super(rest, client);
    this._standalone_task_name = options.name;
    this.definition[kind === 'durableTask' ? '_durableTasks' : '_tasks'].push({ ...options });
    // Without a function it stands for a task that is declared elsewhere.
    if (options.fn) {
      const [forWorkflow, forTask] = parted(options);
      this._handle = natives.declare(kind, { ...workflowOptions(forWorkflow), ...taskOptions(forTask, kind) }, client?._hooks);
    }
  }

  run(input: any, options?: any) { return super.run(input, options, this._standalone_task_name); }

  runAndWait(input: any, options?: any) { return this.run(input, options); }

  runNoWait(input: any, options?: any) { return super.runNoWait(input, options, this._standalone_task_name); }

  get taskDef() { return this.definition._tasks[0] ?? this.definition._durableTasks[0]; }
}

// parted tells the options of a standalone task apart.
function parted(options: any): any[] {
  const forWorkflow: any = { name: options.name };
  const forTask = { ...options };
  for (const key of ofWorkflows) {
    if (key in options) forWorkflow[key] = options[key];
    delete forTask[key];
  }
  return [forWorkflow, forTask];
}

export const CreateWorkflow = (options: any, client?: any) => new WorkflowDeclaration(options, client);
export const CreateTaskWorkflow = (options: any, client?: any) => new TaskWorkflowDeclaration(options, client, options.batch ? 'batchTask' : 'task');
export const CreateBatchTaskWorkflow = (options: any, client?: any) => new TaskWorkflowDeclaration(options, client, 'batchTask');
export const CreateDurableTaskWorkflow = (options: any, client?: any) => new TaskWorkflowDeclaration(options, client, 'durableTask');

export const declarations = () => ({
  workflow: CreateWorkflow, task: CreateTaskWorkflow, durableTask: CreateDurableTaskWorkflow, batchTask: CreateBatchTaskWorkflow,
});
