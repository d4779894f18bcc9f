// Workflows in the shape of v0, { id, on, steps: [{ name, run, parents }] }.
import { BaseWorkflowDeclaration, WorkflowDeclaration } from '@hatchet-dev/typescript-sdk/.face/declaration';
import { nameOf } from '@hatchet-dev/typescript-sdk/.face/reference';

export const isLegacyWorkflow = (w: any) => !!w && typeof w === 'object' && !(w instanceof BaseWorkflowDeclaration) && Array.isArray(w.steps) && 'id' in w;

export function warnLegacyWorkflow() {}

const known = new WeakMap<any, any>();

const limits = (given: any) => given?.map(({ key, staticKey, dynamicKey, units, limit, duration }: any) =>
  ({ ...(staticKey || key ? { staticKey: staticKey || key } : {}), dynamicKey, units, limit, duration }));

const options = (step: any, timeout: any) => ({
  fn: (_: any, ctx: any) => step.run(ctx),
  executionTimeout: step.timeout || timeout, retries: step.retries, rateLimits: limits(step.rate_limits),
  desiredWorkerLabels: step.worker_labels, backoff: step.backoff,
});

export function transformLegacyWorkflow(w: any) {
  if (known.has(w)) return known.get(w);
  let { concurrency } = w;
  if (concurrency?.action) throw new TypeError(`workflow ${w.id}: a concurrency action is not available here, as in Hatchet's v1; give an expression`);
  if (concurrency) {
    const { name, ...limit } = concurrency;
    concurrency = limit;
  }
  const declared = new WorkflowDeclaration({
    name: w.id, description: w.description, version: w.version, sticky: w.sticky ?? undefined, on: w.on || undefined, concurrency,
    taskDefaults: { executionTimeout: w.timeout, scheduleTimeout: w.scheduleTimeout },
  });
  known.set(w, declared);
  const tasks: any = {};
  for (const step of w.steps) {
    const parents = step.parents?.map((name: string) => tasks[name]).filter(Boolean);
    tasks[step.name] = declared.task({ name: step.name, ...options(step, w.timeout), parents });
  }
  if (w.onFailure) declared.onFailure(options(w.onFailure, w.timeout));
  return declared;
}

export const normalizeWorkflow = (w: any) => (isLegacyWorkflow(w) ? transformLegacyWorkflow(w) : w);
export const normalizeWorkflows = (list: any[]) => list.map(normalizeWorkflow);
export const getWorkflowName = nameOf;
