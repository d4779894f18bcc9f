// ctx: the natives' own, with what the SDK does otherwise.
import { natives } from '@hatchet-dev/typescript-sdk/.face/natives';
import { asGiven } from '@hatchet-dev/typescript-sdk/.face/conditions';
import { durationToString } from '@hatchet-dev/typescript-sdk/.face/duration';
import { HatchetError, createAbortError } from '@hatchet-dev/typescript-sdk/.face/errors';
import { results, spawn, start, startMany } from '@hatchet-dev/typescript-sdk/.face/reference';

// The client that was made last, whose logger is told what tasks log.
let current: any;
export const setClient = (client: any) => { current = client; };

const inData = ['input', 'parents', 'triggers', 'triggered_by', 'user_data', 'step_run_errors', 'overrides'];

const tell: any = {
  DEBUG: (logger: any, message: string, _: any, extra: any) => logger.debug(message, extra),
  INFO: (logger: any, message: string, _: any, extra: any) => logger.info(message, extra),
  WARN: (logger: any, message: string, error: any, extra: any) => logger.warn(message, error, extra),
  ERROR: (logger: any, message: string, error: any, extra: any) => logger.error(message, error, extra),
};

// fields are what goes along with a message: extra, with the error.
function fields(given: any) {
  if (!given || typeof given !== 'object' || given instanceof Error) return given;
  if (!given.error) return given.extra;
  const { name, message, stack } = given.error;
  return { ...given.extra, error: { name, message, stack } };
}

export class ContextWorker {
  constructor() { throw new TypeError('ContextWorker is made by the worker; see ctx.worker'); }
}

export class Context {
  get overridesData(): any { return natives.payload("overrides") ?? {}; }

  get data(): any {
    const data: any = {};
    for (const key of inData) data[key] = natives.payload(key);
    return data;
  }

  get action(): any { return natives.action(); }
  get v1(): any { return current; }
  get controller(): any { return (this as any).abortController; }
  get runtime(): any { throw new TypeError('ctx.runtime is not available here; use the methods of ctx'); }

  throwIfCancelled() {
    if ((this as any).cancelled) throw createAbortError('Operation cancelled by AbortSignal');
  }

  async parentOutput(parent: any): Promise<any> {
    const name = typeof parent === 'string' ? parent : parent.name;
    const output = natives.payload('parents')?.[name];
    if (!output) throw new HatchetError(`Output for parent task '${name}' not found`);
    return output;
  }

  errors(): any { return natives.payload('step_run_errors') ?? {}; }
  stepRunErrors() { return this.errors(); }
  triggers(): any { return natives.payload('triggers'); }
  filterPayload(): any { return natives.payload('triggers')?.filter_payload ?? {}; }
  triggeredByEvent() { return natives.payload('triggered_by') === 'event'; }
  userData(): any { return natives.payload('user_data'); }
  workflowName() { return natives.action().jobName; }
  // As the engine has it, which knows names in lower case.
  // @ts-ignore: of the natives
  workflowNameV1(): string { return super.workflowNameV1().toLowerCase(); }
  stepName() { return (this as any).taskName(); }
  workflowInput() { return (this as any).input; }

  stepOutput(step: string): any {
    const output = natives.payload('parents')?.[step];
    if (!output) throw new HatchetError(`output for step '${step}' not found`);
    return output;
  }

  async log(message: string, level: any = 'INFO', extra?: any): Promise<any> {
    // @ts-ignore: of the natives
    super.log(message, level, fields(extra));
    if (current?._logs) tell[level]?.(current._logs, message, extra?.error, extra?.extra);
  }

  get logger(): any {
    return {
      info: (message: string, extra?: any) => this.log(message, 'INFO', { extra }),
      debug: (message: string, extra?: any) => this.log(message, 'DEBUG', { extra }),
      warn: (message: string, extra?: any) => this.log(message, 'WARN', withExtra(extra)),
      error: (message: string, extra?: any) => this.log(message, 'ERROR', withExtra(extra)),
      util: (key: string, message: string, extra?: any) => current?._logs?.util?.(key, message, extra?.extra),
    };
  }

  async runChild(workflow: any, input: any, options?: any): Promise<any> {
    this.throwIfCancelled();
    return (await start(workflow, input, options)).output;
  }

  async runNoWaitChild(workflow: any, input: any, options?: any): Promise<any> {
    this.throwIfCancelled();
    return start(workflow, input, options);
  }

  async bulkRunNoWaitChildren(children: any[]): Promise<any> {
    this.throwIfCancelled();
    return startMany(children);
  }

  async bulkRunChildren(children: any[]): Promise<any> { return results(await this.bulkRunNoWaitChildren(children), false); }
  spawnWorkflow(workflow: any, input: any, options?: any) { return this.runNoWaitChild(workflow, input, options); }
  spawnWorkflows(children: any[]) { return this.bulkRunNoWaitChildren(children); }
}

// withExtra takes { extra, error }, or fields as they are, which people give.
function withExtra(given: any) {
  if (!given || typeof given !== 'object' || given instanceof Error) return { error: given };
  return 'extra' in given || given.error instanceof Error ? given : { extra: given };
}

// located gives the error of a replay that differs what the SDK's tells, and its
// spelling.
async function located(ctx: any, wait: Promise<any>) {
  try {
    return await wait;
  } catch (e: any) {
    if (e?.name === 'NonDeterminismError') {
      const message = e.message.replace(/^NonDeterminism/, 'Non-determinism');
      Object.assign(e, { message, nodeId: e.step, taskExternalId: ctx.taskRunExternalId(), invocationCount: ctx.invocationCount });
    }
    throw e;
  }
}

export class DurableContext extends Context {
  get supportsEviction() { return true; }
  get durableListener(): any { throw new TypeError('ctx.durableListener is not available here; use the methods of ctx'); }

  async sleepFor(duration: any, given?: any, label?: string): Promise<any> {
    // @ts-ignore: of the natives
    return located(this, super.sleepFor(durationToString(duration), typeof given === 'object' ? given?.label : label));
  }

  async waitFor(conditions: any, label?: string): Promise<any> {
    // @ts-ignore: of the natives
    return located(this, super.waitFor(asGiven(conditions), label));
  }

  async waitForEvent(key: string, expression?: string, schema?: any, scope?: string, lookback?: any, label?: string): Promise<any> {
    const options: any = {};
    if (expression) options.expression = expression;
    if (scope) options.scope = scope;
    if (lookback) options.lookback = lookback;
    if (label) options.label = label;
    // @ts-ignore: of the natives
    const payload = await located(this, super.waitForEvent(key, options));
    return schema ? schema.parse(payload ?? {}) : payload ?? {};
  }

  async spawnChild(workflow: any, input?: any, options?: any): Promise<any> {
    return (await this.spawnChildren([{ workflow, input, options }]))[0];
  }

  async spawnChildren(children: any[]): Promise<any> {
    this.throwIfCancelled();
    if (natives.durable()) return located(this, spawn(children));
    return results(await startMany(children), false);
  }
}

Object.setPrototypeOf(Context.prototype, natives.context);
natives.contexts(Context.prototype, DurableContext.prototype);

export async function computeMemoKey(taskRunExternalId: string, args: readonly unknown[]) {
  const text = new TextEncoder().encode(taskRunExternalId + JSON.stringify(args));
  return new Uint8Array(await crypto.subtle.digest('SHA-256', text));
}
