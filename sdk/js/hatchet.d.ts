// What scripts of hatchet-js-worker find without importing anything.
// Written by `go generate` from hatchet.d.ts.in and the tables of the program.

declare namespace Hatchet {
  /** What JSON can express, as an object. */
  type JsonObject = { [key: string]: any };

  /** '30s', '1h30m', '500ms'; a number of milliseconds; or parts. */
  type Duration = string | number | DurationParts;

  interface DurationParts {
    /** Days of 24 hours. */
    days?: number;
    /** Hours. */
    hours?: number;
    /** Minutes. */
    minutes?: number;
    /** Seconds. */
    seconds?: number;
    /** Milliseconds. */
    milliseconds?: number;
  }

  /** The work of a task: takes the run's input and gives its output. */
  type Handler<I = any, O = any, P = {}> = (input: I, ctx: Context<I, P>) => O | Promise<O>;

  /** The work of a durable task. It is run again from the top after each wait, so what is not in memo must be repeatable. */
  type DurableHandler<I = any, O = any, P = {}> = (input: I, ctx: DurableContext<I, P>) => O | Promise<O>;

  /** The work of a batch task: takes the inputs of many runs by their ids, and gives an output for each, or an Error. */
  type BatchHandler<I = any, O = any, P = {}> = (inputs: Record<string, I>, ctx: Context<Record<string, I>, P>) => Record<string, O | Error> | Promise<Record<string, O | Error>>;

  /** The work of a batch task with broadcastOutput: one output for all runs. */
  type BroadcastHandler<I = any, O = any, P = {}> = (inputs: Record<string, I>, ctx: Context<Record<string, I>, P>) => O | Promise<O>;

  /** A task by its name. */
  type TaskRef = string | { readonly name: string };

  /** A workflow by its name, or what was declared. */
  type WorkflowRef = string | { readonly name: string };

  /** What can be run: what was declared, or a name, of which nothing more is known. */
  type Runnable<I = any, O = any> = string | Declared<I, O> | DeclaredBySDK<I, O>;

  /** What carries the types of a workflow's input and output. */
  interface Declared<I = any, O = any> {
    readonly name: string;
    run(input?: I, options?: RunOptions): Promise<O>;
  }

  /** The same of what was declared with Hatchet's TypeScript SDK. */
  interface DeclaredBySDK<I = any, O = any> {
    readonly name: string;
    readonly '~types': { input: I; output: O };
  }

  /** Hatchet's words for how a run is doing. */
  type RunStatus = 'QUEUED' | 'RUNNING' | 'COMPLETED' | 'FAILED' | 'CANCELLED';

  type LogLevel = 'DEBUG' | 'INFO' | 'WARN' | 'ERROR' | 'debug' | 'info' | 'warn' | 'error';

  /** What happens to runs beyond a concurrency limit. Hatchet's own names are taken, too. */
  type Strategy =
    | 'cancel-in-progress'
    | 'queue'
    | 'drop-newest'
    | 'group-round-robin'
    | 'cancel-newest'
    | 'cancel-queued-except-newest'
    | 'cancel-queued-except-oldest'
    | 'CANCEL_IN_PROGRESS'
    | 'GROUP_ROUND_ROBIN'
    | 'CANCEL_NEWEST'
    | 'CANCEL_QUEUED_EXCEPT_NEWEST'
    | 'CANCEL_QUEUED_EXCEPT_OLDEST';

  /** A limit on how many runs with an equal key go on at once; a number stands for { maxRuns }. */
  type Concurrency = number | ConcurrencyOptions;

  interface ConcurrencyOptions {
    /** CEL over input and additional_metadata: runs with an equal value share the limit. Default: all runs share it. */
    expression?: string;
    /** How many may run at once: a number, or CEL. Default 1. */
    maxRuns?: number | string;
    /** What happens to runs beyond the limit. Default 'cancel-in-progress'. */
    strategy?: Strategy;
    /** The same as strategy. */
    limitStrategy?: Strategy;
    /** A name for the limit. */
    name?: string;
    /** Whether limits of the same name are shared across workflows. */
    isTenantScoped?: boolean;
  }

  /** A limit on how often a task starts; a string stands for { key }. */
  type RateLimit = string | RateLimitOptions;

  interface RateLimitOptions {
    /** The name of the limit. The same as staticKey. */
    key?: string;
    /** The name of the limit. */
    staticKey?: string;
    /** CEL that gives the name of the limit, like 'input.customer'. Needs a limit. */
    dynamicKey?: string;
    /** How much of the limit one run takes: a number, or CEL. Default 1. */
    units?: number | string;
    /** The limit itself: a number, or CEL. Default: as stored in Hatchet. */
    limit?: number | string;
    /** The window of the limit. Default 'minute'. */
    duration?: 'second' | 'minute' | 'hour' | 'day' | 'week' | 'month' | 'year';
  }

  /** How runs are put together for one call of a batch task's handler. */
  interface BatchOptions {
    /** How many runs make a full batch, which starts at once. 1 to 100000; required. */
    maxSize?: number;
    /** How long a batch that is not full waits for more. 1ms to 24h; default 1s. */
    maxInterval?: Duration;
    /** CEL over input and additional_metadata that gives a string: only runs with an equal value share a batch. */
    groupKey?: string;
    /** How many batches of one group go on at once. 1 to 10000; default 100. */
    groupMaxRuns?: number;
    /** Whether every run gets what the handler returns. Default: the handler returns an output for each. */
    broadcastOutput?: boolean;
  }

  /** What a batch task's handler is told of its batch. */
  interface BatchInfo {
    readonly id: string;
    /** What groupKey gave; '' without one that matters. */
    readonly key: string;
    /** Why the batch began, in Hatchet's words. */
    readonly reason: string;
    readonly size: number;
    /** The runs by the ids of the input. */
    readonly members: Record<string, { workflowRunId: string; parents: JsonObject; triggers: JsonObject }>;
  }

  /** How long to wait before each retry. Give one of exponential, linear, constant, or Hatchet's own factor. */
  interface Backoff {
    /** Wait baseMs, then factor (default 2) times as long each time, at most maxMs. */
    exponential?: { baseMs: number; maxMs?: number; factor?: number };
    /** Wait baseMs, then stepMs (default baseMs) longer each time, at most maxMs. */
    linear?: { baseMs: number; stepMs?: number; maxMs?: number };
    /** The same wait before every retry, in milliseconds. */
    constant?: number | { ms: number };
    /** Hatchet's own: factor^n seconds before retry n, between 1 and 1000. */
    factor?: number;
    /** With factor: the longest wait in seconds. */
    maxSeconds?: number;
  }

  /** A wish for a worker label, or a demand; a value alone stands for { value }. */
  type WorkerLabel = string | number | WorkerLabelOptions;

  interface WorkerLabelOptions {
    /** The value to compare with. */
    value?: string | number;
    /** Whether other workers are out of the question. Default false. */
    required?: boolean;
    /** How much this label counts among others. Default 100. */
    weight?: number;
    /** How to compare. Default 'EQUAL'. */
    comparator?: 'EQUAL' | 'NOT_EQUAL' | 'GREATER_THAN' | 'GREATER_THAN_OR_EQUAL' | 'LESS_THAN' | 'LESS_THAN_OR_EQUAL';
  }

  /** One condition: a sleepFor, an eventKey or a parent. */
  interface Condition {
    /** Satisfied when this time has passed. */
    sleepFor?: Duration;
    /** Satisfied when an event of this key is pushed. */
    eventKey?: string;
    /** Looks at the output of this parent. */
    parent?: TaskRef;
    /** CEL that must be true: over input, the event's payload, or over output, the parent's. */
    expression?: string;
    /** With eventKey: only events of this scope. */
    scope?: string;
    /** With eventKey and scope, in durable waits: events since then count, too. */
    considerEventsSince?: Date;
    /** The name of what the condition yields. Default: the event key, sleep-<duration as written> or parent-<name>. */
    readableDataKey?: string;
  }

  /** A condition; { or: [...] } for alternatives; or a list, all of which are required. */
  type Conditions = Condition | { or: Condition[] } | (Condition | { or: Condition[] })[];

  interface Filter {
    /** CEL over input, the event's payload: whether the event starts a run. */
    expression?: string;
    /** Only events pushed with this scope are looked at. */
    scope?: string;
    /** What ctx.filterPayload() gives in the runs it starts. */
    payload?: JsonObject;
  }

  interface Idempotency {
    /** CEL over input and additional_metadata: the key. */
    expression?: string;
    /** When the key is free again: after ttlMs, or when the run is final. Default 'ttl'. */
    strategy?: 'ttl' | 'status';
    /** How long the key is held, in milliseconds. */
    ttlMs?: number;
    /** With 'status': how long the key is held at most, in milliseconds. */
    fallbackTtlMs?: number;
  }

  interface TaskDefaults {
    /** How often to try again after a failure. Default 0. */
    retries?: number;
    /** How long to wait before each retry. Default: not at all. */
    backoff?: Backoff;
    /** How long one attempt may take. Default 60s. The same as executionTimeout. */
    timeout?: Duration;
    /** How long one attempt may take. Default 60s. */
    executionTimeout?: Duration;
    /** How long to wait for a free slot before giving up. Default 5m. */
    scheduleTimeout?: Duration;
    /** Limits on how often this task may start. */
    rateLimit?: RateLimit | RateLimit[];
    /** Limits on how often this task may start. */
    rateLimits?: RateLimit | RateLimit[];
    /** Which workers this task may, or should, run on. */
    workerLabels?: Record<string, WorkerLabel>;
    /** Which workers this task may, or should, run on. */
    desiredWorkerLabels?: Record<string, WorkerLabel>;
    /** Limits on how many of this task run at once. */
    concurrency?: Concurrency | Concurrency[];
  }

  interface WorkflowOptions {
    /** The workflow's name. */
    name?: string;
    /** Limits on how many runs go on at once. */
    concurrency?: Concurrency | Concurrency[];
    /** Options for every task that does not give its own. */
    taskDefaults?: TaskDefaults;
    /** What the workflow is for, shown in Hatchet. */
    description?: string;
    /** A version of yours, shown in Hatchet. */
    version?: string;
    /** Keys of events that start a run; * stands for any run of characters. */
    events?: string | string[];
    /** The same as events. */
    onEvents?: string | string[];
    /** Cron expressions, five or six fields, UTC unless they begin with TZ=<zone>. */
    cron?: string | string[];
    /** The same as cron. */
    onCrons?: string | string[];
    /** The input of runs that a cron starts. */
    cronInput?: JsonObject;
    /** Events and crons in one. */
    on?: { event?: string | string[]; cron?: string | string[] };
    /** Whether the tasks of a run go to one worker. */
    sticky?: 'soft' | 'hard';
    /** The runs' default priority: 1 low, 2 medium, 3 high. */
    priority?: 1 | 2 | 3;
    /** The same as priority. */
    defaultPriority?: 1 | 2 | 3;
    /** The same as inputSchema. */
    input?: JsonObject;
    /** JSON Schema of the input, shown in Hatchet. */
    inputSchema?: JsonObject;
    /** Whether each task checks its input against the schema before it runs. Default false. */
    validateInput?: boolean;
    /** Which of the events start a run. */
    defaultFilters?: Filter | Filter[];
    /** Runs with an equal key collide: only one of them starts. */
    idempotency?: Idempotency;
  }

