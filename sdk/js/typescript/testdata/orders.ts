import { AsyncLocalStorage } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
import {
  APIContracts, BaseWorkflowDeclaration, ConcurrencyLimitStrategy, Context, Hatchet, IdempotencyCollisionError, NonRetryableError, Or, Priority, SleepCondition, UserEventCondition, V0Context, Worker,
} from '@hatchet-dev/typescript-sdk';
import { ParentCondition } from '@hatchet-dev/typescript-sdk/v1/conditions/parent-condition';
import sleep from '@hatchet-dev/typescript-sdk/util/sleep';

const hatchet = Hatchet.init();

type Order = { id: string; total: number };

export const charge = hatchet.task({
  name: 'Charge',
  retries: 2,
  executionTimeout: '30s',
  fn: async (input: Order, ctx) => {
    ctx.logger.info(`charging ${input.id}`, { total: input.total });
    if (input.total < 0) throw new NonRetryableError('nothing to charge');
    return { receipt: `r-${input.id}`, attempt: ctx.retryCount() };
  },
});

export const order = hatchet.workflow<Order>({ name: 'order', onEvents: ['order:created'], defaultPriority: Priority.HIGH });
const validate = order.task({ name: 'validate', fn: (input) => ({ ok: input.total > 0, id: input.id }) });
const pay = order.task({
  name: 'pay',
  parents: [validate],
  skipIf: [new ParentCondition(validate, '!output.ok')],
  fn: async (input, ctx) => {
    const parent = await ctx.parentOutput(validate);
    return { of: (parent as any).id, ...(await charge.run(input)) };
  },
});
order.task({ name: 'ship', parents: [pay], waitFor: Or(new SleepCondition('2h'), new UserEventCondition('packed', 'true')), fn: (_, ctx) => ({ by: Object.keys(ctx.triggers()) }) });
order.onFailure({ fn: (_, ctx) => { ctx.logger.error('failed', { error: new Error(JSON.stringify(Object.keys(ctx.errors()))) }); } });

// Children start beside each other, and by all the ways there are.
export const parent = hatchet.task({
  name: 'parent',
  fn: async (_: {}, ctx) => {
    const one = (id: string) => ({ id, total: 1 });
    const [a, list] = await Promise.all([charge.run(one('a')), charge.run([one('b'), one('c')])]);
    await sleep(10);
    const ref = await charge.runNoWait(one('d'));
    const byName = await hatchet.run('charge', one('e'));
    const children = await ctx.bulkRunChildren([{ workflow: charge, input: one('f') }, { workflow: 'charge', input: one('g') }]);
    const many = await charge.runMany([{ input: one('h'), opts: { additionalMetadata: { n: '1' } } }]);
    const failures = await charge.run([one('i'), { id: 'j', total: -1 }], { returnExceptions: true });
    return {
      a, list, ref: await ref.output, id: typeof (await ref.runId), byName, children, many,
      failed: (failures[1] as any) instanceof Error && (failures[1] as any).message,
    };
  },
});

export const catching = hatchet.task({
  name: 'catching',
  fn: async () => {
    try {
      await charge.run({ id: 'x', total: -1 });
    } catch (e: any) {
      return { list: Array.isArray(e), texts: [...e], message: e.message };
    }
    return {};
  },
});

export const dunning = hatchet.durableTask({
  name: 'dunning',
  executionTimeout: '1h',
  fn: async (input: { days: number }, ctx) => {
    const began = await ctx.now();
    for (let day = 0; day < input.days; day++) await ctx.sleepFor({ hours: 24 });
    const paid = await ctx.waitFor(Or({ sleepFor: '1h' }, { eventKey: 'paid' }));
    const event = await ctx.waitForEvent('note', "input.kind == 'a'");
    const child = await charge.run({ id: 'dun', total: 1 });
    const [again] = await ctx.spawnChildren([{ workflow: charge, input: { id: 'dun2', total: 1 } }]);
    const until = await ctx.sleepUntil(new Date(began.getTime()));
    return { began: began.toISOString(), paid: Object.keys((paid as any).CREATE), event, child, again, until };
  },
});

// A handle for a workflow that is declared elsewhere.
export const elsewhere = hatchet.workflow<Order>({ name: 'order' });

const wrapped = Hatchet.init().withMiddleware({
  before: (input: any) => ({ ...input, before: true }),
  after: (output: any, _: any, input: any) => ({ ...output, after: input.before }),
});
export const middle = wrapped.task({ name: 'middle', fn: (input: any) => ({ saw: input.before }) });
export const plain = hatchet.task({ name: 'plain', fn: (input: any) => ({ saw: input.before ?? 'nothing' }) });

export const limited = hatchet.task({
  name: 'limited',
  concurrency: { expression: 'input.id', maxRuns: 1, limitStrategy: ConcurrencyLimitStrategy.GROUP_ROUND_ROBIN },
  fn: (input: Order) => input,
});

export const batch = hatchet.batchTask({
  name: 'batch',
  batch: { maxSize: 2, maxInterval: '1s' },
  fn: (inputs: Record<string, { n: number }>) => Object.fromEntries(Object.entries(inputs).map(([id, { n }]) => [id, { twice: 2 * n }])),
});

