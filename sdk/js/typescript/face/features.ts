// The feature clients: the natives' own, which have the SDK's names, with the
// arguments that natives read and the results that the SDK gives.
import { guard, natives } from '@hatchet-dev/typescript-sdk/.face/natives';
import { RateLimitDuration, wordOf } from '@hatchet-dev/typescript-sdk/.face/enums';
import { answer, failure } from '@hatchet-dev/typescript-sdk/.face/rest';
import { WorkflowRunRef, nameOf } from '@hatchet-dev/typescript-sdk/.face/reference';

// plain is a value as natives read it: references are ids, declarations names.
function plain(v: any): any {
  if (v instanceof WorkflowRunRef) return v.workflowRunId;
  if (v && typeof v === 'object' && v.definition && typeof v.definition.name === 'string') return v.definition.name;
  if (Array.isArray(v)) return v.map(plain);
  if (v && typeof v === 'object' && v.workflow !== undefined) return { ...v, workflow: nameOf(v.workflow) };
  return v;
}

function call(section: string, method: string, args: any[]) {
  while (args.length > 0 && args[args.length - 1] === undefined) args.pop();
  const given = natives.client[section][method](...args.map(plain));
  return typeof given?.catch === 'function' ? given.catch(failure) : given;
}

function client(section: string, what: string, methods: string[]): any {
  const made = class {
    static { Object.defineProperty(this, 'name', { value: what }); }
  };
  for (const method of methods) {
    Object.defineProperty(made.prototype, method, { writable: true, configurable: true, value: (...args: any[]) => call(section, method, args) });
  }
  guard(made.prototype, what);
  return made;
}

// answered has methods give what the SDK's give: the whole of an HTTP answer.
function answered(prototype: any, methods: string[]) {
  for (const method of methods) {
    const plainly = prototype[method];
    prototype[method] = async (...args: any[]) => answer(await plainly(...args));
  }
}

export const RunsClient = client('runs', 'RunsClient', ['get', 'get_status', 'getDetails', 'list', 'cancel', 'replay', 'restoreTask', 'branchDurableTask', 'getTaskExternalId', 'subscribeToStream']);
answered(RunsClient.prototype, ['cancel', 'replay', 'restoreTask', 'branchDurableTask']);
RunsClient.prototype.runRef = (id: string) => new WorkflowRunRef(id);
RunsClient.prototype.getDetails = async (run: any) => {
  const { status, done, input, additionalMetadata, evicted, tasks } = await call('runs', 'getDetails', [run]);
  const taskRuns: any = {};
  for (const task of tasks) {
    taskRuns[task.name] = { externalId: task.taskRunId, readableId: task.name, status: task.status, output: task.output, error: task.error, isEvicted: task.evicted };
  }
  return { status, done, input, additionalMetadata, isEvicted: evicted, taskRuns };
};

export const CronClient = client('crons', 'CronClient', ['create', 'list', 'get', 'delete']);
export const ScheduleClient = client('schedules', 'ScheduleClient', ['create', 'list', 'get', 'update', 'delete', 'bulkDelete', 'bulkUpdate']);
export const EventClient = client('events', 'EventClient', ['push', 'bulkPush', 'list']);
export const FiltersClient = client('filters', 'FiltersClient', ['list', 'get', 'create', 'update', 'delete']);
export const LogsClient = client('logs', 'LogsClient', ['list']);
export const MetricsClient = client('metrics', 'MetricsClient', ['getTaskStatusMetrics', 'getQueueMetrics', 'scrapePrometheusMetrics', 'getTaskStats']);
export const WorkersClient = client('workers', 'WorkersClient', ['list', 'get', 'isPaused', 'pause', 'unpause']);
export const WorkflowsClient = client('workflows', 'WorkflowsClient', ['get', 'getWorkflowIdFromName', 'list', 'delete']);
export const WebhooksClient = client('webhooks', 'WebhooksClient', ['list', 'get', 'create', 'update', 'delete']);
export const CELClient = client('cel', 'CELClient', ['debug']);
export const TenantClient = client('tenant', 'TenantClient', ['get']);
export const RatelimitsClient = client('ratelimits', 'RatelimitsClient', ['upsert', 'list']);
RatelimitsClient.prototype.upsert = async ({ duration, ...limit }: any) => {
  const window = wordOf(RateLimitDuration, duration);
  const stored = call('ratelimits', 'upsert', [window === undefined ? limit : { ...limit, duration: window }]);
  return natives.loading() ? limit.key : stored; // its answer is known before it is made
};

export const workflowNameString = nameOf;

// AdminClient is the SDK's older way to start runs.
export class AdminClient {
  constructor(private _client?: any) {}

  runWorkflow(name: string, input: any, options?: any) { return this._client.runNoWait(name, input, options); }

  async runWorkflows(runs: any[]) {
    return Promise.all(runs.map(({ workflowName, input, options }) => this._client.runNoWait(workflowName, input, options)));
  }

  async putRateLimit(key: string, limit: number, duration?: any) { await this._client.ratelimits.upsert({ key, limit, duration }); }
}
guard(AdminClient.prototype, 'AdminClient');