  interface TaskOptions<I = any, O = any, P = {}> {
    /** The task's name, unique within the workflow. */
    name?: string;
    /** The function that does the work. */
    fn?: Handler<I, O, P>;
    /** Tasks that must be done before this one starts. */
    parents?: TaskRef | TaskRef[];
    /** How often to try again after a failure. Default 0. */
    retries?: number;
    /** How long to wait before each retry. Default: not at all. */
    backoff?: Backoff;
    /** How long one attempt may take. Default 60s. The same as executionTimeout. */
    timeout?: Duration;
    /** How long one attempt may take. Default 60s. */
    executionTimeout?: Duration;
    /** How long to wait for a free slot before giving up. Default 5m. */
    scheduleTimeout?: Duration;
    /** Limits on how often this task may start. */
    rateLimit?: RateLimit | RateLimit[];
    /** Limits on how often this task may start. */
    rateLimits?: RateLimit | RateLimit[];
    /** Limits on how many of this task run at once. */
    concurrency?: Concurrency | Concurrency[];
    /** Which workers this task may, or should, run on. */
    workerLabels?: Record<string, WorkerLabel>;
    /** Which workers this task may, or should, run on. */
    desiredWorkerLabels?: Record<string, WorkerLabel>;
    /** What to wait for, after the parents, before the task starts. */
    waitFor?: Conditions;
    /** When to skip the task: conditions, or a function that the worker calls before the handler. */
    skipIf?: Conditions | ((input: I, ctx: Context<I, P>) => boolean | Promise<boolean>);
    /** When to cancel the task, and with it what follows from it. */
    cancelIf?: Conditions;
    /** How many of the worker's slots one attempt takes. Default 1. */
    slotCost?: number;
    /** Units of the worker's custom slot types that one attempt takes. */
    slotRequests?: Record<string, number>;
    /** Batch tasks: when the runs that wait make a batch. Required for them. */
    batch?: BatchOptions;
    /** Durable tasks: the key under which the whole result is remembered. */
    checkpointKey?: string;
    /** Durable tasks: when a run that waits is given back to Hatchet and frees its slot; null = never. */
    evictionPolicy?: EvictionPolicy | null;
  }

  interface DurableTaskOptions<I = any, O = any, P = {}> extends Omit<TaskOptions<I, O, P>, 'fn' | 'slotCost' | 'batch'> {
    /** The function that does the work. */
    fn?: DurableHandler<I, O, P>;
  }

  interface BatchTaskOptions<I = any, O = any, P = {}> extends Omit<TaskOptions<I, O, P>, 'fn' | 'retries' | 'backoff' | 'batch' | 'skipIf' | 'checkpointKey'> {
    /** The function that does the work. */
    fn?: BatchHandler<I, O, P>;
    /** When the runs that wait make a batch. */
    batch: BatchOptions & { maxSize: number; broadcastOutput?: false };
    /** When to skip the task. */
    skipIf?: Conditions;
  }

  interface BroadcastTaskOptions<I = any, O = any, P = {}> extends Omit<BatchTaskOptions<I, O, P>, 'fn' | 'batch'> {
    /** The function that does the work. */
    fn?: BroadcastHandler<I, O, P>;
    /** When the runs that wait make a batch. */
    batch: BatchOptions & { maxSize: number; broadcastOutput: true };
  }

  interface TriggerOptions {
    /** What the workflow is for, shown in Hatchet. */
    description?: string;
    /** A version of yours, shown in Hatchet. */
    version?: string;
    /** Keys of events that start a run; * stands for any run of characters. */
    events?: string | string[];
    /** The same as events. */
    onEvents?: string | string[];
    /** Cron expressions, five or six fields, UTC unless they begin with TZ=<zone>. */
    cron?: string | string[];
    /** The same as cron. */
    onCrons?: string | string[];
    /** The input of runs that a cron starts. */
    cronInput?: JsonObject;
    /** Events and crons in one. */
    on?: { event?: string | string[]; cron?: string | string[] };
    /** Whether the tasks of a run go to one worker. */
    sticky?: 'soft' | 'hard';
    /** The runs' default priority: 1 low, 2 medium, 3 high. */
    priority?: 1 | 2 | 3;
    /** The same as priority. */
    defaultPriority?: 1 | 2 | 3;
    /** The same as inputSchema. */
    input?: JsonObject;
    /** JSON Schema of the input, shown in Hatchet. */
    inputSchema?: JsonObject;
    /** Whether each task checks its input against the schema before it runs. Default false. */
    validateInput?: boolean;
    /** Which of the events start a run. */
    defaultFilters?: Filter | Filter[];
    /** Runs with an equal key collide: only one of them starts. */
    idempotency?: Idempotency;
  }

  /** The options of a task that stands alone: those of a task and of a workflow. */
  type StandaloneOptions<I = any, O = any> = Omit<TaskOptions<I, O>, 'name' | 'parents'> & TriggerOptions;

  type StandaloneDurableOptions<I = any, O = any> = Omit<DurableTaskOptions<I, O>, 'name' | 'parents'> & TriggerOptions;

  type StandaloneBatchOptions<I = any, O = any> = Omit<BatchTaskOptions<I, O>, 'name' | 'parents'> & TriggerOptions;

  type StandaloneBroadcastOptions<I = any, O = any> = Omit<BroadcastTaskOptions<I, O>, 'name' | 'parents'> & TriggerOptions;

  interface RunOptions {
    /** Metadata of the run, shown in Hatchet and given to its tasks. */
    additionalMetadata?: JsonObject;
    /** 1 low, 2 medium, 3 high. Default: the workflow's own. */
    priority?: 1 | 2 | 3;
    /** Which workers the tasks of the run may, or should, run on; it wins over what they say themselves. */
    desiredWorkerLabels?: Record<string, WorkerLabel>;
    /** Whether the run goes to this worker. The workflow must be sticky, too. */
    sticky?: boolean;
    /** Of the runs that one task starts, those with an equal key are one run. */
    key?: string;
    /** The same as key. */
    childKey?: string;
  }

  interface ManyRunOptions {
    /** With a list of inputs and run: whether failures are given as errors in the list, and do not reject. */
    returnExceptions?: boolean;
    /** Metadata of the run, shown in Hatchet and given to its tasks. */
    additionalMetadata?: JsonObject;
    /** 1 low, 2 medium, 3 high. Default: the workflow's own. */
    priority?: 1 | 2 | 3;
    /** Which workers the tasks of the run may, or should, run on; it wins over what they say themselves. */
    desiredWorkerLabels?: Record<string, WorkerLabel>;
    /** Whether the run goes to this worker. The workflow must be sticky, too. */
    sticky?: boolean;
    /** Of the runs that one task starts, those with an equal key are one run. */
    key?: string;
    /** The same as key. */
    childKey?: string;
  }

  /** One of several runs to start. */
  interface Child {
    /** What to run. */
    workflow?: Runnable;
    /** The run's input. */
    input?: object;
    /** Options of the run. */
    options?: RunOptions;
  }

  interface EventOptions {
    /** Metadata of the event and of the runs it starts. */
    additionalMetadata?: JsonObject;
    /** The priority of the runs it starts. */
    priority?: 1 | 2 | 3;
    /** The scope that filters and conditions compare. */
    scope?: string;
  }

  interface BulkEvent {
    /** The event's payload, the input of the runs it starts. */
    payload?: JsonObject;
    /** Metadata of the event and of the runs it starts. */
    additionalMetadata?: JsonObject;
    /** The priority of the runs it starts. */
    priority?: 1 | 2 | 3;
    /** The scope that filters and conditions compare. */
    scope?: string;
  }

  interface PushedEvent {
    eventId: string;
    key: string;
  }

  /** When a durable run that waits is given back to Hatchet. */
  interface EvictionPolicy {
    /** How long a wait may hold the slot. Without it no wait is too long. */
    ttl?: Duration;
    /** Whether a wait of 10 seconds may end when all durable slots are taken by runs that wait. Default true. */
    allowCapacityEviction?: boolean;
    /** Then runs of a lower priority go first. Default 0. */
    priority?: number;
  }

  interface WaitForEventOptions {
    /** CEL over input, the event's payload, that must be true. */
    expression?: string;
    /** Only events of this scope. */
    scope?: string;
    /** With a scope: events pushed this long before count, too. */
    lookback?: Duration;
    /** What the wait is for, shown in Hatchet. */
    label?: string;
  }

  interface WorkerOptions {
    /** The worker's name. */
    name?: string;
    /** How many tasks may run at once. */
    slots?: number;
    /** How many durable tasks may run or wait at once. */
    durableSlots?: number;
    /** Units of slot types of your own, for the slotRequests of tasks. */
    customSlots?: Record<string, number>;
    /** Labels that tasks may ask for. */
    labels?: Record<string, string | number>;
  }

  /** Called before a handler with its input and ctx. */
  type Before = (input: any, ctx: Context) => object | void | Promise<object | void>;

  /** Called after a handler with its output, ctx and input. */
  type After = (output: any, ctx: Context, input: any) => unknown;

  interface Middleware {
    /** Called before each handler; what it returns is merged into the input. */
    before?: Before | Before[];
    /** Called after each handler that returned; what it returns takes the place of the output. */
    after?: After | After[];
  }

  /** The global function workflow. */
  interface WorkflowFunction {
    /** Declares a workflow of several tasks, to be chained: workflow('orders').task(…).taskAfter(…). */
    <I = any>(name: string, options?: WorkflowOptions): Workflow<I>;
    <I = any>(options: WorkflowOptions & { name: string }): Workflow<I>;

    /** Declares a task that stands alone: a workflow of one task of the same name. */
    task<I = any, O = any>(name: string, handler: Handler<I, O>): Task<I, Awaited<O>>;
    task<I = any, O = any>(name: string, options: StandaloneOptions<I, O>, handler: Handler<I, O>): Task<I, Awaited<O>>;
    task<I = any, O = any>(name: string, options: StandaloneOptions<I, O> & { fn: Handler<I, O> }): Task<I, Awaited<O>>;
    task<I = any, O = any>(options: StandaloneOptions<I, O> & { name: string; fn: Handler<I, O> }): Task<I, Awaited<O>>;

    /** Declares a durable task that stands alone: it survives restarts, and costs nothing while it waits. */
    durableTask<I = any, O = any>(name: string, handler: DurableHandler<I, O>): Task<I, Awaited<O>>;
    durableTask<I = any, O = any>(name: string, options: StandaloneDurableOptions<I, O>, handler: DurableHandler<I, O>): Task<I, Awaited<O>>;
    durableTask<I = any, O = any>(name: string, options: StandaloneDurableOptions<I, O> & { fn: DurableHandler<I, O> }): Task<I, Awaited<O>>;
    durableTask<I = any, O = any>(options: StandaloneDurableOptions<I, O> & { name: string; fn: DurableHandler<I, O> }): Task<I, Awaited<O>>;

