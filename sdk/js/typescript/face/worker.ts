// Workers: here there is one, which serves all files; what they ask for is
// taken down while a file loads.
import { guard, natives, never } from '@hatchet-dev/typescript-sdk/.face/natives';
import { normalizeWorkflow } from '@hatchet-dev/typescript-sdk/.face/legacy';

const used = (value: any) => value !== undefined && value !== null;

function settings({ slots, maxRuns, durableSlots, labels }: any) {
  const out: any = {};
  if (used(slots ?? maxRuns)) out.slots = slots ?? maxRuns;
  if (used(durableSlots)) out.durableSlots = durableSlots;
  const kept = Object.entries(labels ?? {}).filter(([, value]) => used(value));
  if (kept.length > 0) out.labels = Object.fromEntries(kept);
  return out;
}

// serving is the id of the worker, which it has once it serves.
function serving(worker: Worker) {
  if (natives.loading()) throw new TypeError(`worker ${worker.name} does not serve yet; pause it in a task`);
  return natives.thisWorker.id();
}

export class Worker {
  _labels: any;

  constructor(public name: string, public config: any = {}) {
    natives.worker(name, settings(config));
    this._labels = { ...config.labels };
    this._hand(config.workflows);
  }

  _hand(workflows: any[] = []) {
    for (const workflow of workflows) natives.hand(normalizeWorkflow(workflow)?._handle);
  }

  static async create(_client: any, name: string, options: any = {}) { return new Worker(name, options); }

  async registerWorkflows(workflows: any[] = []) { this._hand(workflows); }

  async registerWorkflow(workflow: any) { this._hand([workflow]); }

  // What follows the end of a worker follows the end of this process.
  start() {
    natives.serves();
    return never();
  }

  waitUntilReady() {
    natives.serves();
    return never();
  }

  async stop() {}

  getLabels() { return this._labels; }

  // Before the worker serves its labels are those that it is set up with.
  async upsertLabels(labels: any) {
    if (natives.loading()) natives.worker(this.name, settings({ labels }));
    else await natives.thisWorker.upsertLabels(labels);
    return Object.assign(this._labels, labels);
  }

  async pause() { return natives.client.workers.pause(serving(this)); }

  async unpause() { return natives.client.workers.unpause(serving(this)); }

  async isPaused() { return false; }
}
guard(Worker.prototype, 'Worker');
