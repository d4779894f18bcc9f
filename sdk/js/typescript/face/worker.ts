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

  async isPaused() { return false; }
}
guard(Worker.prototype, 'Worker');