    /** Declares a batch task that stands alone: one call of its handler does the work of many runs. */
    batchTask<I = any, O = any>(name: string, options: StandaloneBroadcastOptions<I, O>, handler: BroadcastHandler<I, O>): Task<I, Awaited<O>>;
    batchTask<I = any, O = any>(name: string, options: StandaloneBatchOptions<I, O>, handler: BatchHandler<I, O>): Task<I, O>;
    batchTask<I = any, O = any>(name: string, options: StandaloneBroadcastOptions<I, O> & { fn: BroadcastHandler<I, O> }): Task<I, Awaited<O>>;
    batchTask<I = any, O = any>(name: string, options: StandaloneBatchOptions<I, O> & { fn: BatchHandler<I, O> }): Task<I, O>;
    batchTask<I = any, O = any>(options: StandaloneBroadcastOptions<I, O> & { name: string; fn: BroadcastHandler<I, O> }): Task<I, Awaited<O>>;
    batchTask<I = any, O = any>(options: StandaloneBatchOptions<I, O> & { name: string; fn: BatchHandler<I, O> }): Task<I, O>;
  }

  /** The modifiers that workflows and standalone tasks share. P are the outputs of the tasks so far, by name. */
  interface Workflow<I = any, P = {}> extends Declared<I, P> {
    /** Adds a task. It starts at once, unless its options name parents. */
    task<N extends string, O, In = I>(name: N, handler: Handler<In, O, P>): Workflow<I, P & { [K in N]: Awaited<O> }>;
    task<N extends string, O, In = I>(name: N, options: TaskOptions<In, O, P>, handler: Handler<In, O, P>): Workflow<I, P & { [K in N]: Awaited<O> }>;
    task<N extends string, O, In = I>(name: N, options: TaskOptions<In, O, P> & { fn: Handler<In, O, P> }): Workflow<I, P & { [K in N]: Awaited<O> }>;
    task<N extends string, O, In = I>(options: TaskOptions<In, O, P> & { name: N; fn: Handler<In, O, P> }): Workflow<I, P & { [K in N]: Awaited<O> }>;

    /** Adds a durable task. */
    durableTask<N extends string, O, In = I>(name: N, handler: DurableHandler<In, O, P>): Workflow<I, P & { [K in N]: Awaited<O> }>;
    durableTask<N extends string, O, In = I>(name: N, options: DurableTaskOptions<In, O, P>, handler: DurableHandler<In, O, P>): Workflow<I, P & { [K in N]: Awaited<O> }>;
    durableTask<N extends string, O, In = I>(name: N, options: DurableTaskOptions<In, O, P> & { fn: DurableHandler<In, O, P> }): Workflow<I, P & { [K in N]: Awaited<O> }>;
    durableTask<N extends string, O, In = I>(options: DurableTaskOptions<In, O, P> & { name: N; fn: DurableHandler<In, O, P> }): Workflow<I, P & { [K in N]: Awaited<O> }>;

    /** Adds a batch task: one call of its handler does the work of many runs. */
    batchTask<N extends string, O, In = I>(name: N, options: BroadcastTaskOptions<In, O, P>, handler: BroadcastHandler<In, O, P>): Workflow<I, P & { [K in N]: Awaited<O> }>;
    batchTask<N extends string, O, In = I>(name: N, options: BatchTaskOptions<In, O, P>, handler: BatchHandler<In, O, P>): Workflow<I, P & { [K in N]: O }>;
    batchTask<N extends string, O, In = I>(name: N, options: BroadcastTaskOptions<In, O, P> & { fn: BroadcastHandler<In, O, P> }): Workflow<I, P & { [K in N]: Awaited<O> }>;
    batchTask<N extends string, O, In = I>(name: N, options: BatchTaskOptions<In, O, P> & { fn: BatchHandler<In, O, P> }): Workflow<I, P & { [K in N]: O }>;
    batchTask<N extends string, O, In = I>(options: BroadcastTaskOptions<In, O, P> & { name: N; fn: BroadcastHandler<In, O, P> }): Workflow<I, P & { [K in N]: Awaited<O> }>;
    batchTask<N extends string, O, In = I>(options: BatchTaskOptions<In, O, P> & { name: N; fn: BatchHandler<In, O, P> }): Workflow<I, P & { [K in N]: O }>;

    /** Adds a task that starts when its parents are done. */
    taskAfter<N extends string, O, In = I>(name: N, parents: (keyof P & string) | (keyof P & string)[], handler: Handler<In, O, P>): Workflow<I, P & { [K in N]: Awaited<O> }>;
    taskAfter<N extends string, O, In = I>(name: N, parents: (keyof P & string) | (keyof P & string)[], options: Omit<TaskOptions<In, O, P>, 'parents'>, handler: Handler<In, O, P>): Workflow<I, P & { [K in N]: Awaited<O> }>;

    /** Adds what runs when a task of the workflow has failed for good. */
    onFailure(handler: Handler<I, any, P>): this;
    /** Adds a task that runs after all others. */
    onSuccess(handler: Handler<I, any, P>): this;
    /** Limits how many runs of the workflow go on at once. A strategy of its own goes with a number. */
    concurrency(limit: number | Concurrency | Concurrency[], strategy?: Strategy): this;
    /** Starts a run, waits for it and gives its output. For running tasks only. */
    run(input?: I, options?: RunOptions): Promise<P>;
    /** Starts a run and does not wait for it. */
    runNoWait(input?: I, options?: RunOptions): Promise<RunRef<P>>;
    /** Starts a run for each input, in order. */
    runMany(inputs: I[], options?: Omit<RunOptions, 'key'>): Promise<RunRef<P>[]>;
    /** Plans a run for a time. For running tasks only; the same as hatchet.schedules.create. */
    schedule(at: Date | string, input?: I, options?: PlanOptions): Promise<Resource>;
    /** Plans a run that begins so much later. */
    delay(by: Duration, input?: I, options?: PlanOptions): Promise<Resource>;
    /** What the workflow is for, shown in Hatchet. */
    description(value: string): this;
    /** A version of yours, shown in Hatchet. */
    version(value: string): this;
    /** Keys of events that start a run; * stands for any run of characters. */
    events(...values: (string | string[])[]): this;
    /** The same as events. */
    onEvents(...values: (string | string[])[]): this;
    /** Cron expressions, five or six fields, UTC unless they begin with TZ=<zone>. */
    cron(...values: (string | string[])[]): this;
    /** The same as cron. */
    onCrons(...values: (string | string[])[]): this;
    /** The input of runs that a cron starts. */
    cronInput(value: JsonObject): this;
    /** Events and crons in one. */
    on(value: { event?: string | string[]; cron?: string | string[] }): this;
    /** Whether the tasks of a run go to one worker. */
    sticky(value: 'soft' | 'hard'): this;
    /** The runs' default priority: 1 low, 2 medium, 3 high. */
    priority(value: 1 | 2 | 3): this;
    /** The same as priority. */
    defaultPriority(value: 1 | 2 | 3): this;
    /** The same as inputSchema. */
    input(value: JsonObject): this;
    /** JSON Schema of the input, shown in Hatchet. */
    inputSchema(value: JsonObject): this;
    /** Whether each task checks its input against the schema before it runs. Default false. */
    validateInput(value: boolean): this;
    /** Which of the events start a run. */
    defaultFilters(value: Filter | Filter[]): this;
    /** Runs with an equal key collide: only one of them starts. */
    idempotency(value: Idempotency): this;
    /** Options for every task that does not give its own. */
    taskDefaults(value: TaskDefaults): this;
    /** Of the task added last: how often to try again after a failure. Default 0. */
    retries(value: number): this;
    /** Of the task added last: how long to wait before each retry. Default: not at all. */
    backoff(value: Backoff): this;
    /** Of the task added last: how long one attempt may take. Default 60s. The same as executionTimeout. */
    timeout(value: Duration): this;
    /** Of the task added last: how long one attempt may take. Default 60s. */
    executionTimeout(value: Duration): this;
    /** Of the task added last: how long to wait for a free slot before giving up. Default 5m. */
    scheduleTimeout(value: Duration): this;
    /** Of the task added last: limits on how often this task may start. */
    rateLimit(value: RateLimit | RateLimit[]): this;
    /** Of the task added last: limits on how often this task may start. */
    rateLimits(value: RateLimit | RateLimit[]): this;
    /** Of the task added last: which workers this task may, or should, run on. */
    workerLabels(value: Record<string, WorkerLabel>): this;
    /** Of the task added last: which workers this task may, or should, run on. */
    desiredWorkerLabels(value: Record<string, WorkerLabel>): this;
    /** Of the task added last: what to wait for, after the parents, before the task starts. */
    waitFor(value: Conditions): this;
    /** Of the task added last: when to skip the task: conditions, or a function that the worker calls before the handler. */
    skipIf(value: Conditions | ((input: I, ctx: Context<I, P>) => boolean | Promise<boolean>)): this;
    /** Of the task added last: when to cancel the task, and with it what follows from it. */
    cancelIf(value: Conditions): this;
    /** Of the task added last: how many of the worker's slots one attempt takes. Default 1. */
    slotCost(value: number): this;
    /** Of the task added last: units of the worker's custom slot types that one attempt takes. */
    slotRequests(value: Record<string, number>): this;
    /** Of the task added last: durable tasks: the key under which the whole result is remembered. */
    checkpointKey(value: string): this;
    /** Of the task added last: durable tasks: when a run that waits is given back to Hatchet and frees its slot; null = never. */
    evictionPolicy(value: EvictionPolicy | null): this;
    onFailure(options: Omit<TaskOptions<I, any, P>, 'name' | 'parents'>, handler?: Handler<I, any, P>): this;
    onSuccess(options: Omit<TaskOptions<I, any, P>, 'name' | 'parents'>, handler?: Handler<I, any, P>): this;
  }

  /** A task that stands alone. */
  type Task<I = any, O = any> = Omit<Workflow<I, O>, 'task' | 'durableTask' | 'batchTask' | 'taskAfter'>;

