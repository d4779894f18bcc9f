import { expect, test } from 'hatchet:test';
import { batch, catching, charge, dunning, elsewhere, facts, linked, middle, order, parent, plain, raw } from './orders';

const receipt = (id: string) => ({ receipt: `r-${id}`, attempt: 0 });

test('a task', async (t) => {
  const run = await t.run(charge, { id: '1', total: 5 });
  expect(run).toHaveCompleted(receipt('1'));
  expect(run).toHaveLogged('charging 1');
  const failed = await t.run(charge, { id: '1', total: -5 });
  expect(failed).toHaveFailed('nothing to charge');
  expect(failed).toHaveAttempts('Charge', 1);
});

test('a workflow', async (t) => {
  const run = await t.run(order, { id: '7', total: 5 });
  expect(run.output).toEqual({ validate: { ok: true, id: '7' }, pay: { of: '7', ...receipt('7') }, ship: { by: ['filter_payload', 'sleep-2h'] } });
  expect(t.clock.elapsedMs >= 2 * 3600_000).toBe(true);
  const skipped = await t.run(elsewhere, { id: '8', total: 0 });
  expect(skipped).toHaveSkipped('pay');
});

test('children', async (t) => {
  const run = await t.run(parent, {});
  expect(run).toHaveCompleted({
    a: receipt('a'), list: [receipt('b'), receipt('c')], ref: receipt('d'), id: 'string', byName: { Charge: receipt('e') },
    children: [receipt('f'), { Charge: receipt('g') }], many: [receipt('h')], failed: 'nothing to charge',
  });
  expect(run).toHaveSpawned('charge', 10);
});

test('a child that fails rejects with the list of the SDK', async (t) => {
  expect(await t.run(catching, {})).toHaveCompleted({ list: true, texts: ['nothing to charge'], message: 'nothing to charge' });
});

for (const crash of [false, true]) {
  test(`a durable task${crash ? ', with a crash at each checkpoint' : ''}`, async (t) => {
    if (crash) t.fault.crashWorker({ at: 'every-checkpoint' });
    const run = await t.trigger(dunning, { days: 3 });
    await t.clock.advance('73h');
    await t.clock.advance('1h');
    await t.push('note', { kind: 'b' });
    await t.push('note', { kind: 'a', text: 'hello' });
    expect(await run.result()).toMatchObject({
      paid: ['sleep-1h'], event: { kind: 'a', text: 'hello' }, child: { receipt: 'r-dun' }, again: { receipt: 'r-dun2' }, until: { durationMs: 0 },
    });
  });
}

test('middleware is of a client', async (t) => {
  expect(await t.run(middle, {})).toHaveCompleted({ saw: true, after: true });
  expect(await t.run(plain, {})).toHaveCompleted({ saw: 'nothing' });
});

test('a batch', async (t) => {
  const [a, b] = [await t.trigger(batch, { n: 1 }), await t.trigger(batch, { n: 2 })];
  expect(await a.result()).toEqual({ twice: 2 });
  expect(await b.result()).toEqual({ twice: 4 });
});

test('a workflow of v0', async (t) => {
  const run = await t.run('legacy', { n: 4 });
  expect(run.output).toEqual({ first: { got: 4 }, second: { twice: 8 } });
});

test('what tasks are told', async (t) => {
  const { output } = await t.run(facts, {});
  expect(output).toMatchObject({ context: true, workflow: 'facts', data: true, declared: true, collision: true });
  expect(output.unknown).toContain('HatchetClient has no member nothing');
  expect(output.refused).toContain('WorkflowDeclaration.mcpTool is not available here');
});

test('the REST API, and what happens in a run', async (t) => {
  const { output } = await t.run(raw, {});
  expect(output).toMatchObject({
    rows: ['charge'], status: 200, one: 'charge', same: 'charge', cel: true, tenant: 36, missing: [true, 404, 1],
    streamed: 'chunk', last: 'WORKFLOW_RUN_EVENT_TYPE_CANCELLED', ofRun: true, labels: { zone: 'b' }, kept: { zone: 'b' }, contracts: 'COMPLETED', v0: true,
  });
  expect(output.unknown).toContain('HatchetClient.api has no member workflowLst');
  expect(output.browser).toContain('needs the session of a browser');
  expect(output.idless).toContain('HatchetClient.api.workflowGet: workflow must be the id, got undefined');
  expect(output.axios).toContain('settings of axios have no effect here');
});

test('children know their parent', async (t) => {
  expect(await t.run(linked, {})).toHaveCompleted({ children: 8, mine: 8, indexes: 8, stores: 8 });
});
