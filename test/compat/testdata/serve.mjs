// The workers of a group as a program of the official SDK's, for our worker to
// serve. GROUP stands for the group's name.
import { HatchetClient } from '../hatchet.mjs';
import { toolsOf } from '../tools.mjs';
import group from '../GROUP.mjs';

const hatchet = HatchetClient.init({ log_level: 'WARN' });
const declared = group({ hatchet, ...toolsOf('GROUP') });
const workers = declared.workers ?? [{ workflows: declared.workflows, ...declared.worker }];
for (const { name = 'ours', ...options } of workers) {
  const worker = await hatchet.worker(name, options);
  worker.start();
}
