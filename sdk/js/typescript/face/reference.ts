// References to runs, and starting them.
import { guard, natives } from '@hatchet-dev/typescript-sdk/.face/natives';
import { HatchetError, reasons, translate } from '@hatchet-dev/typescript-sdk/.face/errors';
import { WorkerLabelComparator, wordOf } from '@hatchet-dev/typescript-sdk/.face/enums';

export class WorkflowRunRef {
  parentWorkflowRunId?: string;
  _standaloneTaskName?: string;
  _bare = false;
  defaultSignal?: any;

  constructor(public workflowRunId: any, standalone?: string) {
    this._standaloneTaskName = standalone;
  }

  get runId() { return this.getWorkflowRunId(); }

  async getWorkflowRunId() {
    const id = await this.workflowRunId;
    return typeof id === 'string' ? id : id.workflowRunId;
  }

  get output() { return this.result(); }

  async result() {
    const id = await this.getWorkflowRunId();
    let outputs;
    try {
      outputs = await natives.client.result(id);
    } catch (e) {
      throw reasons(e);
    }
    return this._standaloneTaskName && !this._bare ? outputs[this._standaloneTaskName] : outputs;
  }

  async stream(): Promise<any> { return natives.follow(await this.getWorkflowRunId()); }

  async cancel() { await natives.client.runs.cancel({ ids: [await this.getWorkflowRunId()] }); }

  async replay() { await natives.client.runs.replay({ ids: [await this.getWorkflowRunId()] }); }

  async toJSON() { return JSON.stringify({ workflowRunId: await this.workflowRunId }); }
}

// RunListenerClient follows runs that are known by their id.
export class RunListenerClient {
  async stream(id: string): Promise<any> { return natives.follow(id); }

  async streamByRunId(id: string): Promise<any> { return natives.follow(id); }
}
guard(RunListenerClient.prototype, 'HatchetClient.listener');

// nameOf is the name of a workflow: given by name, by declaration, or in the
// shape of v0.
export function nameOf(workflow: any): string {
  if (typeof workflow === 'string') return workflow;
  if (workflow && typeof workflow.name === 'string') return workflow.name;
  if (workflow && typeof workflow.id === 'string') return workflow.id;
  throw new Error('Invalid workflow: give its name, or what hatchet.workflow or hatchet.task returned');
}

export function labelsOf(labels: any): any {
  if (!labels) return undefined;
  const out: any = {};
  for (const [key, label] of Object.entries<any>(labels)) {
    out[key] = label && typeof label === 'object' ? { ...label, comparator: wordOf(WorkerLabelComparator, label.comparator) } : label;
  }
  return out;
}

// options are those of a run as natives read them.
export function options(given: any = {}): any {
  const { returnExceptions, desiredWorkerLabels, ...rest } = given ?? {};
  const out: any = desiredWorkerLabels ? { ...rest, desiredWorkerLabels: labelsOf(desiredWorkerLabels) } : rest;
  for (const key of Object.keys(out)) if (out[key] === undefined || out[key] === null) delete out[key];
  return out;
}

export const child = (workflow: any, input: any, given: any) => ({ workflow: nameOf(workflow), input: input ?? {}, options: options(given) });

function refOf(started: any, workflow: any, standalone?: string) {
  const ref = new WorkflowRunRef(started.runId, standalone ?? workflow?._standalone_task_name);
  ref._bare = natives.durable() && !!ref._standaloneTaskName;
  return ref;
}

export async function start(workflow: any, input: any, given?: any, standalone?: string) {
  const name = nameOf(workflow);
  try {
    return refOf(await natives.client.runNoWait(name, input ?? {}, options(given)), workflow, standalone);
  } catch (e) {
    throw translate(e);
  }
}

// startMany starts runs of any workflows: a list of { workflow, input, options }.
export async function startMany(children: any[]) {
  try {
    const started = await natives.runMany(children.map((c) => child(c.workflow, c.input, c.options)));
    return started.map((ref: any, i: number) => refOf(ref, children[i].workflow));
  } catch (e) {
    throw translate(e);
  }
}

// results waits for runs; with failures, what they reject with is among them.
export async function results(refs: any[], failures: boolean) {
  if (!failures) return Promise.all(refs.map((ref) => ref.result()));
  const settled = await Promise.allSettled(refs.map((ref) => ref.result()));
  return settled.map((s: any) => {
    if (s.status === 'fulfilled') return s.value;
    return s.reason instanceof Error ? s.reason : new Error(Array.isArray(s.reason) ? s.reason.join('; ') : String(s.reason));
  });
}

// spawn starts children of a durable task and waits for them.
export async function spawn(children: any[]) {
  try {
    return await natives.spawn(children.map((c) => child(c.workflow, c.input, c.options)));
  } catch (e: any) {
    throw e?.name === 'RunFailedError' ? new HatchetError(e.message, { cause: e }) : translate(e);
  }
}