export const facts = hatchet.task({
  name: 'facts',
  fn: async (_: {}, ctx) => ({
    context: ctx instanceof Context, workflow: ctx.workflowNameV1(), job: ctx.workflowName(), data: Object.keys(ctx.data).includes('parents'),
    declared: charge instanceof BaseWorkflowDeclaration, collision: new IdempotencyCollisionError('r') instanceof Error,
    unknown: await Promise.resolve().then(() => (hatchet as any).nothing).catch((e) => e.message),
    refused: await Promise.resolve().then(() => (charge as any).mcpTool('claude')).catch((e) => e.message),
  }),
});

const streams = hatchet.task({
  name: 'streams',
  fn: async (_: {}, ctx) => {
    while (!ctx.cancelled) {
      await ctx.putStream('chunk');
      await sleep(100);
    }
  },
});

// The REST API by its names, and what happens in a run.
const tenant = hatchet.tenantId;
export const raw = hatchet.task({
  name: 'raw',
  fn: async (_: {}, ctx) => {
    const failed = (call: () => any) => Promise.resolve().then(call).then(() => 'none', (e) => e);
    const { data, status } = await hatchet.api.workflowList(tenant, { name: 'charge' });
    const { data: one } = await hatchet.api.workflowGet(data.rows[0].metadata.id);
    const { data: asked } = await hatchet.api.request({ path: `/api/v1/tenants/${hatchet.tenantId}/workflows`, query: { name: 'charge' } });
    const { data: cel } = await hatchet.api.v1CelDebug(hatchet.tenantId, { expression: 'input.n > 1', input: { n: 2 } });
    const missing = await failed(() => hatchet.api.v1WorkflowRunGet('00000000-0000-4000-8000-000000000000'));
    const ref = await streams.runNoWait({});
    const events = [];
    for await (const event of await ref.stream()) {
      if (event.type === 'STEP_RUN_EVENT_TYPE_STREAM') await ref.cancel();
      events.push(event);
    }
    await worker.upsertLabels({ zone: 'b' });
    return {
      rows: data.rows.map((row: any) => row.name), status, one: one.name, same: asked.rows[0].name, cel: cel.output, tenant: hatchet.tenantId.length,
      missing: [missing.isAxiosError, missing.response.status, missing.response.data.errors.length],
      unknown: (await failed(() => (hatchet.api as any).workflowLst(tenant))).message,
      browser: (await failed(() => (hatchet.api as any).userGetCurrent())).message,
      idless: (await failed(() => hatchet.api.workflowGet(undefined as any))).message,
      axios: (await failed(() => hatchet.api.workflowGet('x', { headers: { a: 'b' } }))).message,
      streamed: events.find((e) => e.type === 'STEP_RUN_EVENT_TYPE_STREAM')!.payload, last: events.at(-1)!.type,
      ofRun: events.every((e) => e.workflowRunId === ref.workflowRunId), labels: ctx.worker.labels(), kept: worker.getLabels(),
      contracts: APIContracts.V1TaskStatus.COMPLETED, v0: ctx instanceof V0Context,
    };
  },
});

const whose = hatchet.task({ name: 'whose', fn: (_: {}, ctx) => ({ parent: ctx.parentWorkflowRunId(), index: ctx.childIndex() }) });

// A child knows its parent wherever it is started from.
export const linked = hatchet.task({
  name: 'linked',
  fn: async (_: {}, ctx) => {
    const storage = new AsyncLocalStorage<string>();
    const emitter = new EventEmitter();
    const seen: (string | undefined)[] = [];
    const child = () => { seen.push(storage.getStore()); return whose.run({}); };
    const children = await storage.run('mine', () => Promise.all([
      child(), (async () => { await sleep(10); await null; return child(); })(),
      new Promise((done) => { setTimeout(() => done(child()), 5); }),
      new Promise((done) => { queueMicrotask(() => done(child())); }),
      new Promise((done) => { emitter.once('go', () => done(child())); setTimeout(() => emitter.emit('go'), 1); }),
      new Promise((done) => { process.nextTick(() => done(child())); }),
      new Promise((done) => { setImmediate(() => done(child())); }),
      Promise.resolve().then(child).finally(() => {}),
    ])) as any[];
    const mine = children.filter((c) => c.parent === ctx.workflowRunId()).length;
    return { children: children.length, mine, indexes: new Set(children.map((c) => c.index)).size, stores: seen.filter((s) => s === 'mine').length };
  },
});

const legacy = {
  id: 'legacy', description: 'of v0', on: { event: 'legacy:event' },
  steps: [
    { name: 'first', run: async (ctx: any) => ({ got: ctx.workflowInput().n }) },
    { name: 'second', parents: ['first'], run: async (ctx: any) => ({ twice: 2 * ctx.stepOutput('first').got }) },
  ],
};

let worker: Worker;
async function main() {
  worker = await hatchet.worker('orders', { workflows: [order, charge, parent, catching, dunning, middle, plain, limited, batch, facts, raw, streams, linked, whose, legacy as any], slots: 7 });
  await worker.start();
}

main();
