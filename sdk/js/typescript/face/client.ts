// The client. It talks through the worker's own connection.
import { guard, natives } from '@hatchet-dev/typescript-sdk/.face/natives';
import { setClient } from '@hatchet-dev/typescript-sdk/.face/context';
import {
  CreateBatchTaskWorkflow, CreateDurableTaskWorkflow, CreateTaskWorkflow, CreateWorkflow,
} from '@hatchet-dev/typescript-sdk/.face/declaration';
import {
  AdminClient, CELClient, CronClient, EventClient, FiltersClient, LogsClient, MetricsClient, RatelimitsClient, RunsClient,
  ScheduleClient, TenantClient, WebhooksClient, WorkersClient, WorkflowsClient,
} from '@hatchet-dev/typescript-sdk/.face/features';
import { Api } from '@hatchet-dev/typescript-sdk/.face/rest';
import { ConsoleLogger } from '@hatchet-dev/typescript-sdk/.face/logger';
import { RunListenerClient, WorkflowRunRef, start } from '@hatchet-dev/typescript-sdk/.face/reference';
import { normalizeWorkflow } from '@hatchet-dev/typescript-sdk/.face/legacy';
import { Worker } from '@hatchet-dev/typescript-sdk/.face/worker';

const sections: any = {
  runs: RunsClient, crons: CronClient, scheduled: ScheduleClient, events: EventClient, filters: FiltersClient, logs: LogsClient,
  metrics: MetricsClient, ratelimits: RatelimitsClient, workers: WorkersClient, workflows: WorkflowsClient, webhooks: WebhooksClient,
  cel: CELClient, tenant: TenantClient, api: Api, listener: RunListenerClient,
};
const aliases: any = { cron: 'crons', schedule: 'scheduled', schedules: 'scheduled', event: 'events', tasks: 'workflows' };

export class HatchetClient {
  config: any;
  logger: any;
  _hooks: any;
  _logs: any;
  _admin: any;

  constructor(config: any = {}) {
    const { token, middleware, ...rest } = config ?? {};
    if (rest.namespace) {
      throw new TypeError(`Hatchet.init: the namespace is the worker's, so that it holds for all files; leave it out and start the worker with --namespace ${rest.namespace}`);
    }
    this.config = rest;
    this._hooks = natives.hooks();
    if (middleware) natives.addHooks(this._hooks, middleware);
    const level = rest.log_level ?? 'INFO';
    this.logger = rest.logger ? rest.logger('HatchetClient', level) : new ConsoleLogger('HatchetClient', level);
    this._logs = rest.logger?.('ctx', level);
    setClient(this);
  }

  static init(config?: any) { return new HatchetClient(config); }

  withMiddleware(middleware: any) {
    natives.addHooks(this._hooks, middleware);
    return this;
  }

  workflow(options: any) { return CreateWorkflow(options, this); }
  task(options: any) { return CreateTaskWorkflow(options, this); }
  durableTask(options: any) { return CreateDurableTaskWorkflow(options, this); }
  batchTask(options: any) { return CreateBatchTaskWorkflow(options, this); }

  // In the SDK the output of what is run by its name is by task, always; what is
  // declared as a task keeps its own only by its own methods.
  async runNoWait(workflow: any, input: any, options: any = {}): Promise<any> {
    const ref = await start(normalizeWorkflow(workflow), input, options);
    ref._standaloneTaskName = undefined;
    return ref;
  }

  async run(workflow: any, input: any, options: any = {}): Promise<any> {
    return (await this.runNoWait(workflow, input, options)).output;
  }

  async runAndWait(workflow: any, input: any, options: any = {}): Promise<any> { return this.run(workflow, input, options); }

  runRef(id: string) { return new WorkflowRunRef(id); }

  get tenantId(): string { return natives.tenant(); }

  get admin() { return this._admin ??= new AdminClient(this); }

  async worker(name: string, options: any = {}) {
    return new Worker(name, typeof options === 'number' ? { slots: options } : options ?? {});
  }
}
for (const [name, Client] of Object.entries<any>(sections)) {
  const made = new Client();
  Object.defineProperty(HatchetClient.prototype, name, { value: made, writable: true, configurable: true });
}
for (const [name, other] of Object.entries<any>(aliases)) {
  Object.defineProperty(HatchetClient.prototype, name, { get() { return this[other]; }, configurable: true });
}
guard(HatchetClient.prototype, 'HatchetClient');
