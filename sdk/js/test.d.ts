// What tests import.
declare module 'hatchet:test' {
  type WorkflowRef = string | { readonly name: string };
  type JsonObject = { [key: string]: any };
  type Duration = Hatchet.Duration;
  type Status = 'QUEUED' | 'RUNNING' | 'COMPLETED' | 'FAILED' | 'CANCELLED';

  interface TestOptions {
    /** Where the test's clock begins. Default 2026-01-01T00:00:00Z. */
    start?: string | number;
    /** Seed of Math.random, crypto.randomUUID and the like. */
    seed?: number;
    /** Milliseconds on the wall clock. Default 5000. */
    timeout?: number;
    /** Durable tasks are replayed from the top at each wait. */
    alwaysReplay?: boolean;
    /** What scripts may reach beside mocks: by kind true, or a list of entries. */
    permissions?: Partial<Record<'net' | 'read' | 'write' | 'env' | 'run', true | string[]>>;
    /** Slots of the worker. */
    slots?: number;
    /** Jumps of the clock after which the test fails. Default 10000. */
    maxJumps?: number;
    /** Tries after a failure. */
    retry?: number;
    /** Runs of the test. */
    repeats?: number;
    skip?: boolean;
    only?: boolean;
  }

  type TestFunction = (t: Test, ...args: any[]) => void | Promise<void>;

  interface TestDeclarer {
    (name: string, fn: TestFunction): void;
    (name: string, options: TestOptions, fn: TestFunction): void;
    only(name: string, fn: TestFunction): void;
    only(name: string, options: TestOptions, fn: TestFunction): void;
    skip(name: string, fn?: TestFunction): void;
    skip(name: string, options: TestOptions, fn?: TestFunction): void;
    todo(name: string): void;
    each(rows: readonly any[]): (name: string, fn: TestFunction) => void;
    /** One test per JSON file, see the guide to testing. */
    fixtures(pattern: string, workflow?: WorkflowRef, options?: TestOptions): void;
  }

  interface GroupDeclarer {
    (name: string, fn: () => void): void;
    only(name: string, fn: () => void): void;
    skip(name: string, fn: () => void): void;
    each(rows: readonly any[]): (name: string, fn: (...args: any[]) => void) => void;
  }

  export const test: TestDeclarer;
  export const it: TestDeclarer;
  export const describe: GroupDeclarer;
  export function beforeEach(fn: (t: Test) => void | Promise<void>): void;
  export function afterEach(fn: (t: Test) => void | Promise<void>): void;

  interface TaskState {
    name: string; status: Status; attempts: number; skipped: boolean; parked: boolean;
    output?: any; error?: string; startedMs?: number; finishedMs?: number;
  }

  /** A run; its properties tell how it stands now. */
  export class Run<O = any> {
    readonly id: string | undefined;
    readonly workflow: string;
    readonly status: Status;
    readonly input: any;
    readonly output: O;
    readonly error: string | undefined;
    readonly tasks: TaskState[];
    task(name: WorkflowRef): TaskState;
    children(): Run[];
    events(): { kind: string; task?: string; status?: string; text?: string; atMs: number }[];
    logs(): { task: string; level: string; message: string; atMs: number }[];
    waits(): { task: string; what: string; sleep?: string; sleepMs?: number; events: string[]; child?: string; done: boolean }[];
    timeline(): string;
    /** Waits for the end and gives the output; rejects if the run failed or was cancelled. */
    result(): Promise<O>;
    /** Waits for the end, whatever it is. */
    finished(): Promise<this>;
    /** Waits until the run waits for this. */
    parked(on?: { sleep?: string; event?: string; child?: WorkflowRef }): Promise<void>;
    cancel(): Promise<void>;
    replay(options?: { from?: WorkflowRef }): Promise<this>;
    stream(): Promise<string[]>;
  }

  export class RunFailedError extends Error {
    runId: string;
    status: Status;
  }

  interface MockCall { input: any; task: string; workflow: string; attempt: number }
  interface Mock<C = MockCall> {
    readonly calls: C[] & { unique<T>(of: (call: C) => T): T[] };
    readonly called: boolean;
  }
  interface HttpCall { method: string; url: string; headers: Record<string, string>; body: string; readonly json: any; header(name: string): string | undefined }
  type HttpReply = number | string | { status?: number; headers?: Record<string, string>; json?: any } | { status?: number; headers?: Record<string, string>; text?: string };
  interface CommandCall { command: string; program: string; args: string[]; cwd: string }
  type CommandReply = number | string | { code?: number; stdout?: string; stderr?: string; signal?: string };
  type Serving<C, R> = R | Error | ((call: C) => R | Promise<R>) | (R | Error)[];
  type Reply = JsonObject | Error | null | ((input: any) => any) | (JsonObject | Error | null)[];