  /** What a handler is told and can do. P are the outputs of the workflow's tasks, by name. */
  interface Context<I = any, P = {}> {
    /** The run's input; an empty object if it was started without one. */
    readonly input: I;
    /** The id of the run. */
    workflowRunId(): string;
    /** The id of this task's run. */
    taskRunId(): string;
    /** The same as taskRunId. */
    taskRunExternalId(): string;
    /** The task's name. */
    taskName(): string;
    /** The workflow's name, as declared. */
    workflowName(): string;
    /** The same as workflowName. */
    workflowNameV1(): string;
    /** The id of the workflow in Hatchet. */
    workflowId(): string | undefined;
    /** The id of the workflow's version in Hatchet. */
    workflowVersionId(): string | undefined;
    /** How often this task was tried before: 0 on the first attempt. */
    retryCount(): number;
    /** The run's priority: 1 low, 2 medium, 3 high. */
    priority(): number | undefined;
    /** Which of its parent's child runs this is, from 0. */
    childIndex(): number | undefined;
    /** The key that the parent gave this child run. */
    childKey(): string | undefined;
    /** The id of the run that started this one. */
    parentWorkflowRunId(): string | undefined;
    /** The metadata of the run. Hatchet adds keys that begin with hatchet__. */
    additionalMetadata(): JsonObject;
    /** The output of a parent. It throws if the task has no such parent. */
    parentOutput<K extends keyof P & string>(parent: K): P[K];
    /** The outputs of all parents, by name. */
    readonly parentOutputs: { readonly [K in keyof P]?: P[K] } & JsonObject;
    /** In a batch task: the batch, with what is known of each of its runs. */
    readonly batch: BatchInfo | undefined;
    /** What the conditions of waitFor were satisfied by, by their key. */
    triggers(): JsonObject;
    /** The payload of the filter that let the event start this run. */
    filterPayload(): JsonObject | undefined;
    /** Whether an event started the run. */
    triggeredByEvent(): boolean;
    /** The id of the event that started the run. */
    triggeringEventId(): string | undefined;
    /** The key of the event that started the run. */
    triggeringEventKey(): string | undefined;
    /** In onFailure: the message of each failed task, by its name. */
    errors(): Record<string, string>;
    /** In onFailure: the name of the task that failed first. */
    readonly failedTask: string | undefined;
    /** In onFailure: the message of the task that failed first. */
    readonly error: string | undefined;
    /** Writes to the task's log. extra goes along as fields, and is best an object. */
    log(message: unknown, level?: LogLevel, extra?: unknown): void;
    /** Writes to the task's log, a method per level. */
    readonly logger: Logger;
    /** The worker that runs the task. */
    readonly worker: WorkerInfo;
    /** Fires when the task is cancelled, times out, or the worker stops. */
    readonly signal: AbortSignal;
    /** The controller of signal. */
    readonly abortController: AbortController;
    /** Whether signal has fired. */
    readonly cancelled: boolean;
    /** Cancels this task. */
    cancel(): Promise<void>;
    /** Throws the error again if the task was cancelled; for a catch that would otherwise go on. */
    rethrowIfCancelled(error: unknown): void;
    /** Moves the task's deadline away by this much. */
    refreshTimeout(by: Duration): Promise<void>;
    /** Frees the worker's slot for another task, while this one goes on. */
    releaseSlot(): Promise<void>;
    /** Sends a chunk to whoever follows the run's stream. Chunks arrive in the order of the calls. */
    putStream(chunk: string | Uint8Array | ArrayBuffer): Promise<void>;
    /** The same as hatchet.run. */
    runChild<I, O>(workflow: Runnable<I, O>, input?: NoInfer<I>, options?: RunOptions): Promise<O>;
    /** The same as hatchet.runNoWait. */
    runNoWaitChild<I, O>(workflow: Runnable<I, O>, input?: NoInfer<I>, options?: RunOptions): Promise<RunRef<O>>;
    /** Starts runs of any workflows at once, waits for all and gives their outputs in order. */
    bulkRunChildren(children: Child[]): Promise<any[]>;
    /** Starts runs of any workflows at once and does not wait for them. */
    bulkRunNoWaitChildren(children: Child[]): Promise<RunRef<any>[]>;
    parentOutput<T = any>(parent: TaskRef): T;
  }

  /** What the handler of a durable task can do besides. */
  interface DurableContext<I = any, P = {}> extends Context<I, P> {
    /** Computes a value once: replays get the value that was remembered. It passes through JSON. */
    memo<T>(key: string, compute: () => T | Promise<T>): Promise<T>;
    /** The time, remembered: the same in every replay. */
    now(): Promise<Date>;
    /** Sleeps. The worker may restart meanwhile. */
    sleepFor(duration: Duration, label?: string): Promise<{ durationMs: number }>;
    /** Sleeps until a time. */
    sleepUntil(date: Date, label?: string): Promise<{ durationMs: number }>;
    /** Waits for conditions. What satisfied them is in CREATE, a list by event key, or sleep-<duration>. */
    waitFor(conditions: Conditions, label?: string): Promise<{ CREATE?: Record<string, any[]> }>;
    /** Waits for an event and gives its payload. A string stands for the expression. */
    waitForEvent<T = any>(key: string, options?: string | WaitForEventOptions): Promise<T>;
    /** How often the task was started or woken, from 1. */
    readonly invocationCount: number;
    /** The same as hatchet.run. */
    spawnChild<I, O>(workflow: Runnable<I, O>, input?: NoInfer<I>, options?: RunOptions): Promise<O>;
    /** The same as bulkRunChildren. */
    spawnChildren(children: Child[]): Promise<any[]>;
  }

  interface Logger {
    /** Writes a message of level DEBUG. */
    debug(message: unknown, extra?: unknown): void;
    /** Writes a message of level INFO. */
    info(message: unknown, extra?: unknown): void;
    /** Writes a message of level WARN. */
    warn(message: unknown, extra?: unknown): void;
    /** Writes a message of level ERROR. */
    error(message: unknown, extra?: unknown): void;
  }

  interface WorkerInfo {
    /** The worker's id. */
    id(): string;
    /** The worker's name. */
    name(): string;
    /** Whether this worker serves a workflow. */
    hasWorkflow(workflow: WorkflowRef): boolean;
    /** The worker's labels. */
    labels(): Record<string, string | number>;
    /** Sets labels of the worker; others keep their value. */
    upsertLabels(labels: Record<string, string | number>): Promise<void>;
  }

  /** The global object hatchet. */
  interface Client {
    /** Starts a run, waits for it and gives its output: of a task by its own name the task's, of other workflows an object of outputs by task. */
    run<I, O>(workflow: Runnable<I, O>, input?: NoInfer<I>, options?: RunOptions): Promise<O>;
    /** Starts a run and does not wait for it. */
    runNoWait<I, O>(workflow: Runnable<I, O>, input?: NoInfer<I>, options?: RunOptions): Promise<RunRef<O>>;
    /** Starts a run for each input, in order. */
    runMany<I, O>(workflow: Runnable<I, O>, inputs: NoInfer<I>[], options?: Omit<RunOptions, 'key'>): Promise<RunRef<O>[]>;
    /** Waits for a run and gives its output, by task if the run is given by its id. */
    result<O = any>(run: string | RunRef<O>): Promise<O>;
    /** A run's status now. */
    status(run: string | RunRef<any>): Promise<RunStatus>;
    /** Cancels runs. */
    cancel(runs: string | RunRef<any> | (string | RunRef<any>)[]): Promise<void>;
    /** Puts hooks around every handler of this file, while it loads. */
    withMiddleware(hooks: Middleware): this;
    /** Sets up the worker that serves this file. Flags of the command win. */
    worker(options: WorkerOptions): void;
    /** Pushes events, which start workflows and wake waiting tasks. */
    readonly events: Events;
    /** The same as events. */
    readonly event: Events;
    /** Looks at runs, cancels and replays them, and follows what they stream. */
    readonly runs: Runs;
    /** Plans single runs for a time to come. */
    readonly schedules: Schedules;
    /** The same as schedules. */
    readonly schedule: Schedules;
    /** The same as schedules. */
    readonly scheduled: Schedules;
    /** Crons beside those that workflows declare. */
    readonly crons: Crons;
    /** The same as crons. */
    readonly cron: Crons;
    /** The workflows that the engine knows. */
    readonly workflows: Workflows;
    /** The same as workflows. */
    readonly tasks: Workflows;
    /** The workers that the engine knows. */
    readonly workers: Workers;
    /** Rate limits that tasks share. */
    readonly ratelimits: RateLimits;
    /** Filters that decide which events start a workflow. */
    readonly filters: Filters;
    /** Webhooks, whose calls become events. */
    readonly webhooks: Webhooks;
    /** Logs of tasks. */
    readonly logs: Logs;
    /** Counts of tasks. */
    readonly metrics: Metrics;
    /** Tries out CEL expressions. */
    readonly cel: Cel;
    /** The tenant that the worker belongs to. */
    readonly tenant: Tenant;
    /** Any request of Hatchet's REST API, in the worker's name. */
    readonly api: Api;
    run<I, O>(workflow: Runnable<I, O>, inputs: NoInfer<I>[], options?: Omit<ManyRunOptions, 'key' | 'childKey'>): Promise<O[]>;
    runNoWait<I, O>(workflow: Runnable<I, O>, inputs: NoInfer<I>[], options?: Omit<RunOptions, 'key' | 'childKey'>): Promise<RunRef<O>[]>;
    worker(name: string, options?: WorkerOptions): void;
  }

  interface Events {
    /** Pushes an event. */
    push(key: string, payload?: object, options?: EventOptions): Promise<PushedEvent>;
    /** Pushes several events of one key. What an item does not say is taken from the options. */
    bulkPush(key: string, events: BulkEvent[], options?: EventOptions): Promise<PushedEvent[]>;
    /** Events that were pushed, newest first, with the runs that they started. */
    list(options?: ListEventsOptions): Promise<Page<Resource>>;
  }

  interface Runs {
    /** Everything that the engine tells of a run: { run, tasks, taskEvents, shape }. */
    get(run: string | RunRef<any>): Promise<JsonObject>;
    /** A run's status now, from the engine's own books. */
    getStatus(run: string | RunRef<any>): Promise<RunStatus>;
    /** The same as getStatus. */
    get_status(run: string | RunRef<any>): Promise<RunStatus>;
    /** A run's status, input and metadata, and the status, output and error of each task. */
    getDetails(run: string | RunRef<any>): Promise<RunDetails>;
    /** Runs, newest first: { rows, pagination }. */
    list(options?: ListRunsOptions): Promise<Page<JsonObject>>;
    /** Cancels runs and tasks, by their ids, or all that filters select, at most 20,000. */
    cancel(which: { ids?: (string | RunRef<any>)[]; filters?: RunFilters }): Promise<{ ids: string[] }>;
    /** Runs runs and tasks again, by their ids, or all that filters select, at most 1,000. */
    replay(which: { ids?: (string | RunRef<any>)[]; filters?: RunFilters }): Promise<{ ids: string[] }>;
    /** Has a durable task that was evicted while it waited come back to a worker. */
    restoreTask(taskRunId: string): Promise<JsonObject>;
    /** Runs a durable task again from one of the steps of its log. The first branch is 1. */
    branchDurableTask(taskRunId: string, nodeId: number, branchId?: number): Promise<JsonObject>;
    /** The id of the first task of a run. */
    getTaskExternalId(run: string | RunRef<any>): Promise<string>;
    /** The reference to a run that is known by its id. */
    runRef<O = any>(id: string): RunRef<O>;
    /** What the run streams from now on, to be taken by for await; it ends with the run. */
    subscribeToStream(run: string | RunRef<any>): AsyncIterableIterator<string>;
  }

  interface Schedules {
    /** Plans one run of a workflow. */
    create(workflow: WorkflowRef, options: ScheduleOptions): Promise<Resource>;
    /** The planned runs. */
    list(options?: ListSchedulesOptions): Promise<Page<Resource>>;
    /** One planned run. */
    get(schedule: string | Resource): Promise<Resource>;
    /** Moves a planned run to another time. */
    update(schedule: string | Resource, options: { triggerAt: Date | string }): Promise<Resource>;
    /** Removes a planned run. */
    delete(schedule: string | Resource): Promise<void>;
    /** Removes planned runs, by their ids or all that a filter selects. */
    bulkDelete(which: { scheduledRuns?: (string | Resource)[]; filter?: ScheduleFilter }): Promise<JsonObject>;
    /** Moves planned runs to other times. */
    bulkUpdate(updates: { scheduledRun: string | Resource; triggerAt: Date | string }[]): Promise<JsonObject>;
  }

  interface Crons {
    /** Has a workflow run whenever a cron expression says. */
    create(workflow: WorkflowRef, options: CronOptions): Promise<Resource>;
    /** The crons, those that workflows declare among them. */
    list(options?: ListCronsOptions): Promise<Page<Resource>>;
    /** One cron. */
    get(cron: string | Resource): Promise<Resource>;
    /** Turns a cron off, or on again. */
    update(cron: string | Resource, options: { enabled: boolean }): Promise<void>;
    /** Removes a cron. */
    delete(cron: string | Resource): Promise<void>;
  }

