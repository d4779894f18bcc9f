import { expect, test } from 'hatchet:test';
import './report';

test('the slowest sample is reported', async (t) => {
  const run = await t.run<any, any>('latency-report', { samples: [{ name: 'home', ms: 60_000 }, { name: 'cart', ms: 20 }] });
  expect(run).toHaveCompleted({ format: { text: '2 samples, slowest 1 minute' } });
});
