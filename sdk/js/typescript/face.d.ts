  // Values that travel as JSON.
  export type JsonPrimitive = string | number | boolean | null | undefined;
  export type JsonArray = JsonValue[];
  export type JsonValue = JsonPrimitive | JsonObject | JsonArray;
  export type JsonObject = { [key: string]: JsonValue } & { [key: string]: JsonValue | undefined };
  export type InputType = object;
  export type UnknownInputType = {};
  export type OutputType = object | void;
  export type StrictWorkflowOutputType<T = any> = object | void;
  export interface WorkflowInputType { [key: string]: JsonValue }
  export interface WorkflowOutputType { [key: string]: JsonObject }
  /** What is in force of two: the second, unless it says nothing. */
  export type Resolved<Base extends Record<string, any>, Added extends Record<string, any>> = [keyof Added] extends [never] ? Base : Added;
  type Merged<O, More extends Record<string, any>> = [keyof More] extends [never] ? O : O & More;

  // Durations.
  export interface DurationObject { hours?: number; minutes?: number; seconds?: number }
  /** Text like '1h30m', an object, or milliseconds. */
  export type Duration = `${number}${'h' | 'm' | 's' | 'ms'}` | `${number}h${number}m` | `${number}h${number}s` | `${number}m${number}s` | `${number}h${number}m${number}s` | DurationObject | number;
  export function durationToString(d: Duration): string;
  export function durationToMs(d: Duration): number;
  export function sleep(duration: Duration | number, signal?: AbortSignal): Promise<void>;

  // Options of declarations.
  /** What can check a value: a schema of zod, for one. */
  export interface Validator<T = any> { parse(value: unknown): T }
  export type Concurrency = { expression: string; maxRuns?: number | string; limitStrategy?: ConcurrencyLimitStrategy; name?: string; isTenantScoped?: boolean };
  export type TaskConcurrency = Concurrency;
  export type IdempotencyConfig =
    | { strategy: 'ttl'; expression: string; ttlMs: number }
    | { strategy: 'status'; expression: string; fallbackTtlMs: number };
  export type StickyStrategyInput = 'soft' | 'hard' | 'SOFT' | 'HARD' | 0 | 1;
  export type StickyStrategy = 'soft' | 'hard';
  export const StickyStrategy: { readonly SOFT: 'soft'; readonly HARD: 'hard' };
  export interface DesiredLabel { value: string | number; required?: boolean; weight?: number; comparator?: WorkerLabelComparator }
  export type DesiredLabels = Record<string, DesiredLabel>;
  export interface TaskRateLimit { units: string | number; key?: string; staticKey?: string; dynamicKey?: string; limit?: string | number; duration?: RateLimitDuration }
  export type BatchTaskConfig = { maxSize: number; maxInterval?: Duration; groupKey?: string; groupMaxRuns?: number; broadcastOutput?: boolean };
  export type EvictionPolicy = { ttl?: Duration; allowCapacityEviction?: boolean; priority?: number };
  export const DEFAULT_DURABLE_TASK_EVICTION_POLICY: EvictionPolicy;
  export const MinEngineVersion: { readonly SLOT_CONFIG: string; readonly DURABLE_EVICTION: string };
  export function supportsEviction(version?: string): boolean;

  export type CreateBaseWorkflowOpts = {
    name: string;
    description?: string;
    version?: string;
    sticky?: StickyStrategyInput;
    on?: { cron?: string | string[]; event?: string | string[] };
    onCrons?: string[];
    onEvents?: string[];
    concurrency?: Concurrency | Concurrency[];
    defaultPriority?: Priority;
    defaultFilters?: { expression: string; scope: string; payload?: object }[];
    /** A schema of zod 4: its JSON Schema is registered. */
    inputValidator?: Validator;
    /** Whether each task checks its input by the schema before it runs. Only here: the SDK does not know it. */
    validateInput?: boolean;
    idempotency?: IdempotencyConfig;
  };
  export type TaskDefaults = {
    executionTimeout?: Duration;
    scheduleTimeout?: Duration;
    retries?: number;
    backoff?: { factor?: number; maxSeconds?: number };
    rateLimits?: TaskRateLimit[];
    workerLabels?: DesiredLabels;
    concurrency?: Concurrency | Concurrency[];
  };
  export type CreateWorkflowOpts = CreateBaseWorkflowOpts & { taskDefaults?: TaskDefaults };
  export type TaskFn<I = UnknownInputType, O = void, C = Context<I>> = (input: I, ctx: C) => O | Promise<O>;
  export type DurableTaskFn<I = UnknownInputType, O = void> = TaskFn<I, O, DurableContext<I>>;
  export type BatchTaskFn<I = UnknownInputType, O = void> = (input: Record<string, I>, ctx: Context<Record<string, I>>) => O | Promise<O>;
  interface TaskOptions {
    timeout?: Duration;
    executionTimeout?: Duration;
    scheduleTimeout?: Duration;
    retries?: number;
    backoff?: { factor?: number; maxSeconds?: number };
    rateLimits?: TaskRateLimit[];
    desiredWorkerLabels?: DesiredLabels;
    concurrency?: Concurrency | Concurrency[];
    slotCost?: number;
    slotRequests?: Record<string, number>;
    batch?: BatchTaskConfig;
  }
  interface TaskInWorkflow {
    parents?: CreateWorkflowTaskOpts<any, any>[];
    waitFor?: Conditions | Conditions[];
    cancelIf?: Conditions | Conditions[];
    skipIf?: Conditions | Conditions[];
  }
  export type CreateBaseTaskOpts<I = UnknownInputType, O = void, C = TaskFn<I, O>> = TaskOptions & { name: string; fn?: C };
  export type CreateWorkflowTaskOpts<I = UnknownInputType, O = void, C = TaskFn<I, O>> = CreateBaseTaskOpts<I, O, C> & TaskInWorkflow;
  export type CreateWorkflowDurableTaskOpts<I = UnknownInputType, O = void> = Omit<CreateWorkflowTaskOpts<I, O, DurableTaskFn<I, O>>, 'slotCost' | 'batch'> & { evictionPolicy?: EvictionPolicy };
  export type CreateOnSuccessTaskOpts<I = UnknownInputType, O = void> = Omit<CreateBaseTaskOpts<I, O>, 'name'>;
  export type CreateOnFailureTaskOpts<I = UnknownInputType, O = void> = Omit<CreateBaseTaskOpts<I, O>, 'name'>;
  export type CreateTaskWorkflowOpts<I = UnknownInputType, O = void> = CreateBaseWorkflowOpts & CreateBaseTaskOpts<I, O>;
  export type CreateBatchTaskWorkflowOpts<I = UnknownInputType, O = void> = CreateBaseWorkflowOpts & CreateBaseTaskOpts<I, O, BatchTaskFn<I, O>> & { batch: BatchTaskConfig };
  export type CreateDurableTaskWorkflowOpts<I = UnknownInputType, O = void> = CreateBaseWorkflowOpts & CreateBaseTaskOpts<I, O, DurableTaskFn<I, O>> & { evictionPolicy?: EvictionPolicy };

  // Declarations.
  export type RunOpts = {
    additionalMetadata?: Record<string, string>;
    priority?: Priority;
    sticky?: boolean;
    childKey?: string;
    /** With a list of inputs: failures are among the outputs, as errors. */
    returnExceptions?: boolean;
    desiredWorkerLabels?: DesiredLabels;
  };
  export type RunManyOpt<I = UnknownInputType> = { input: I; opts?: RunOpts };
  type ChildRunOpts = RunOpts & { key?: string };

  export class WorkflowRunRef<T = any> {
    workflowRunId: string;
    parentWorkflowRunId?: string;
    get runId(): Promise<string>;
    getWorkflowRunId(): Promise<string>;
    /** Waits for the run. It rejects with a list of texts if the run failed; the list has the members of an Error as well. */
    get output(): Promise<T>;
    result(): Promise<T>;
    /** What happens in the run from now on, until it is final. */
    stream(): Promise<AsyncIterableIterator<RunEvent>>;
    cancel(): Promise<void>;
    replay(): Promise<void>;
    toJSON(): Promise<string>;
  }
  export interface RunEvent {
    /** STEP_RUN_EVENT_TYPE_ or WORKFLOW_RUN_EVENT_TYPE_ and STARTED, COMPLETED, FAILED, CANCELLED, TIMED_OUT or STREAM. */
    type: string;
    payload: string;
    resourceId: string;
    workflowRunId: string;
  }
  export interface RunListenerClient {
    stream(workflowRunId: string): Promise<AsyncIterableIterator<RunEvent>>;
    streamByRunId(workflowRunId: string): Promise<AsyncIterableIterator<RunEvent>>;
  }
  export class DedupeViolationErr extends Error {}

  export class BaseWorkflowDeclaration<I = UnknownInputType, O = void> {
    /** For inference alone: no value has it. */
    readonly '~types': { input: I; output: O };
    readonly definition: any;
    readonly client: HatchetClient<any, any, any, any> | undefined;
    get name(): string;
    get id(): string;
    run(input: I, options?: RunOpts): Promise<O>;
    run(input: I[], options?: RunOpts): Promise<O[]>;
    run(input: I, options?: RunOpts): Promise<O>; // again, for types are inferred from the last one
    runAndWait(input: I, options?: RunOpts): Promise<O>;
    runAndWait(input: I[], options?: RunOpts): Promise<O[]>;
    runNoWait(input: I, options?: RunOpts): Promise<WorkflowRunRef<O>>;
    runNoWait(input: I[], options?: RunOpts): Promise<WorkflowRunRef<O>[]>;
    runMany(runs: RunManyOpt<I>[]): Promise<O[]>;
    runManyNoWait(runs: RunManyOpt<I>[]): Promise<WorkflowRunRef<O>[]>;
    schedule(at: Date, input: I, options?: RunOpts): Promise<Resource>;
    delay(seconds: number, input: I, options?: RunOpts): Promise<Resource>;
    cron(name: string, expression: string, input: I, options?: RunOpts): Promise<Resource>;
    metrics(options?: { since?: string; until?: string }): Promise<TaskStatusMetrics>;
    taskStatusMetrics(options?: { since?: string; until?: string }): Promise<TaskStatusMetrics>;
    get(): Promise<Resource>;
    /** Not here: agents need Node. Calling it fails when the file loads. */
    mcpTool(...args: any[]): any;
  }
  type OutputOf<O, Name, R> = Name extends keyof O ? O[Name] : Awaited<R> extends object ? Awaited<R> : void;
  type Returns<O, Name> = Name extends keyof O ? O[Name] | Promise<O[Name]> : unknown;
  export class WorkflowDeclaration<I = UnknownInputType, O = void, Before extends Record<string, any> = {}> extends BaseWorkflowDeclaration<I, O> {
    task<Name extends string, R extends Returns<O, Name>>(options: TaskOptions & TaskInWorkflow & { name: Name; fn?: (input: I & Before, ctx: Context<I & Before>) => R }): CreateWorkflowTaskOpts<I, OutputOf<O, Name, R>>;
    task<TO>(task: TaskWorkflowDeclaration<any, TO, any, any, any, any>): CreateWorkflowTaskOpts<I, TO>;
    durableTask<Name extends string, R extends Returns<O, Name>>(options: Omit<TaskOptions, 'slotCost' | 'batch'> & TaskInWorkflow & { name: Name; evictionPolicy?: EvictionPolicy; fn: (input: I & Before, ctx: DurableContext<I & Before>) => R }): CreateWorkflowTaskOpts<I, OutputOf<O, Name, R>>;
    batchTask<TI = I, R = void>(options: TaskOptions & TaskInWorkflow & { name: string; batch: BatchTaskConfig; fn: (input: Record<string, TI>, ctx: Context<Record<string, TI>>) => R }): CreateWorkflowTaskOpts<TI, Awaited<R>>;
    onFailure<R>(options: TaskOptions & { name?: string; fn: (input: I, ctx: Context<I>) => R } | TaskWorkflowDeclaration<any, any, any, any, any, any>): CreateWorkflowTaskOpts<I, Awaited<R>>;
    onSuccess<R>(options: TaskOptions & { name?: string; fn: (input: I, ctx: Context<I>) => R } | TaskWorkflowDeclaration<any, any, any, any, any, any>): CreateWorkflowTaskOpts<I, Awaited<R>>;
  }
  export class TaskWorkflowDeclaration<I = UnknownInputType, O = void, GlobalInput extends Record<string, any> = {}, GlobalOutput extends Record<string, any> = {}, Before extends Record<string, any> = {}, After extends Record<string, any> = {}>
    extends BaseWorkflowDeclaration<I & GlobalInput, Merged<O, Resolved<GlobalOutput, After>>> {
    readonly _standalone_task_name: string;
    get taskDef(): CreateWorkflowTaskOpts<any, any>;
  }
  export function CreateWorkflow<I = UnknownInputType, O = void>(options: CreateWorkflowOpts, client?: any): WorkflowDeclaration<I, O>;
  export function CreateTaskWorkflow<I = UnknownInputType, O = void>(options: CreateTaskWorkflowOpts<I, O>, client?: any): TaskWorkflowDeclaration<I, O>;
  export function CreateBatchTaskWorkflow<I = UnknownInputType, O = void>(options: CreateBatchTaskWorkflowOpts<I, any>, client?: any): TaskWorkflowDeclaration<I, O>;
  export function CreateDurableTaskWorkflow<I = UnknownInputType, O = void>(options: CreateDurableTaskWorkflowOpts<I, O>, client?: any): TaskWorkflowDeclaration<I, O>;
  export function declarations(): { workflow: typeof CreateWorkflow; task: typeof CreateTaskWorkflow; durableTask: typeof CreateDurableTaskWorkflow; batchTask: typeof CreateBatchTaskWorkflow };

  // Contexts.
  export class ContextWorker {
    protected constructor();
    id(): string | undefined;
    hasWorkflow(name: string): boolean;
    labels(): Record<string, string | number | undefined>;
    upsertLabels(labels: Record<string, string | number | undefined>): Promise<any>;
  }
  export interface SleepResult { durationMs: number }
  export interface SleepForOptions { readableDataKey?: string; label?: string }
  type LogExtra = { extra?: any; error?: Error } | Record<string, any>;
  type TaskRef<L> = { name: string; fn?: (...args: any[]) => L | Promise<L> } | string;
  type ChildOf = { workflow: string | BaseWorkflowDeclaration<any, any>; input: any; options?: ChildRunOpts };
  export class Context<T, K = {}> {
    protected constructor();
    input: T;
    readonly data: { input: T; triggers: Record<string, any>; parents: Record<string, any>; triggered_by: string; user_data: K; step_run_errors: Record<string, string> };
    readonly action: any;
    readonly v1: HatchetClient<any, any, any, any>;
    readonly overridesData: Record<string, any>;
    readonly worker: ContextWorker;
    /** Fires when the task is cancelled, times out, or the worker stops. */
    readonly signal: AbortSignal;
    get abortController(): AbortController;
    readonly controller: AbortController;
    get cancelled(): boolean;
    rethrowIfCancelled(error: unknown): void;
    cancel(): Promise<void>;
    parentOutput<L>(parent: { name: string; fn?: (...args: any[]) => L | Promise<L> }): Promise<L>;
    parentOutput<L = any>(parent: string): Promise<L>;
    errors(): Record<string, string>;
    stepRunErrors(): Record<string, string>;
    triggers(): Record<string, Record<string, any>>;
    filterPayload(): Record<string, any>;
    triggeredByEvent(): boolean;
    triggeringEventId(): string | undefined;
    triggeringEventKey(): string | undefined;
    workflowName(): string;
    workflowNameV1(): string;
    userData(): K;
    taskName(): string;
    stepName(): string;
    workflowRunId(): string;
    workflowId(): string | undefined;
    workflowVersionId(): string | undefined;
    taskRunExternalId(): string;
    taskRunId(): string;
    retryCount(): number;
    additionalMetadata(): Record<string, string>;
    childIndex(): number | undefined;
    childKey(): string | undefined;
    parentWorkflowRunId(): string | undefined;
    priority(): Priority | undefined;
    log(message: string, level?: LogLevel, extra?: LogExtra): Promise<any>;
    get logger(): {
      debug(message: string, extra?: any): Promise<any>;
      info(message: string, extra?: any): Promise<any>;
      warn(message: string, extra?: LogExtra): Promise<any>;
      error(message: string, extra?: LogExtra): Promise<any>;
      util(key: string, message: string, extra?: LogExtra): any;
    };
    refreshTimeout(by: Duration): Promise<void>;
    releaseSlot(): Promise<void>;
    putStream(chunk: string | Uint8Array): Promise<void>;
    runChild<Q, P>(workflow: string | BaseWorkflowDeclaration<Q, P>, input: Q, options?: ChildRunOpts): Promise<P>;
    runNoWaitChild<Q, P>(workflow: string | BaseWorkflowDeclaration<Q, P>, input: Q, options?: ChildRunOpts): Promise<WorkflowRunRef<P>>;
    bulkRunChildren<Q = any, P = any>(children: { workflow: string | BaseWorkflowDeclaration<Q, P>; input: Q; options?: ChildRunOpts }[]): Promise<P[]>;
    bulkRunNoWaitChildren<Q = any, P = any>(children: { workflow: string | BaseWorkflowDeclaration<Q, P>; input: Q; options?: ChildRunOpts }[]): Promise<WorkflowRunRef<P>[]>;
    spawnWorkflow<Q, P>(workflow: string | BaseWorkflowDeclaration<Q, P>, input: Q, options?: ChildRunOpts): Promise<WorkflowRunRef<P>>;
    spawnWorkflows(children: ChildOf[]): Promise<WorkflowRunRef<any>[]>;
    stepOutput<L = any>(step: string): L;
    workflowInput(): T;
  }
  export class DurableContext<T, K = {}> extends Context<T, K> {
    get supportsEviction(): boolean;
    get invocationCount(): number;
    /** The time, remembered: the same in every replay. */
    now(): Promise<Date>;
    sleepFor(duration: Duration, options?: SleepForOptions): Promise<SleepResult>;
    sleepFor(duration: Duration, readableDataKey?: string, label?: string): Promise<SleepResult>;
    sleepUntil(at: Date): Promise<SleepResult>;
    waitFor(conditions: Conditions | Conditions[], label?: string): Promise<Record<string, any>>;
    waitForEvent(key: string, expression?: string, schema?: undefined, scope?: string, lookback?: Duration, label?: string): Promise<Record<string, any>>;
    waitForEvent<S>(key: string, expression: string | undefined, schema: Validator<S>, scope?: string, lookback?: Duration, label?: string): Promise<S>;
    spawnChild<Q, P>(workflow: string | BaseWorkflowDeclaration<Q, P>, input?: Q, options?: ChildRunOpts): Promise<P>;
    spawnChildren<Q = any, P = any>(children: { workflow: string | BaseWorkflowDeclaration<Q, P>; input: Q; options?: ChildRunOpts }[]): Promise<P[]>;
  }
  export function computeMemoKey(taskRunExternalId: string, args: readonly unknown[]): Promise<Uint8Array>;

  // Conditions.
  export enum Action { CREATE = 0, QUEUE = 1, CANCEL = 2, SKIP = 3 }
  export class Condition {
    constructor(base: any);
    base: any;
  }
  export interface Sleep { sleepFor: Duration; readableDataKey?: string }
  export interface UserEvent { eventKey: string; expression?: string; readableDataKey?: string; scope?: string; considerEventsSince?: string }
  export interface Parent { parent: { name: string }; expression?: string }
  export type IConditions = Sleep | UserEvent | Parent;
  export type Conditions = IConditions | Condition | OrCondition;
  export class SleepCondition extends Condition {
    constructor(sleepFor: Duration, readableDataKey?: string, action?: Action);
    sleepFor: Duration;
  }
  export class UserEventCondition extends Condition {
    constructor(eventKey: string, expression: string, readableDataKey?: string, action?: Action, scope?: string, considerEventsSince?: string);
    eventKey: string;
    expression: string;
    scope?: string;
  }
  export class ParentCondition extends Condition {
    constructor(parent: { name: string }, expression?: string, readableDataKey?: string, action?: Action);
    parent: any;
  }
  export class OrCondition {
    constructor(conditions: Condition[]);
    conditions: Condition[];
  }
  /** Satisfied when any of them is. */
  export function Or(...conditions: (IConditions | Condition)[]): OrCondition;
  export function Render(action?: Action, conditions?: Conditions | Conditions[]): Condition[];
  export function generateGroupId(): string;

  // Loggers.
  export type LogLevel = 'OFF' | 'DEBUG' | 'INFO' | 'WARN' | 'ERROR';
  export enum LogLevelEnum { OFF = -1, DEBUG = 0, INFO = 1, WARN = 2, ERROR = 3 }
  export abstract class Logger {
    abstract debug(message: string, extra?: any): any;
    abstract info(message: string, extra?: any): any;
    abstract green(message: string, extra?: any): any;
    abstract warn(message: string, error?: Error, extra?: any): any;
    abstract error(message: string, error?: Error, extra?: any): any;
    util?(key: string, message: string, extra?: any): any;
  }

  // Errors.
  export class HatchetError extends Error { constructor(message?: string, options?: any); }
  export class NonRetryableError extends Error { constructor(message?: string); }
  export class NonDeterminismError extends HatchetError {
    constructor(taskExternalId: string, invocationCount: number, nodeId: number, message?: string);
    taskExternalId: string;
    invocationCount: number;
    nodeId: number;
  }
  export class EvictionNotSupportedError extends HatchetError { constructor(engineVersion?: string); engineVersion?: string }
  export class IdempotencyCollisionError extends HatchetError { constructor(existingRunExternalId: string); existingRunExternalId: string }
  export class BulkTriggerIdempotencyCollisionError extends Error {
    constructor(successfulWorkflowRunExternalIds: string[], collisions: any[]);
    successfulWorkflowRunExternalIds: string[];
    collisions: any[];
  }
  export class TaskRunTerminatedError extends Error { constructor(reason: 'cancelled' | 'evicted', message?: string); reason: 'cancelled' | 'evicted' }
  export class AbortError extends Error { constructor(message?: string); code: 'ABORT_ERR' }
  export function isTaskRunTerminatedError(error: unknown): error is TaskRunTerminatedError;
  export function createAbortError(message?: string): AbortError;
  export function isAbortError(error: unknown): boolean;
  export function rethrowIfAborted(error: unknown): void;
  export function throwIfAborted(signal?: AbortSignal, options?: any): void;
  export function getErrorMessage(error: unknown): string;
  export function toHatchetError(error: unknown, options?: any): HatchetError;

  // The client.
  type BeforeHook<T> = (input: T, ctx: Context<any>) => Record<string, any> | void | Promise<Record<string, any> | void>;
  type AfterHook<O, T> = (output: O, ctx: Context<any>, input: T) => Record<string, any> | void | Promise<Record<string, any> | void>;
  export type HatchetMiddleware<T = any, O = any> = { before?: BeforeHook<T> | readonly BeforeHook<T>[]; after?: AfterHook<O, T> | readonly AfterHook<O, T>[] };
  export type TaskMiddleware<T = any, O = any> = HatchetMiddleware<T, O>;
  type Added<F> = F extends (...args: any[]) => infer R ? Exclude<Awaited<R>, void | undefined> : F extends readonly [infer First, ...infer Rest] ? Added<First> & Added<Rest> : {};
  export type InferMiddlewareBefore<M> = M extends { before: infer F } ? Added<F> : {};
  export type InferMiddlewareAfter<M> = M extends { after: infer F } ? Added<F> : {};
  /** The worker's own connection is used; what concerns one has no effect. */
  export interface ClientConfig {
    token?: string; host_port?: string; api_url?: string; tenant_id?: string;
    tls_config?: { tls_strategy?: 'tls' | 'mtls' | 'none'; cert_file?: string; key_file?: string; ca_file?: string; server_name?: string };
    log_level?: LogLevel;
    logger?: (context: string, level?: LogLevel) => Logger;
    /** Fails: start the worker with --namespace. */
    namespace?: string;
    middleware?: HatchetMiddleware;
    [other: string]: any;
  }
  export class HatchetClient<GlobalInput extends Record<string, any> = {}, GlobalOutput extends Record<string, any> = {}, Before extends Record<string, any> = {}, After extends Record<string, any> = {}> {
    constructor(config?: ClientConfig, options?: any, axios?: any);
    static init<T extends Record<string, any> = {}, U extends Record<string, any> = {}>(config?: ClientConfig, options?: any, axios?: any): HatchetClient<T, U>;
    withMiddleware<const M extends HatchetMiddleware<Resolved<GlobalInput, Before>, Resolved<GlobalOutput, After>>>(middleware: M): HatchetClient<GlobalInput, GlobalOutput, Before & InferMiddlewareBefore<M>, After & InferMiddlewareAfter<M>>;
    readonly config: ClientConfig;
    readonly logger: Logger;
    workflow<I = UnknownInputType, O = {}>(options: CreateWorkflowOpts): WorkflowDeclaration<I, O, Resolved<GlobalInput, Before>>;
    task<I = UnknownInputType, O = void>(options: CreateTaskWorkflowOpts<I & Resolved<GlobalInput, Before>, Merged<O, GlobalOutput>>): TaskWorkflowDeclaration<I, O, GlobalInput, GlobalOutput, Before, After>;
    durableTask<I = UnknownInputType, O = void>(options: CreateDurableTaskWorkflowOpts<I & Resolved<GlobalInput, Before>, Merged<O, GlobalOutput>>): TaskWorkflowDeclaration<I, O, GlobalInput, GlobalOutput, Before, After>;
    batchTask<I, O>(options: CreateBaseWorkflowOpts & TaskOptions & { batch: BatchTaskConfig & { broadcastOutput: true }; fn: (input: Record<string, I>, ctx: Context<Record<string, I>>) => O | Promise<O> }): TaskWorkflowDeclaration<I, O>;
    batchTask<I, O>(options: CreateBaseWorkflowOpts & TaskOptions & { batch: BatchTaskConfig; fn: (input: Record<string, I>, ctx: Context<Record<string, I>>) => Record<string, O> | Promise<Record<string, O>> }): TaskWorkflowDeclaration<I, O>;
    run<I = any, O = any>(workflow: BaseWorkflowDeclaration<I, O> | LegacyWorkflow | string, input: I, options?: RunOpts): Promise<O>;
    runAndWait<I = any, O = any>(workflow: BaseWorkflowDeclaration<I, O> | LegacyWorkflow | string, input: I, options?: RunOpts): Promise<O>;
    runNoWait<I = any, O = any>(workflow: BaseWorkflowDeclaration<I, O> | LegacyWorkflow | string, input: I, options?: RunOpts): Promise<WorkflowRunRef<O>>;
    runRef<T = any>(id: string): WorkflowRunRef<T>;
    worker(name: string, options?: CreateWorkerOpts | number): Promise<Worker>;
    readonly runs: RunsClient;
    readonly crons: CronClient;
    readonly cron: CronClient;
    readonly scheduled: ScheduleClient;
    readonly schedule: ScheduleClient;
    readonly schedules: ScheduleClient;
    readonly events: EventClient;
    readonly event: EventClient;
    readonly filters: FiltersClient;
    readonly logs: LogsClient;
    readonly metrics: MetricsClient;
    readonly ratelimits: RatelimitsClient;
    readonly workers: WorkersClient;
    readonly workflows: WorkflowsClient;
    readonly tasks: WorkflowsClient;
    readonly webhooks: WebhooksClient;
    readonly cel: CELClient;
    readonly tenant: TenantClient;
    /** The REST API by the names of its operations. */
    readonly api: Api;
    /** While a file loads "{tenant}", which stands for it in every request. */
    readonly tenantId: string;
    readonly listener: RunListenerClient;
    readonly admin: AdminClient;
  }

  // Workers.
  export type CreateWorkerOpts = {
    slots?: number;
    durableSlots?: number;
    maxRuns?: number;
    labels?: Record<string, string | number | undefined>;
    handleKill?: boolean;
    workflows?: (BaseWorkflowDeclaration<any, any> | LegacyWorkflow)[];
  };
  export class Worker {
    protected constructor();
    name: string;
    config: CreateWorkerOpts;
    static create(client: any, name: string, options?: CreateWorkerOpts): Promise<Worker>;
    registerWorkflow(workflow: BaseWorkflowDeclaration<any, any> | LegacyWorkflow): Promise<void>;
    registerWorkflows(workflows?: (BaseWorkflowDeclaration<any, any> | LegacyWorkflow)[]): Promise<void>;
    start(): Promise<void>;
    stop(): Promise<void>;
    waitUntilReady(timeoutMs?: number): Promise<void>;
    getLabels(): Record<string, string | number | undefined>;
    upsertLabels(labels: Record<string, string | number | undefined>): Promise<Record<string, string | number | undefined>>;
    isPaused(): Promise<boolean>;
    pause(): Promise<any>;
    unpause(): Promise<any>;
  }
  export { Context as V0Context, DurableContext as V0DurableContext, ContextWorker as V0ContextWorker };
  export * as APIContracts from '@hatchet-dev/typescript-sdk/clients/rest/generated/data-contracts';
  export enum SlotType { Default = 'default', Durable = 'durable' }

  // The feature clients. What they give is as the REST API tells it.
  export interface Resource { metadata: { id: string; createdAt: string; updatedAt: string }; [field: string]: any }
  export interface Page<T = any> { rows?: T[]; pagination?: any; [field: string]: any }
  type WorkflowRef = string | BaseWorkflowDeclaration<any, any> | LegacyWorkflow;
  type RunId = string | WorkflowRunRef<any>;
  type Answered<T> = Promise<{ data: T; status: number; statusText: string; headers: any; config: any }>;
  export type RunFilter = { since?: Date; until?: Date; statuses?: V1TaskStatus[]; workflowNames?: string[]; additionalMetadata?: Record<string, string> };
  export type ListRunsOpts = RunFilter & { offset?: number; limit?: number; workerId?: string; onlyTasks?: boolean; parentTaskExternalId?: string; parentTaskRunExternalId?: string; triggeringEventExternalId?: string; includePayloads?: boolean };
  export type CancelRunOpts = { ids?: string[]; filters?: RunFilter };
  export type ReplayRunOpts = CancelRunOpts;
  export type TaskRunDetail = { externalId: string; readableId: string; status: V1TaskStatus; output: unknown; error?: string; isEvicted: boolean };
  export type RunDetail = { status: V1TaskStatus; done: boolean; input: unknown; additionalMetadata: unknown; isEvicted: boolean; taskRuns: Record<string, TaskRunDetail> };
  export class RunsClient {
    get(run: RunId): Promise<any>;
    get_status(run: RunId): Promise<V1TaskStatus>;
    getDetails(run: RunId): Promise<RunDetail>;
    list(options?: Partial<ListRunsOpts>): Promise<Page>;
    cancel(which: CancelRunOpts): Answered<any>;
    replay(which: ReplayRunOpts): Answered<any>;
    restoreTask(taskExternalId: string): Answered<any>;
    branchDurableTask(taskExternalId: string, nodeId: number, branchId?: number): Answered<any>;
    getTaskExternalId(workflowRunId: string): Promise<string>;
    runRef<T = any>(id: string): WorkflowRunRef<T>;
    subscribeToStream(workflowRunId: string): AsyncIterableIterator<string>;
  }
  export type CreateCronInput = { name: string; expression: string; input?: Record<string, any>; additionalMetadata?: Record<string, string>; priority?: number };
  export class CronClient {
    create(workflow: WorkflowRef, cron: CreateCronInput): Promise<Resource>;
    list(options?: { workflow?: WorkflowRef; [option: string]: any }): Promise<Page<Resource>>;
    get(cron: string | Resource): Promise<Resource>;
    delete(cron: string | Resource): Promise<void>;
  }
  export type CreateScheduledRunInput = { triggerAt: Date; input?: Record<string, any>; additionalMetadata?: Record<string, string>; priority?: number };
  export class ScheduleClient {
    create(workflow: WorkflowRef, run: CreateScheduledRunInput): Promise<Resource>;
    list(options?: { workflow?: WorkflowRef; [option: string]: any }): Promise<Page<Resource>>;
    get(run: string | Resource): Promise<Resource>;
    update(run: string | Resource, update: { triggerAt: Date }): Promise<Resource>;
    delete(run: string | Resource): Promise<void>;
    bulkDelete(which: { scheduledRuns?: (string | Resource)[]; filter?: any }): Promise<any>;
    bulkUpdate(updates: { scheduledRun: string | Resource; triggerAt: Date | string }[]): Promise<any>;
  }
  export interface PushEventOptions { additionalMetadata?: Record<string, string>; priority?: number; scope?: string }
  export interface EventWithMetadata<T> { payload: T; additionalMetadata?: Record<string, unknown>; priority?: number; scope?: string }
  export interface Event { eventId: string; key: string; [field: string]: any }
  export class EventClient {
    push<T>(key: string, payload: T, options?: PushEventOptions): Promise<Event>;
    bulkPush<T>(key: string, events: EventWithMetadata<T>[], options?: PushEventOptions): Promise<any>;
    list(options?: any): Promise<Page>;
  }
  export class FiltersClient {
    list(options?: { limit?: number; offset?: number; workflowIds?: string[]; scopes?: string[] }): Promise<Page<Resource>>;
    get(id: string): Promise<Resource>;
    create(filter: { workflowId: string; expression: string; scope: string; payload?: object }): Promise<Resource>;
    update(id: string, updates: { expression?: string; scope?: string; payload?: object }): Promise<Resource>;
    delete(id: string): Promise<Resource>;
  }
  export type ListLogsOpts = { limit?: number; since?: Date; until?: Date; search?: string; levels?: V1LogLineLevel[]; orderByDirection?: V1LogLineOrderByDirection; attempt?: number };
  export class LogsClient { list(taskRunId: string, options?: ListLogsOpts): Promise<Page> }
  export type TaskStatusMetrics = { cancelled: number; completed: number; failed: number; queued: number; running: number };
  export class MetricsClient {
    getTaskStatusMetrics(query?: any): Promise<TaskStatusMetrics>;
    getQueueMetrics(options?: any): Promise<any>;
    scrapePrometheusMetrics(): Promise<string>;
    getTaskStats(): Promise<any>;
  }
  export type CreateRateLimitOpts = { key: string; limit: number; duration?: RateLimitDuration };
  export class RatelimitsClient {
    upsert(limit: CreateRateLimitOpts): Promise<string>;
    list(options?: any): Promise<Page>;
  }
  export class WorkersClient {
    list(): Promise<Page<Resource>>;
    get(id: string): Promise<Resource>;
    isPaused(id: string): Promise<boolean>;
    pause(id: string): Promise<Resource>;
    unpause(id: string): Promise<Resource>;
  }
  export class WorkflowsClient {
    get(workflow: WorkflowRef): Promise<Resource>;
    getWorkflowIdFromName(workflow: WorkflowRef): Promise<string>;
    list(options?: any): Promise<Page<Resource>>;
    delete(workflow: WorkflowRef): Promise<void>;
  }
  export class WebhooksClient {
    list(options?: any): Promise<Page<Resource>>;
    get(name: string): Promise<Resource>;
    create(webhook: any): Promise<Resource>;
    update(name: string, updates?: any): Promise<Resource>;
    delete(name: string): Promise<Resource>;
  }
  export class CELClient {
    debug(what: { expression: string; input: Record<string, any>; additionalMetadata?: Record<string, string>; filterPayload?: Record<string, any> }): Promise<{ status: 'SUCCESS'; output: boolean } | { status: 'ERROR'; error: string }>;
  }
  export class TenantClient { get(): Promise<Resource> }
  export class AdminClient {
    runWorkflow<Q = any, P = any>(name: string, input: Q, options?: RunOpts): Promise<WorkflowRunRef<P>>;
    runWorkflows<Q = any, P = any>(runs: { workflowName: string; input: Q; options?: RunOpts }[]): Promise<WorkflowRunRef<P>[]>;
    putRateLimit(key: string, limit: number, duration?: RateLimitDuration): Promise<void>;
  }
  export function workflowNameString(workflow: WorkflowRef): string;
  export function runStatusToJSON(status: RunStatus): string;

  // Workflows in the shape of v0.
  export interface LegacyStep { name: string; run: (ctx: any) => any; parents?: string[]; timeout?: string; retries?: number; [option: string]: any }
  export interface LegacyWorkflow { id: string; description: string; on?: any; steps: LegacyStep[]; [option: string]: any }
  export type Workflow = LegacyWorkflow;
  export type Step = LegacyStep;
  export function isLegacyWorkflow(workflow: unknown): workflow is LegacyWorkflow;
  export function warnLegacyWorkflow(): void;
  export function transformLegacyWorkflow(workflow: LegacyWorkflow): WorkflowDeclaration<any, any>;
  export function normalizeWorkflow(workflow: BaseWorkflowDeclaration<any, any> | LegacyWorkflow): BaseWorkflowDeclaration<any, any>;
  export function normalizeWorkflows(workflows: (BaseWorkflowDeclaration<any, any> | LegacyWorkflow)[]): BaseWorkflowDeclaration<any, any>[];
  export function getWorkflowName(workflow: WorkflowRef): string;