  interface Workflows {
    /** What the engine knows of a workflow, by its name or id. */
    get(workflow: WorkflowRef): Promise<Resource>;
    /** The id of a workflow. */
    getWorkflowIdFromName(workflow: WorkflowRef): Promise<string>;
    /** The workflows. */
    list(options?: ListWorkflowsOptions): Promise<Page<Resource>>;
    /** Deletes a workflow, with its crons and what waits of it. */
    delete(workflow: WorkflowRef): Promise<void>;
    /** Holds a workflow's runs back until it is unpaused. */
    pause(workflow: WorkflowRef, options?: PauseOptions): Promise<Resource>;
    /** Lets a paused workflow's runs begin. */
    unpause(workflow: WorkflowRef): Promise<Resource>;
    /** Whether a workflow is paused. */
    isPaused(workflow: WorkflowRef): Promise<boolean>;
  }

  interface Workers {
    /** The workers. */
    list(options?: ListWorkersOptions): Promise<Page<Resource>>;
    /** One worker; ctx.worker.id() is the id of this one. */
    get(worker: string | Resource): Promise<Resource>;
    /** Whether a worker is paused. */
    isPaused(worker: string | Resource): Promise<boolean>;
    /** Gives a worker no more tasks. What it runs goes on. */
    pause(worker: string | Resource): Promise<Resource>;
    /** Gives a paused worker tasks again. */
    unpause(worker: string | Resource): Promise<Resource>;
  }

  interface RateLimits {
    /** Creates or changes a rate limit, and gives its key. */
    upsert(limit: RateLimitUpsert): Promise<string>;
    /** The rate limits. */
    list(options?: ListRateLimitsOptions): Promise<Page<JsonObject>>;
  }

  interface Filters {
    /** The filters. */
    list(options?: ListFiltersOptions): Promise<Page<Resource>>;
    /** One filter. */
    get(filter: string | Resource): Promise<Resource>;
    /** Makes a filter: events of its scope start the workflow where its expression is true. */
    create(options: CreateFilterOptions): Promise<Resource>;
    /** Changes a filter. */
    update(filter: string | Resource, options: UpdateFilterOptions): Promise<Resource>;
    /** Removes a filter. */
    delete(filter: string | Resource): Promise<Resource>;
  }

  interface Webhooks {
    /** The webhooks. */
    list(options?: ListWebhooksOptions): Promise<Page<Resource>>;
    /** One webhook. */
    get(name: string): Promise<Resource>;
    /** Makes a webhook. */
    create(options: CreateWebhookOptions): Promise<Resource>;
    /** Changes a webhook. */
    update(name: string, options: UpdateWebhookOptions): Promise<Resource>;
    /** Removes a webhook. */
    delete(name: string): Promise<Resource>;
  }

  interface Logs {
    /** The log of a task. */
    list(taskRunId: string, options?: ListLogsOptions): Promise<Page<JsonObject>>;
  }

  interface Metrics {
    /** How many tasks are in each status: { queued, running, completed, failed, cancelled }. */
    getTaskStatusMetrics(options?: TaskMetricsOptions): Promise<TaskStatusMetrics>;
    /** How many tasks wait, by action. */
    getQueueMetrics(): Promise<JsonObject>;
    /** The engine's metrics of the tenant, in Prometheus' text format. */
    scrapePrometheusMetrics(): Promise<string>;
    /** How many tasks wait and run, by task and concurrency key. */
    getTaskStats(): Promise<JsonObject>;
  }

  interface Cel {
    /** Evaluates a filter's expression. */
    debug(what: CelDebugOptions): Promise<{ status: 'SUCCESS'; output: boolean } | { status: 'ERROR'; error: string }>;
  }

  interface Tenant {
    /** The tenant that the worker belongs to. */
    get(): Promise<Resource>;
  }

  interface Api {
    /** Makes a request and gives the body of the answer. */
    request<T = any>(request: ApiRequest): Promise<T>;
    /** A GET request. */
    get<T = any>(path: string, options?: { query?: ApiQuery }): Promise<T>;
    /** A POST request with a JSON body. */
    post<T = any>(path: string, body?: unknown, options?: { query?: ApiQuery }): Promise<T>;
    /** A PUT request with a JSON body. */
    put<T = any>(path: string, body?: unknown, options?: { query?: ApiQuery }): Promise<T>;
    /** A PATCH request with a JSON body. */
    patch<T = any>(path: string, body?: unknown, options?: { query?: ApiQuery }): Promise<T>;
    /** A DELETE request. */
    delete<T = any>(path: string, options?: { query?: ApiQuery }): Promise<T>;
  }

  /** What the engine keeps and gives an id. The other fields are those of Hatchet's REST API. */
  interface Resource {
    metadata: { id: string; createdAt: string; updatedAt: string };
    [field: string]: any;
  }

  interface Page<T> {
    rows?: T[];
    pagination?: { current_page?: number; next_page?: number; num_pages?: number };
  }

  /** Where a run stands. */
  interface RunDetails {
    status: RunStatus;
    done: boolean;
    input: any;
    additionalMetadata: any;
    /** Whether all that is left waits and holds no slot. */
    isEvicted: boolean;
    taskRuns: Record<string, { externalId: string; readableId: string; status: RunStatus; output: any; error?: string; isEvicted: boolean }>;
  }

  type TaskStatusMetrics = Record<'queued' | 'running' | 'completed' | 'failed' | 'cancelled', number>;

  type WebhookAuth =
    | { username: string; password: string }
    | { headerName: string; apiKey: string }
    | {
        algorithm: 'SHA1' | 'SHA256' | 'SHA512' | 'MD5';
        encoding: 'HEX' | 'BASE64' | 'BASE64URL';
        signatureHeaderName: string;
        signingSecret: string;
      };

  type ApiQuery = Record<string, string | number | boolean | (string | number | boolean)[] | undefined>;

  interface ListRunsOptions {
    /** Only what began since. Default: an hour ago. */
    since?: Date | string;
    /** Only what began until then. */
    until?: Date | string;
    /** Only what is in one of these statuses. */
    statuses?: RunStatus[];
    /** Only runs of these workflows. */
    workflowNames?: WorkflowRef[];
    /** Only runs with all of this metadata. */
    additionalMetadata?: Record<string, string>;
    /** How many to leave out at the beginning. */
    offset?: number;
    /** How many at most. */
    limit?: number;
    /** Only what ran on this worker. */
    workerId?: string;
    /** Whether to list tasks and not runs. Default false. */
    onlyTasks?: boolean;
    /** Only the children of this task. */
    parentTaskExternalId?: string;
    /** The same as parentTaskExternalId. */
    parentTaskRunExternalId?: string;
    /** Only runs that this event started. */
    triggeringEventExternalId?: string;
    /** Whether rows have inputs and outputs. */
    includePayloads?: boolean;
  }

  interface RunFilters {
    /** Only what began since. Default: an hour ago. */
    since?: Date | string;
    /** Only what began until then. */
    until?: Date | string;
    /** Only what is in one of these statuses. */
    statuses?: RunStatus[];
    /** Only runs of these workflows. */
    workflowNames?: WorkflowRef[];
    /** Only runs with any of this metadata. */
    additionalMetadata?: Record<string, string>;
  }

  interface ScheduleOptions {
    /** When the run is to begin. */
    triggerAt?: Date | string;
    /** The input of the runs. */
    input?: JsonObject;
    /** Metadata of the runs. */
    additionalMetadata?: JsonObject;
    /** The priority of the runs. Default: the workflow's own. */
    priority?: 1 | 2 | 3;
  }

  interface ListSchedulesOptions {
    /** Only runs of this workflow. */
    workflow?: WorkflowRef;
    /** The same by the workflow's id. */
    workflowId?: string;
    /** Only what this run has planned. */
    parentWorkflowRunId?: string;
    /** Only what this task has planned. */
    parentStepRunId?: string;
    /** Only what is in one of these statuses, SCHEDULED among them. */
    statuses?: string[];
    /** What to sort by. */
    orderByField?: 'triggerAt' | 'createdAt';
    /** Only those with this metadata. */
    additionalMetadata?: Record<string, string>;
    /** Which way to sort. */
    orderByDirection?: 'ASC' | 'DESC';
    /** How many to leave out at the beginning. */
    offset?: number;
    /** How many at most. */
    limit?: number;
  }

  interface ScheduleFilter {
    /** Only runs of this workflow. */
    workflow?: WorkflowRef;
    /** The same by the workflow's id. */
    workflowId?: string;
    /** Only what this run has planned. */
    parentWorkflowRunId?: string;
    /** Only what this task has planned. */
    parentStepRunId?: string;
    /** Only those with this metadata. */
    additionalMetadata?: Record<string, string>;
  }

  interface CronOptions {
    /** The name of the cron. */
    name?: string;
    /** Five or six fields, UTC unless it begins with TZ=<zone>. */
    expression?: string;
    /** The input of the runs. */
    input?: JsonObject;
    /** Metadata of the runs. */
    additionalMetadata?: JsonObject;
    /** The priority of the runs. Default: the workflow's own. */
    priority?: 1 | 2 | 3;
  }

  interface ListCronsOptions {
    /** Only crons of this workflow. */
    workflow?: WorkflowRef;
    /** The same by the workflow's id. */
    workflowId?: string;
    /** Only crons of workflows of this name. */
    workflowName?: string;
    /** Only crons of this name. */
    cronName?: string;
    /** What to sort by. */
    orderByField?: 'name' | 'createdAt';
    /** Only those with this metadata. */
    additionalMetadata?: Record<string, string>;
    /** Which way to sort. */
    orderByDirection?: 'ASC' | 'DESC';
    /** How many to leave out at the beginning. */
    offset?: number;
    /** How many at most. */
    limit?: number;
  }

  interface PlanOptions {
    /** Metadata of the runs. */
    additionalMetadata?: JsonObject;
    /** The priority of the runs. Default: the workflow's own. */
    priority?: 1 | 2 | 3;
  }

  interface ListWorkflowsOptions {
    /** Only workflows whose name contains this. */
    name?: string;
    /** How many to leave out at the beginning. */
    offset?: number;
    /** How many at most. */
    limit?: number;
  }

  interface PauseOptions {
    /** What becomes of runs that crons start meanwhile. Default 'DROP'. */
    cronRuns?: 'QUEUE' | 'DROP';
    /** What becomes of planned runs that fall due meanwhile. Default 'DROP'. */
    scheduledRuns?: 'QUEUE' | 'DROP';
    /** How long runs may wait for the end of the pause. Default 24h. */
    queueTTL?: Duration;
  }

  interface ListWorkersOptions {
    /** Only workers in one of these statuses. */
    statuses?: ('ACTIVE' | 'INACTIVE' | 'PAUSED')[];
    /** Only workers with these labels, each as key:value. */
    labels?: string[];
    /** How many to leave out at the beginning. */
    offset?: number;
    /** How many at most. */
    limit?: number;
  }

  interface RateLimitUpsert {
    /** The name of the limit. */
    key?: string;
    /** How many units a window has. */
    limit?: number;
    /** The window. Default 'minute'. */
    duration?: 'second' | 'minute' | 'hour' | 'day' | 'week' | 'month' | 'year';
  }

