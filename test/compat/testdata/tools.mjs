// What tasks and cases of a group share.
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const times = (n, f) => Array.from({ length: n }, (_, i) => f(i));

// toolsOf gives the tools of a group. What its tasks note is in a file that both
// sides see. A gate is shut until one side opens it; passing it ends with the
// run's cancellation too.
export function toolsOf(group) {
  const base = process.env.COMPAT_JOURNAL;
  const journal = process.env.COMPAT_JOURNALS ? `${base}.${group.replace('/', '-')}` : base;
  appendFileSync(journal, '');
  const note = (key, value = null) => appendFileSync(journal, `${JSON.stringify([key, value])}\n`);
  const notes = (key) =>
    readFileSync(journal, 'utf8').split('\n').slice(0, -1).map((line) => JSON.parse(line))
      .filter(([k]) => k === key).map(([, value]) => value);
  const gate = (name) => `${journal}.${name}`;
  const open = (name) => writeFileSync(gate(name), '');
  const opened = (name) => existsSync(gate(name));
  const pass = async (name, ctx) => { while (!opened(name) && !ctx.cancelled) await pause(20); };
  return { pause, times, note, notes, open, opened, pass };
}