  /** What a test works with: an engine, a worker and a clock of its own. */
  interface Test {
    readonly name: string;
    trigger<I, O>(workflow: Hatchet.Runnable<I, O>, input?: I, options?: { key?: string; metadata?: JsonObject; priority?: 1 | 2 | 3; delay?: Duration }): Promise<Run<O>>;
    run<I, O>(workflow: Hatchet.Runnable<I, O>, input?: I, options?: { key?: string; metadata?: JsonObject; priority?: 1 | 2 | 3; delay?: Duration }): Promise<Run<O>>;
    push(key: string, data?: JsonObject, options?: { metadata?: JsonObject; priority?: 1 | 2 | 3; scope?: string }): Promise<void>;
    schedule<I, O>(workflow: Hatchet.Runnable<I, O>, input: I, at: Date | string | number): Promise<Run<O>>;
    runs(filter?: { workflow?: WorkflowRef; status?: Status }): Run[];
    idle(): Promise<void>;
    log(...values: any[]): void;
    /** Keeps what servers say in a file, the first time, and replays it. */
    record(path: string): Mock<HttpCall>;
    readonly clock: {
      now(): Date;
      readonly elapsed: string;
      readonly elapsedMs: number;
      advance(by: Duration): Promise<void>;
      advanceTo(time: Date | string | number): Promise<void>;
      next(): Promise<void>;
      pending(): { nextMs?: number; waiting: string[] };
      pause(): void;
      auto(): void;
    };
    readonly cron: { fire(workflow: WorkflowRef): Promise<Run>; enable(workflow: WorkflowRef): Promise<void> };
    readonly worker: { start(options?: { slots?: number; labels?: JsonObject }): Promise<void>; stop(): Promise<void>; kill(): Promise<void> };
    readonly mock: {
      task(task: WorkflowRef, reply: Reply): Mock;
      child(workflow: WorkflowRef, reply: Reply): Mock;
      /** A server: "POST https://api.example.com/*". */
      fetch(pattern: string, reply: Serving<HttpCall, HttpReply>, options?: { delay?: Duration }): Mock<HttpCall>;
      /** A program: "git commit *", or its name. */
      exec(pattern: string, reply: Serving<CommandCall, CommandReply>, options?: { delay?: Duration }): Mock<CommandCall>;
      /** A module, by the name with which the test file would import it, written as a text. */
      module(name: string, exports: JsonObject): Mock<{ name: string; args: any[] }>;
      fs(files: Record<string, string>): { read(path: string): string | undefined };
      env(variables: Record<string, string>): void;
      secret(values: Record<string, string>): void;
    };
    readonly fault: {
      failTask(task: WorkflowRef, options?: { times?: number; error?: Error | string; before?: boolean; after?: boolean }): void;
      timeoutTask(task: WorkflowRef, options?: { times?: number }): void;
      slow(task: WorkflowRef, by: Duration, options?: { times?: number }): void;
      duplicateDelivery(task: WorkflowRef, options?: { times?: number }): void;
      crashWorker(options: { after: WorkflowRef } | { at: WorkflowRef | 'every-checkpoint' }): void;
      dropStream(options?: { for?: Duration }): Promise<void>;
      noWorker(options?: { for?: Duration }): Promise<void>;
      evict(run: Run): Promise<void>;
      rateLimit(key: string): Promise<void>;
    };
  }

  interface Matchers<R> {
    readonly not: Matchers<R>;
    readonly resolves: Matchers<Promise<void>>;
    readonly rejects: Matchers<Promise<void>>;
    toBe(expected: any): R;
    toEqual(expected: any): R;
    toStrictEqual(expected: any): R;
    toMatchObject(expected: any): R;
    toBeDefined(): R;
    toBeUndefined(): R;
    toBeNull(): R;
    toBeNaN(): R;
    toBeTruthy(): R;
    toBeFalsy(): R;
    toBeGreaterThan(expected: number | bigint): R;
    toBeGreaterThanOrEqual(expected: number | bigint): R;
    toBeLessThan(expected: number | bigint): R;
    toBeLessThanOrEqual(expected: number | bigint): R;
    toBeCloseTo(expected: number, digits?: number): R;
    toBeInstanceOf(type: Function): R;
    toBeTypeOf(name: string): R;
    toBeOneOf(list: readonly any[]): R;
    toContain(expected: any): R;
    toContainEqual(expected: any): R;
    toHaveLength(length: number): R;
    toHaveProperty(path: string | string[], value?: any): R;
    toMatch(pattern: string | RegExp): R;
    toSatisfy(predicate: (value: any) => boolean): R;
    toThrow(expected?: any): R;
    toThrowError(expected?: any): R;
    toHaveCompleted(output?: any): R;
    toHaveFailed(message?: string | RegExp, options?: { task?: WorkflowRef }): R;
    toHaveBeenCancelled(): R;
    toHaveAttempts(task: WorkflowRef, n: number): R;
    toHaveSkipped(task: WorkflowRef): R;
    toHaveSlept(duration: Duration, options?: { times?: number }): R;
    toHaveWaitedFor(eventKey: string): R;
    toHaveSpawned(workflow: WorkflowRef, n?: number): R;
    toHaveLogged(line: string | RegExp): R;
    toHaveRunInOrder(tasks: WorkflowRef[]): R;
    toHaveOverlapped(a: WorkflowRef, b: WorkflowRef): R;
    toMatchSnapshot(name?: string): R;
    toMatchInlineSnapshot(text: string): R;
    toMatchTimeline(name?: string): R;
  }

  export const expect: {
    (value: any): Matchers<void>;
    any(type: Function): any;
    anything(): any;
    objectContaining(part: object): any;
    arrayContaining(list: readonly any[]): any;
    stringContaining(part: string): any;
    stringMatching(pattern: string | RegExp): any;
    closeTo(n: number, digits?: number): any;
    extend(matchers: Record<string, (this: { equals(a: any, b: any): boolean }, received: any, ...args: any[]) => any>): void;
    assertions(n: number): void;
    hasAssertions(): void;
    fail(message?: string): never;
  };
}