  interface ListRateLimitsOptions {
    /** Only limits whose key contains this. */
    search?: string;
    /** What to sort by. */
    orderByField?: 'key' | 'value' | 'limitValue';
    /** Which way to sort. */
    orderByDirection?: 'asc' | 'desc';
    /** How many to leave out at the beginning. */
    offset?: number;
    /** How many at most. */
    limit?: number;
  }

  interface CreateFilterOptions {
    /** The workflow. */
    workflow?: WorkflowRef;
    /** The same by the workflow's id. */
    workflowId?: string;
    /** CEL over input, the event's payload, and payload, the filter's. */
    expression?: string;
    /** Only events pushed with this scope are looked at. */
    scope?: string;
    /** What ctx.filterPayload() gives in the runs it starts. */
    payload?: JsonObject;
  }

  interface UpdateFilterOptions {
    /** CEL over input, the event's payload, and payload, the filter's. */
    expression?: string;
    /** Only events pushed with this scope are looked at. */
    scope?: string;
    /** What ctx.filterPayload() gives in the runs it starts. */
    payload?: JsonObject;
  }

  interface ListFiltersOptions {
    /** Only filters of these workflows. */
    workflows?: WorkflowRef[];
    /** The same by the workflows' ids. */
    workflowIds?: string[];
    /** Only filters of these scopes. */
    scopes?: string[];
    /** How many to leave out at the beginning. */
    offset?: number;
    /** How many at most. */
    limit?: number;
  }

  interface CreateWebhookOptions {
    /** The webhook's name, part of its address. */
    name?: string;
    /** Who calls. */
    sourceName?: 'GENERIC' | 'GITHUB' | 'STRIPE' | 'SLACK' | 'LINEAR' | 'SVIX';
    /** How the caller proves who it is: basic, an API key, or HMAC. */
    auth?: WebhookAuth;
    /** CEL over input and headers: the key of the event. */
    eventKeyExpression?: string;
    /** CEL over input and headers: the scope of the event. */
    scopeExpression?: string;
    /** What goes into every event besides. */
    staticPayload?: JsonObject;
    /** Whether the caller is answered with the event. */
    returnEventAsResponsePayload?: boolean;
  }

  interface UpdateWebhookOptions {
    /** CEL over input and headers: the key of the event. */
    eventKeyExpression?: string;
    /** CEL over input and headers: the scope of the event. */
    scopeExpression?: string;
    /** What goes into every event besides. */
    staticPayload?: JsonObject;
    /** Whether the caller is answered with the event. */
    returnEventAsResponsePayload?: boolean;
  }

  interface ListWebhooksOptions {
    /** Only these webhooks. */
    webhookNames?: string[];
    /** Only webhooks of these callers. */
    sourceNames?: string[];
    /** How many to leave out at the beginning. */
    offset?: number;
    /** How many at most. */
    limit?: number;
  }

  interface ListEventsOptions {
    /** Only events of these keys. */
    keys?: string[];
    /** Only events since. */
    since?: Date | string;
    /** Only events until then. */
    until?: Date | string;
    /** Only events that started these workflows. */
    workflows?: WorkflowRef[];
    /** The same by the workflows' ids. */
    workflowIds?: string[];
    /** Only events with runs in one of these statuses. */
    workflowRunStatuses?: RunStatus[];
    /** Only these events. */
    eventIds?: string[];
    /** Only events with this metadata. */
    additionalMetadata?: Record<string, string>;
    /** Only events of these scopes. */
    scopes?: string[];
    /** How many to leave out at the beginning. */
    offset?: number;
    /** How many at most. */
    limit?: number;
  }

  interface ListLogsOptions {
    /** How many lines at most. */
    limit?: number;
    /** Only lines since. */
    since?: Date | string;
    /** Only lines until then. */
    until?: Date | string;
    /** Only lines that contain this. */
    search?: string;
    /** Only lines of these levels. */
    levels?: ('DEBUG' | 'INFO' | 'WARN' | 'ERROR')[];
    /** Which way to sort by time. */
    orderByDirection?: 'ASC' | 'DESC';
    /** Only lines of this attempt, from 1. */
    attempt?: number;
  }

  interface TaskMetricsOptions {
    /** Only tasks that began since. Default: an hour ago. */
    since?: Date | string;
    /** Only tasks that began until then. */
    until?: Date | string;
    /** Only tasks of these workflows. */
    workflows?: WorkflowRef[];
    /** The same by the workflows' ids. */
    workflow_ids?: string[];
    /** Only the children of this task. */
    parent_task_external_id?: string;
    /** Only tasks that this event started. */
    triggering_event_external_id?: string;
    /** Only tasks with this metadata, each as key:value. */
    additional_metadata?: string[];
  }

  interface CelDebugOptions {
    /** CEL over input, payload and additional_metadata, as in a filter. */
    expression?: string;
    /** The event's payload. */
    input?: JsonObject;
    /** The filter's payload. */
    filterPayload?: JsonObject;
    /** The event's metadata. */
    additionalMetadata?: Record<string, string>;
  }

  interface ApiRequest {
    /** Default 'GET'. */
    method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
    /** The path, which begins with /api/; {tenant} in it stands for the worker's tenant. */
    path?: string;
    /** What follows the path; a list repeats its key. */
    query?: ApiQuery;
    /** What is sent as JSON. */
    body?: unknown;
  }

  /** A run that was started. */
  interface RunRef<O = any> {
    /** The run's id. */
    readonly runId: string;
    /** The same as runId. */
    readonly workflowRunId: string;
    /** Waits for the run and gives its output. It rejects if the run failed or was cancelled. */
    result(): Promise<O>;
    /** The same as result(). */
    readonly output: Promise<O>;
    /** The run's status now. */
    status(): Promise<RunStatus>;
    /** Cancels the run. */
    cancel(): Promise<void>;
  }

  /** What waiting for a run rejects with when it failed or was cancelled. The message is that of the task that failed first. */
  interface RunFailedError extends Error {
    readonly name: 'RunFailedError';
    readonly runId: string;
    readonly status: 'FAILED' | 'CANCELLED';
    readonly task?: string;
    readonly errors: { task: string; message: string; stack: string }[];
  }

  /** What a durable task throws that asks for something else than before. */
  interface NonDeterminismError extends Error {
    readonly name: 'NonDeterminismError';
    readonly step: number;
  }

  /** What a request of Hatchet's REST API rejects with when it is refused. */
  interface ApiError extends Error {
    readonly name: 'ApiError';
    /** The HTTP status. */
    readonly status: number;
  }

  /** What starting a run rejects with when another run holds its idempotency key. */
  interface IdempotencyCollisionError extends Error {
    readonly name: 'IdempotencyCollisionError';
    readonly runId?: string;
  }
}

/** Declares workflows and tasks, while the file loads. */
declare const workflow: Hatchet.WorkflowFunction;

/** Starts runs and pushes events, inside handlers. */
declare const hatchet: Hatchet.Client;

/** An error after which the task is not tried again. It can be extended. */
declare class NonRetryableError extends Error {
  constructor(message?: string, options?: { cause?: unknown });
}

// The web platform, as far as it is there. Leave the library "dom" out of
// tsconfig's lib: it would promise more.

interface Console {
  /** Writes a message of level INFO to the task's log. A first string may hold %s %d %i %f %j %o %O. */
  log(...data: any[]): void;
  /** The same as log. */
  info(...data: any[]): void;
  /** Writes a message of level DEBUG. */
  debug(...data: any[]): void;
  /** Writes a message of level WARN. */
  warn(...data: any[]): void;
  /** Writes a message of level ERROR. */
  error(...data: any[]): void;
  /** Writes a message of level ERROR with the stack of the call. */
  trace(...data: any[]): void;
  /** Writes a message of level ERROR unless the condition holds. */
  assert(condition?: boolean, ...data: any[]): void;
  /** Shows a value to a depth. */
  dir(item?: any, options?: { depth?: number | null }): void;
  /** The same as log. */
  dirxml(...data: any[]): void;
  /** Shows rows of objects or arrays as a table. */
  table(data?: any, columns?: string[]): void;
  /** Indents what follows, up to groupEnd. */
  group(...label: any[]): void;
  /** The same as group. */
  groupCollapsed(...label: any[]): void;
  /** Ends the innermost group. */
  groupEnd(): void;
  /** Counts its calls and writes the count. */
  count(label?: string): void;
  /** Begins a count anew. */
  countReset(label?: string): void;
  /** Starts a timer. */
  time(label?: string): void;
  /** Writes how long a timer has run. */
  timeLog(label?: string, ...data: any[]): void;
  /** Writes how long a timer has run, and ends it. */
  timeEnd(label?: string): void;
}
declare var console: Console;

declare function setTimeout(callback: (...args: any[]) => void, ms?: number, ...args: any[]): any;
declare function setInterval(callback: (...args: any[]) => void, ms?: number, ...args: any[]): any;
declare function setImmediate(callback: (...args: any[]) => void, ...args: any[]): any;
declare function clearTimeout(timer: any): void;
declare function clearInterval(timer: any): void;
declare function clearImmediate(timer: any): void;
declare function queueMicrotask(callback: () => void): void;
declare function structuredClone<T>(value: T, options?: { transfer?: Iterable<ArrayBuffer> }): T;
declare function btoa(data: string): string;
declare function atob(data: string): string;

interface EventInit {
  bubbles?: boolean;
  cancelable?: boolean;
  composed?: boolean;
}
interface Event {
  readonly type: string;
  readonly target: EventTarget | null;
  readonly currentTarget: EventTarget | null;
  readonly bubbles: boolean;
  readonly cancelable: boolean;
  readonly defaultPrevented: boolean;
  readonly timeStamp: number;
  preventDefault(): void;
  stopPropagation(): void;
  stopImmediatePropagation(): void;
}
declare var Event: { prototype: Event; new (type: string, options?: EventInit): Event };

interface CustomEvent<T = any> extends Event {
  readonly detail: T;
}
declare var CustomEvent: {
  prototype: CustomEvent;
  new <T>(type: string, options?: EventInit & { detail?: T }): CustomEvent<T>;
};

type EventListener = ((event: any) => void) | { handleEvent(event: any): void };
interface EventTarget {
  addEventListener(type: string, listener: EventListener | null, options?: boolean | { once?: boolean; capture?: boolean; signal?: AbortSignal }): void;
  removeEventListener(type: string, listener: EventListener | null, options?: boolean | { capture?: boolean }): void;
  dispatchEvent(event: Event): boolean;
}
declare var EventTarget: { prototype: EventTarget; new (): EventTarget };

interface AbortSignal extends EventTarget {
  readonly aborted: boolean;
  readonly reason: any;
  onabort: ((event: Event) => void) | null;
  throwIfAborted(): void;
}
declare var AbortSignal: {
  prototype: AbortSignal;
  abort(reason?: any): AbortSignal;
  timeout(ms: number): AbortSignal;
  any(signals: Iterable<AbortSignal>): AbortSignal;
};

interface AbortController {
  readonly signal: AbortSignal;
  abort(reason?: any): void;
}
declare var AbortController: { prototype: AbortController; new (): AbortController };

interface DOMException extends Error {
  readonly code: number;
}
declare var DOMException: { prototype: DOMException; new (message?: string, name?: string | { name?: string; cause?: unknown }): DOMException };

