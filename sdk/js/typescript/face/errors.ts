// Errors of the SDK. Those that natives throw are recognised by their name.
declare const globalThis: any;

export const NonRetryableError = globalThis.NonRetryableError;

export const getErrorMessage = (e: any) => (e instanceof Error ? e.message : String(e));

export class HatchetError extends Error {
  constructor(message?: string, options?: any) {
    super(message, options);
    this.name = 'HatchetError';
  }
}

export function toHatchetError(e: any, given: any = 'An error occurred') {
  if (e instanceof HatchetError) return e;
  const { defaultMessage = 'An error occurred', prefix = '' } = typeof given === 'string' ? { defaultMessage: given } as any : given;
  return new HatchetError(prefix + (getErrorMessage(e) || defaultMessage), { cause: e });
}

const named = (name: string) => (e: any) => e instanceof Error && e.name === name;

export class NonDeterminismError extends HatchetError {
  constructor(public taskExternalId: string, public invocationCount: number, public nodeId: number, message?: string) {
    super(message || `Non-determinism in task ${taskExternalId}, invocation ${invocationCount}, node ${nodeId}`);
    this.name = 'NonDeterminismError';
  }
  static [Symbol.hasInstance](e: any) { return named('NonDeterminismError')(e); }
}

export class EvictionNotSupportedError extends HatchetError {
  constructor(public engineVersion?: string) {
    super(`The engine ${engineVersion || ''} cannot evict durable tasks: it must be v0.80.0 or later.`);
    this.name = 'EvictionNotSupportedError';
  }
}

export class IdempotencyCollisionError extends HatchetError {
  constructor(public existingRunExternalId: string) {
    super(`idempotency key collision: existing run ${existingRunExternalId} already exists`);
    this.name = 'IdempotencyCollisionError';
  }
}

export class BulkTriggerIdempotencyCollisionError extends Error {
  constructor(public successfulWorkflowRunExternalIds: string[], public collisions: any[]) {
    super('idempotency key collision in bulk trigger');
    this.name = 'BulkTriggerIdempotencyCollisionError';
  }
}

export class TaskRunTerminatedError extends Error {
  constructor(public reason: string, message?: string) {
    super(message ?? reason);
    this.name = 'TaskRunTerminatedError';
  }
}

export const isTaskRunTerminatedError = (e: any) => e instanceof TaskRunTerminatedError;

export class DedupeViolationErr extends Error {
  constructor(message?: string) {
    super(message);
    this.name = 'DedupeViolationErr';
  }
}

export class AbortError extends Error {
  code = 'ABORT_ERR';
  constructor(message = 'Operation aborted') {
    super(message);
    this.name = 'AbortError';
  }
}

export const createAbortError = (message?: string) => new AbortError(message);

export const isAbortError = (e: any) => e instanceof Error && (e.name === 'AbortError' || (e as any).code === 'ABORT_ERR');

export function rethrowIfAborted(e: any) {
  if (isAbortError(e)) throw e;
}

export function throwIfAborted(signal: any, given: any = {}) {
  if (!signal?.aborted) return;
  if (signal.reason instanceof Error) throw signal.reason;
  const fallback = typeof given === 'string' ? given : given.defaultMessage;
  throw createAbortError(signal.reason || fallback || 'Operation cancelled by AbortSignal');
}

// translate turns what natives reject with into the SDK's classes.
export function translate(e: any): any {
  if (named('IdempotencyCollisionError')(e) && !(e instanceof IdempotencyCollisionError)) return new IdempotencyCollisionError(e.runId);
  return e;
}

// reasons is what waiting for a run rejects with when it failed: the SDK has a
// list of texts. It also tells what an Error would.
export function reasons(e: any): any {
  if (!named('RunFailedError')(e)) return translate(e);
  const list: any = (e.errors || []).map((one: any) => one.message);
  if (list.length === 0) list.push(e.message);
  for (const key of ['name', 'message', 'stack', 'runId', 'status', 'errors', 'task']) {
    Object.defineProperty(list, key, { value: e[key], configurable: true });
  }
  return Object.defineProperty(list, 'toString', { value: () => list.join('; '), configurable: true });
}
