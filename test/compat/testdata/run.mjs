// One side of a group of cases, in a process of its own:
//
//	node run.mjs worker GROUP   serves what the group declares, until SIGTERM
//	node run.mjs client GROUP…  runs its cases, all at once, and says how they went
//
// A group, such as groups/tasks, is a module whose default export is given the client and
// the tools below, and returns { workflows, worker, cases }; with workers: [{ name,
// workflows, … }] it has several. What this prints is a JSON object a line.
// Cases of several groups have the group's name before theirs; those in the list
// COMPAT_SKIP do not run.
import assert from 'node:assert/strict';
import { HatchetClient } from './hatchet.mjs';
import { toolsOf } from './tools.mjs';

const [side, ...groups] = process.argv.slice(2);
const patience = 90_000; // bounds what a case waits for; far above what a slow machine needs

const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// ring pushes events again and again until the run is over, for nothing tells when an
// engine begins to listen, and returns its output.
async function ring(ref, push) {
  let over = false;
  const output = ref.output.finally(() => { over = true; });
  while (!over) {
    await push();
    await Promise.race([pause(100), output.catch(() => {})]);
  }
  return output;
}

// eventually repeats f until it does not throw and returns what it returns.
async function eventually(f, within = patience) {
  for (let waited = 0; ; waited += 50) {
    try {
      return await f();
    } catch (error) {
      if (waited >= within) throw error;
    }
    await pause(50);
  }
}

// rejection is what a promise is rejected with.
async function rejection(promise) {
  const nothing = {};
  const error = await promise.then(() => nothing, (e) => e);
  assert.notEqual(error, nothing, 'it was fulfilled');
  return error;
}

const text = (error) => (Array.isArray(error) ? error.join('\n') : String(error?.message ?? error));
const tools = { ...assert, eventually, rejection, text, ring };

async function serve(group, declared) {
  const workers = declared.workers ?? [{ workflows: declared.workflows, ...declared.worker }];
  const running = [];
  for (const [i, { name = `${group.replace('/', '-')}-${i}`, ...options }] of workers.entries()) {
    const worker = await hatchet.worker(name, options);
    running.push(worker.start());
    await worker.waitUntilReady(patience);
  }
  say({ ready: true });
  await Promise.all(running);
}

async function attempt(name, f, tools) {
  let timer;
  const late = new Promise((_, reject) => { timer = setTimeout(() => reject(new Error(`not over after ${patience} ms`)), patience); });
  try {
    await Promise.race([f(tools), late]);
    say({ case: name });
  } catch (error) {
    say({ case: name, error: [error?.stack ?? text(error), JSON.stringify(error?.response?.data)].join('\n') });
  } finally {
    clearTimeout(timer);
  }
}

// A process whose parent is gone goes too.
process.stdin.resume().on('end', () => process.exit(1));

// What an engine refuses for good is not worth the SDK's own long patience.
const retrier = { maxAttempts: Number(process.env.COMPAT_ATTEMPTS ?? 2), initialInterval: 0.1, maxJitter: 10 };
const hatchet = HatchetClient.init({ log_level: process.env.COMPAT_LOG_LEVEL ?? 'WARN', retrier });
const declare = async (group) => {
  const given = { ...tools, ...toolsOf(group) };
  return [given, (await import(`./${group}.mjs`)).default({ hatchet, ...given })];
};
if (side === 'worker') {
  const [, declared] = await declare(groups[0]);
  await serve(groups[0], declared);
} else {
  const skipped = JSON.parse(process.env.COMPAT_SKIP ?? '[]');
  const cases = [];
  for (const group of groups) {
    const [given, declared] = await declare(group);
    const before = groups.length > 1 ? `${group.replace('groups/', '')}: ` : '';
    cases.push(...Object.entries(declared.cases).map(([name, f]) => [before + name, f, given]));
  }
  const chosen = cases.filter(([name]) => !skipped.includes(name));
  say({ cases: chosen.map(([name]) => name) });
  await Promise.all(chosen.map(([name, f, given]) => attempt(name, f, given)));
  process.exit(0);
}