interface TextEncoder {
  readonly encoding: string;
  encode(text?: string): Uint8Array;
  encodeInto(text: string, target: Uint8Array): { read: number; written: number };
}
declare var TextEncoder: { prototype: TextEncoder; new (): TextEncoder };

interface TextDecoder {
  readonly encoding: string;
  readonly fatal: boolean;
  readonly ignoreBOM: boolean;
  decode(input?: ArrayBuffer | ArrayBufferView, options?: { stream?: boolean }): string;
}
/** Decodes the encodings of the Encoding standard. */
declare var TextDecoder: { prototype: TextDecoder; new (label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean }): TextDecoder };

interface URLSearchParams {
  readonly size: number;
  append(name: string, value: string): void;
  delete(name: string, value?: string): void;
  get(name: string): string | null;
  getAll(name: string): string[];
  has(name: string, value?: string): boolean;
  set(name: string, value: string): void;
  sort(): void;
  toString(): string;
  forEach(callback: (value: string, name: string, parent: URLSearchParams) => void): void;
  keys(): IterableIterator<string>;
  values(): IterableIterator<string>;
  entries(): IterableIterator<[string, string]>;
  [Symbol.iterator](): IterableIterator<[string, string]>;
}
declare var URLSearchParams: {
  prototype: URLSearchParams;
  new (init?: string | Record<string, string> | Iterable<[string, string]> | URLSearchParams): URLSearchParams;
};

interface URL {
  hash: string;
  host: string;
  hostname: string;
  href: string;
  readonly origin: string;
  password: string;
  pathname: string;
  port: string;
  protocol: string;
  search: string;
  readonly searchParams: URLSearchParams;
  username: string;
  toString(): string;
  toJSON(): string;
}
declare var URL: {
  prototype: URL;
  new (url: string | URL, base?: string | URL): URL;
  canParse(url: string | URL, base?: string | URL): boolean;
  parse(url: string | URL, base?: string | URL): URL | null;
};

/** Parts of a URL, or patterns for them. */
interface URLPatternInit {
  protocol?: string;
  username?: string;
  password?: string;
  hostname?: string;
  port?: string;
  pathname?: string;
  search?: string;
  hash?: string;
  baseURL?: string;
}
interface URLPatternComponentResult {
  input: string;
  groups: Record<string, string | undefined>;
}
interface URLPatternResult {
  inputs: [URLPatternInit] | [string, string?];
  protocol: URLPatternComponentResult;
  username: URLPatternComponentResult;
  password: URLPatternComponentResult;
  hostname: URLPatternComponentResult;
  port: URLPatternComponentResult;
  pathname: URLPatternComponentResult;
  search: URLPatternComponentResult;
  hash: URLPatternComponentResult;
}
interface URLPattern {
  readonly protocol: string;
  readonly username: string;
  readonly password: string;
  readonly hostname: string;
  readonly port: string;
  readonly pathname: string;
  readonly search: string;
  readonly hash: string;
  readonly hasRegExpGroups: boolean;
  test(input?: string | URL | URLPatternInit, baseURL?: string | URL): boolean;
  exec(input?: string | URL | URLPatternInit, baseURL?: string | URL): URLPatternResult | null;
}
/** A pattern that URLs match, such as https://*.example.com/orders/:id. */
declare var URLPattern: {
  prototype: URLPattern;
  new (input: string | URL, baseURL: string | URL, options?: { ignoreCase?: boolean }): URLPattern;
  new (input?: string | URL | URLPatternInit, options?: { ignoreCase?: boolean }): URLPattern;
};

/** What may be the body of a request or response. What is iterated and streams are sent as they come. */
type BodyInit = string | URLSearchParams | FormData | Blob | ArrayBuffer | ArrayBufferView | ReadableStream | AsyncIterable<string | Uint8Array>;
type HeadersInit = Headers | Record<string, string> | Iterable<readonly [string, string]>;

interface Headers {
  append(name: string, value: string): void;
  delete(name: string): void;
  get(name: string): string | null;
  getSetCookie(): string[];
  has(name: string): boolean;
  set(name: string, value: string): void;
  forEach(callback: (value: string, name: string, parent: Headers) => void): void;
  keys(): IterableIterator<string>;
  values(): IterableIterator<string>;
  entries(): IterableIterator<[string, string]>;
  [Symbol.iterator](): IterableIterator<[string, string]>;
}
declare var Headers: { prototype: Headers; new (init?: HeadersInit): Headers };

interface Body {
  /** Null if there is none. */
  readonly body: ReadableStream<Uint8Array> | null;
  readonly bodyUsed: boolean;
  arrayBuffer(): Promise<ArrayBuffer>;
  blob(): Promise<Blob>;
  bytes(): Promise<Uint8Array>;
  formData(): Promise<FormData>;
  json(): Promise<any>;
  text(): Promise<string>;
}

interface RequestInit {
  method?: string;
  headers?: HeadersInit;
  body?: BodyInit | null;
  /** 'follow' (the default) goes along up to 20 redirects, 'manual' gives the redirect itself, 'error' fails. */
  redirect?: 'follow' | 'error' | 'manual';
  signal?: AbortSignal | null;
  /** Accepted and without effect, as cache, credentials, mode and the like are. */
  duplex?: 'half';
  cache?: string;
  credentials?: string;
  integrity?: string;
  keepalive?: boolean;
  mode?: string;
  referrer?: string;
  referrerPolicy?: string;
}
interface Request extends Body {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly redirect: 'follow' | 'error' | 'manual';
  readonly signal: AbortSignal;
  clone(): Request;
}
declare var Request: { prototype: Request; new (input: string | URL | Request, init?: RequestInit): Request };

interface ResponseInit {
  status?: number;
  statusText?: string;
  headers?: HeadersInit;
}
interface Response extends Body {
  /** Whether the status is one from 200 to 299. */
  readonly ok: boolean;
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
  /** The address of the last hop. */
  readonly url: string;
  readonly redirected: boolean;
  readonly type: 'basic' | 'default' | 'error';
  clone(): Response;
}
declare var Response: {
  prototype: Response;
  new (body?: BodyInit | null, init?: ResponseInit): Response;
  error(): Response;
  json(data: any, init?: ResponseInit): Response;
  redirect(url: string | URL, status?: number): Response;
};

interface MessageEvent<T = any> extends Event {
  readonly data: T;
  readonly origin: string;
  readonly lastEventId: string;
}
declare var MessageEvent: { prototype: MessageEvent; new <T>(type: string, init?: { data?: T; origin?: string; lastEventId?: string }): MessageEvent<T> };
/** One end of a channel for messages within the VM. Listening to 'message' starts it. It keeps no run alive. */
interface MessagePort extends EventTarget {
  onmessage: ((event: MessageEvent) => void) | null;
  onmessageerror: ((event: MessageEvent) => void) | null;
  onclose: ((event: Event) => void) | null;
  postMessage(message: unknown, transfer?: object[] | { transfer?: object[] }): void;
  start(): void;
  close(): void;
}
declare var MessagePort: { prototype: MessagePort; new (): never };
interface MessageChannel {
  readonly port1: MessagePort;
  readonly port2: MessagePort;
}
declare var MessageChannel: { prototype: MessageChannel; new (): MessageChannel };
/** What is posted reaches the other channels of the name in the VM: those of the same run, and those made when files were loaded. */
interface BroadcastChannel extends EventTarget {
  readonly name: string;
  onmessage: ((event: MessageEvent) => void) | null;
  onmessageerror: ((event: MessageEvent) => void) | null;
  postMessage(message: unknown): void;
  close(): void;
}
declare var BroadcastChannel: { prototype: BroadcastChannel; new (name: string): BroadcastChannel };
declare var navigator: { readonly userAgent: string; readonly hardwareConcurrency: number; readonly language: string; readonly languages: readonly string[] };

interface CloseEvent extends Event {
  readonly wasClean: boolean;
  readonly code: number;
  readonly reason: string;
}
declare var CloseEvent: { prototype: CloseEvent; new (type: string, init?: { wasClean?: boolean; code?: number; reason?: string }): CloseEvent };
interface ErrorEvent extends Event {
  readonly message: string;
  readonly error: any;
}
declare var ErrorEvent: { prototype: ErrorEvent; new (type: string, init?: { message?: string; error?: any }): ErrorEvent };

/** A client of WebSockets, if the net permission allows it. Closed when the run ends. */
interface WebSocket extends EventTarget {
  readonly url: string;
  readonly protocol: string;
  readonly extensions: string;
  readonly readyState: number;
  readonly bufferedAmount: number;
  binaryType: 'blob' | 'arraybuffer';
  onopen: ((event: Event) => void) | null;
  onmessage: ((event: MessageEvent) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
  onclose: ((event: CloseEvent) => void) | null;
  send(data: string | Blob | ArrayBuffer | ArrayBufferView): void;
  close(code?: number, reason?: string): void;
}
declare var WebSocket: {
  prototype: WebSocket;
  readonly CONNECTING: 0;
  readonly OPEN: 1;
  readonly CLOSING: 2;
  readonly CLOSED: 3;
  new (url: string | URL, protocols?: string | string[]): WebSocket;
};

/** A client of server-sent events, if the net permission allows it. Closed when the run ends. */
interface EventSource extends EventTarget {
  readonly url: string;
  readonly readyState: number;
  readonly withCredentials: boolean;
  onopen: ((event: Event) => void) | null;
  onmessage: ((event: MessageEvent<string>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
  close(): void;
}
declare var EventSource: {
  prototype: EventSource;
  readonly CONNECTING: 0;
  readonly OPEN: 1;
  readonly CLOSED: 2;
  new (url: string | URL): EventSource;
};

/** Sends a request over HTTP, if the net permission allows it. Fails with a TypeError whose cause has a code when the network fails. */
declare function fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>;

type BlobPart = string | Blob | ArrayBuffer | ArrayBufferView;
interface Blob {
  /** In bytes. */
  readonly size: number;
  readonly type: string;
  arrayBuffer(): Promise<ArrayBuffer>;
  bytes(): Promise<Uint8Array>;
  slice(start?: number, end?: number, type?: string): Blob;
  stream(): ReadableStream<Uint8Array>;
  text(): Promise<string>;
}
declare var Blob: { prototype: Blob; new (parts?: Iterable<BlobPart>, options?: { type?: string; endings?: 'transparent' | 'native' }): Blob };

interface File extends Blob {
  readonly name: string;
  /** In milliseconds since 1970. */
  readonly lastModified: number;
}
declare var File: {
  prototype: File;
  new (parts: Iterable<BlobPart>, name: string, options?: { type?: string; endings?: 'transparent' | 'native'; lastModified?: number }): File;
};

type FormDataEntryValue = string | File;
interface FormData {
  append(name: string, value: string | Blob, filename?: string): void;
  delete(name: string): void;
  get(name: string): FormDataEntryValue | null;
  getAll(name: string): FormDataEntryValue[];
  has(name: string): boolean;
  set(name: string, value: string | Blob, filename?: string): void;
  forEach(callback: (value: FormDataEntryValue, name: string, parent: FormData) => void): void;
  keys(): IterableIterator<string>;
  values(): IterableIterator<FormDataEntryValue>;
  entries(): IterableIterator<[string, FormDataEntryValue]>;
  [Symbol.iterator](): IterableIterator<[string, FormDataEntryValue]>;
}
declare var FormData: { prototype: FormData; new (): FormData };

interface ReadableStreamDefaultController<T = any> {
  readonly desiredSize: number | null;
  enqueue(chunk: T): void;
  close(): void;
  error(reason?: any): void;
}
declare var ReadableStreamDefaultController: { prototype: ReadableStreamDefaultController };

interface ReadableStreamDefaultReader<T = any> {
  readonly closed: Promise<void>;
  read(): Promise<{ done: false; value: T } | { done: true; value?: undefined }>;
  cancel(reason?: any): Promise<void>;
  releaseLock(): void;
}
declare var ReadableStreamDefaultReader: {
  prototype: ReadableStreamDefaultReader;
  new <T>(stream: ReadableStream<T>): ReadableStreamDefaultReader<T>;
};

interface ReadableByteStreamController {
  readonly byobRequest: ReadableStreamBYOBRequest | null;
  readonly desiredSize: number | null;
  enqueue(chunk: ArrayBufferView): void;
  close(): void;
  error(reason?: any): void;
}
declare var ReadableByteStreamController: { prototype: ReadableByteStreamController };

interface ReadableStreamBYOBRequest {
  readonly view: Uint8Array | null;
  respond(bytesWritten: number): void;
  respondWithNewView(view: ArrayBufferView): void;
}
declare var ReadableStreamBYOBRequest: { prototype: ReadableStreamBYOBRequest };

interface ReadableStreamBYOBReader {
  readonly closed: Promise<void>;
  read<V extends ArrayBufferView>(view: V, options?: { min?: number }): Promise<{ done: false; value: V } | { done: true; value: V | undefined }>;
  cancel(reason?: any): Promise<void>;
  releaseLock(): void;
}
declare var ReadableStreamBYOBReader: { prototype: ReadableStreamBYOBReader; new (stream: ReadableStream): ReadableStreamBYOBReader };

interface QueuingStrategy<T = any> {
  highWaterMark?: number;
  size?(chunk: T): number;
}
declare var CountQueuingStrategy: { new (init: { highWaterMark: number }): QueuingStrategy };
declare var ByteLengthQueuingStrategy: { new (init: { highWaterMark: number }): QueuingStrategy<ArrayBufferView> };

interface StreamPipeOptions {
  preventAbort?: boolean;
  preventCancel?: boolean;
  preventClose?: boolean;
  signal?: AbortSignal;
}

interface ReadableStream<T = any> {
  readonly locked: boolean;
  getReader(): ReadableStreamDefaultReader<T>;
  getReader(options: { mode: 'byob' }): ReadableStreamBYOBReader;
  cancel(reason?: any): Promise<void>;
  pipeTo(target: WritableStream<T>, options?: StreamPipeOptions): Promise<void>;
  pipeThrough<U>(pair: { readable: ReadableStream<U>; writable: WritableStream<T> }, options?: StreamPipeOptions): ReadableStream<U>;
  tee(): [ReadableStream<T>, ReadableStream<T>];
  values(options?: { preventCancel?: boolean }): AsyncIterableIterator<T>;
  [Symbol.asyncIterator](options?: { preventCancel?: boolean }): AsyncIterableIterator<T>;
}
declare var ReadableStream: {
  prototype: ReadableStream;
  new (
    source: {
      type: 'bytes';
      autoAllocateChunkSize?: number;
      start?(controller: ReadableByteStreamController): any;
      pull?(controller: ReadableByteStreamController): void | PromiseLike<void>;
      cancel?(reason?: any): void | PromiseLike<void>;
    },
    strategy?: { highWaterMark?: number },
  ): ReadableStream<Uint8Array>;
  new <T = any>(
    source?: {
      start?(controller: ReadableStreamDefaultController<T>): any;
      pull?(controller: ReadableStreamDefaultController<T>): void | PromiseLike<void>;
      cancel?(reason?: any): void | PromiseLike<void>;
    },
    strategy?: QueuingStrategy<T>,
  ): ReadableStream<T>;
  from<T>(iterable: Iterable<T> | AsyncIterable<T>): ReadableStream<T>;
};

interface WritableStreamDefaultController {
  readonly signal: AbortSignal;
  error(reason?: any): void;
}
declare var WritableStreamDefaultController: { prototype: WritableStreamDefaultController };

interface WritableStreamDefaultWriter<T = any> {
  readonly closed: Promise<void>;
  readonly ready: Promise<void>;
  readonly desiredSize: number | null;
  write(chunk?: T): Promise<void>;
  close(): Promise<void>;
  abort(reason?: any): Promise<void>;
  releaseLock(): void;
}
declare var WritableStreamDefaultWriter: { prototype: WritableStreamDefaultWriter; new <T>(stream: WritableStream<T>): WritableStreamDefaultWriter<T> };

interface WritableStream<T = any> {
  readonly locked: boolean;
  getWriter(): WritableStreamDefaultWriter<T>;
  close(): Promise<void>;
  abort(reason?: any): Promise<void>;
}
declare var WritableStream: {
  prototype: WritableStream;
  new <T = any>(
    sink?: {
      start?(controller: WritableStreamDefaultController): any;
      write?(chunk: T, controller: WritableStreamDefaultController): void | PromiseLike<void>;
      close?(): void | PromiseLike<void>;
      abort?(reason?: any): void | PromiseLike<void>;
    },
    strategy?: QueuingStrategy<T>,
  ): WritableStream<T>;
};

interface TransformStreamDefaultController<T = any> {
  readonly desiredSize: number | null;
  enqueue(chunk?: T): void;
  error(reason?: any): void;
  terminate(): void;
}
declare var TransformStreamDefaultController: { prototype: TransformStreamDefaultController };

interface TransformStream<I = any, O = any> {
  readonly readable: ReadableStream<O>;
  readonly writable: WritableStream<I>;
}
declare var TransformStream: {
  prototype: TransformStream;
  new <I = any, O = any>(
    transformer?: {
      start?(controller: TransformStreamDefaultController<O>): any;
      transform?(chunk: I, controller: TransformStreamDefaultController<O>): void | PromiseLike<void>;
      flush?(controller: TransformStreamDefaultController<O>): void | PromiseLike<void>;
      cancel?(reason?: any): void | PromiseLike<void>;
    },
    writableStrategy?: QueuingStrategy<I>,
    readableStrategy?: QueuingStrategy<O>,
  ): TransformStream<I, O>;
};

interface TextEncoderStream extends TransformStream<string, Uint8Array> {
  readonly encoding: string;
}
declare var TextEncoderStream: { prototype: TextEncoderStream; new (): TextEncoderStream };
interface TextDecoderStream extends TransformStream<ArrayBuffer | ArrayBufferView, string> {
  readonly encoding: string;
  readonly fatal: boolean;
  readonly ignoreBOM: boolean;
}
declare var TextDecoderStream: { prototype: TextDecoderStream; new (label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean }): TextDecoderStream };

type CompressionFormat = 'gzip' | 'deflate' | 'deflate-raw';
interface CompressionStream extends TransformStream<ArrayBuffer | ArrayBufferView, Uint8Array> {}
declare var CompressionStream: { prototype: CompressionStream; new (format: CompressionFormat): CompressionStream };
interface DecompressionStream extends TransformStream<ArrayBuffer | ArrayBufferView, Uint8Array> {}
declare var DecompressionStream: { prototype: DecompressionStream; new (format: CompressionFormat): DecompressionStream };

declare var performance: {
  /** Milliseconds since the script was loaded, with fractions. */
  now(): number;
  readonly timeOrigin: number;
};

type BufferSource = ArrayBuffer | ArrayBufferView;
type KeyUsage = 'encrypt' | 'decrypt' | 'sign' | 'verify' | 'deriveKey' | 'deriveBits' | 'wrapKey' | 'unwrapKey';
type KeyFormat = 'raw' | 'spki' | 'pkcs8' | 'jwk';
/** A name, or an object with a name and what the algorithm needs: hash, namedCurve, iv, counter, salt, iterations… */
type AlgorithmIdentifier = string | { name: string; [parameter: string]: any };
interface JsonWebKey {
  kty?: string;
  alg?: string;
  use?: string;
  key_ops?: string[];
  ext?: boolean;
  [member: string]: any;
}
interface CryptoKey {
  readonly type: 'secret' | 'public' | 'private';
  readonly extractable: boolean;
  readonly algorithm: { name: string; [parameter: string]: any };
  readonly usages: KeyUsage[];
}
declare var CryptoKey: { prototype: CryptoKey };
interface CryptoKeyPair {
  publicKey: CryptoKey;
  privateKey: CryptoKey;
}
/** AES-GCM, AES-CBC, AES-CTR, AES-KW, HMAC, RSASSA-PKCS1-v1_5, RSA-PSS, RSA-OAEP, ECDSA, ECDH (P-256, P-384, P-521), Ed25519, X25519, HKDF, PBKDF2; SHA-1, SHA-256, SHA-384, SHA-512. */
interface SubtleCrypto {
  digest(algorithm: AlgorithmIdentifier, data: BufferSource): Promise<ArrayBuffer>;
  generateKey(algorithm: AlgorithmIdentifier, extractable: boolean, usages: Iterable<KeyUsage>): Promise<CryptoKey & CryptoKeyPair>;
  importKey(format: 'jwk', key: JsonWebKey, algorithm: AlgorithmIdentifier, extractable: boolean, usages: Iterable<KeyUsage>): Promise<CryptoKey>;
  importKey(format: 'raw' | 'spki' | 'pkcs8', key: BufferSource, algorithm: AlgorithmIdentifier, extractable: boolean, usages: Iterable<KeyUsage>): Promise<CryptoKey>;
  exportKey(format: 'jwk', key: CryptoKey): Promise<JsonWebKey>;
  exportKey(format: 'raw' | 'spki' | 'pkcs8', key: CryptoKey): Promise<ArrayBuffer>;
  encrypt(algorithm: AlgorithmIdentifier, key: CryptoKey, data: BufferSource): Promise<ArrayBuffer>;
  decrypt(algorithm: AlgorithmIdentifier, key: CryptoKey, data: BufferSource): Promise<ArrayBuffer>;
  sign(algorithm: AlgorithmIdentifier, key: CryptoKey, data: BufferSource): Promise<ArrayBuffer>;
  verify(algorithm: AlgorithmIdentifier, key: CryptoKey, signature: BufferSource, data: BufferSource): Promise<boolean>;
  deriveBits(algorithm: AlgorithmIdentifier, key: CryptoKey, length?: number | null): Promise<ArrayBuffer>;
  deriveKey(algorithm: AlgorithmIdentifier, key: CryptoKey, type: AlgorithmIdentifier, extractable: boolean, usages: Iterable<KeyUsage>): Promise<CryptoKey>;
  wrapKey(format: KeyFormat, key: CryptoKey, wrappingKey: CryptoKey, algorithm: AlgorithmIdentifier): Promise<ArrayBuffer>;
  unwrapKey(
    format: KeyFormat,
    wrapped: BufferSource,
    unwrappingKey: CryptoKey,
    algorithm: AlgorithmIdentifier,
    type: AlgorithmIdentifier,
    extractable: boolean,
    usages: Iterable<KeyUsage>,
  ): Promise<CryptoKey>;
}
declare var SubtleCrypto: { prototype: SubtleCrypto };

declare var crypto: {
  randomUUID(): string;
  getRandomValues<T extends ArrayBufferView>(array: T): T;
  readonly subtle: SubtleCrypto;
};
