// Conditions of tasks and of durable waits.
import { durationToString } from '@hatchet-dev/typescript-sdk/.face/duration';

export enum Action { CREATE = 0, QUEUE = 1, CANCEL = 2, SKIP = 3, UNRECOGNIZED = -1 }

export class Condition {
  constructor(public base: any) {}
}

export class SleepCondition extends Condition {
  constructor(public sleepFor: any, readableDataKey?: string, action?: Action) {
    super({ readableDataKey: readableDataKey || `sleep-${durationToString(sleepFor)}`, action, orGroupId: '', expression: '' });
  }
}

export class UserEventCondition extends Condition {
  constructor(public eventKey: string, public expression: string, readableDataKey?: string, action?: Action, public scope?: string, public considerEventsSince?: string) {
    super({ readableDataKey: readableDataKey || eventKey, action, orGroupId: '', expression: '' });
  }
}

export class ParentCondition extends Condition {
  constructor(public parent: any, expression?: string, readableDataKey?: string, action?: Action) {
    super({ readableDataKey: readableDataKey || `parent-${parent.name}`, action, orGroupId: '', expression: expression || '' });
  }
}

export class OrCondition {
  constructor(public conditions: Condition[]) {}
}

export const generateGroupId = () => crypto.randomUUID();

function one(c: any, action?: Action): any[] {
  if (c instanceof Condition) return [c];
  if (c instanceof OrCondition) return Render(action, c.conditions);
  // The names of data that objects give do not count in the SDK.
  if ('sleepFor' in c) return [new SleepCondition(c.sleepFor, undefined, action)];
  if ('eventKey' in c) return [new UserEventCondition(c.eventKey, c.expression || '', undefined, action, c.scope, c.considerEventsSince)];
  if ('parent' in c) return [new ParentCondition(c.parent, c.expression || '', undefined, action)];
  throw new Error(`Unknown condition object: ${JSON.stringify(c)}`);
}

export function Render(action?: Action, conditions?: any): any[] {
  if (!conditions) return [];
  const rendered = (Array.isArray(conditions) ? conditions : [conditions]).flatMap((c: any) => one(c, action));
  for (const c of rendered) c.base.action = action;
  return rendered;
}

export function Or(...conditions: any[]) {
  const rendered = Render(undefined, conditions);
  const group = generateGroupId();
  for (const c of rendered) c.base.orGroupId = group;
  return new OrCondition(rendered);
}

function plain(c: any): any {
  const { readableDataKey, expression } = c.base;
  const named = readableDataKey ? { readableDataKey } : {};
  if (c instanceof SleepCondition) return { sleepFor: durationToString(c.sleepFor), ...named };
  if (c instanceof UserEventCondition) {
    const event: any = { eventKey: c.eventKey, ...named };
    if (c.expression) event.expression = c.expression;
    if (c.scope) event.scope = c.scope;
    if (c.considerEventsSince) event.considerEventsSince = new Date(c.considerEventsSince);
    return event;
  }
  return { parent: c.parent.name, ...named, ...(expression ? { expression } : {}) };
}

// asGiven is what natives read: alternatives of one group stand together.
export function asGiven(conditions: any): any {
  const rendered = Render(undefined, conditions);
  if (rendered.length === 0) return undefined;
  const list: any[] = [];
  const groups = new Map<string, any[]>();
  for (const c of rendered) {
    const group = c.base.orGroupId;
    if (!group) list.push(plain(c));
    else if (groups.has(group)) groups.get(group)!.push(plain(c));
    else {
      groups.set(group, [plain(c)]);
      list.push({ or: groups.get(group) });
    }
  }
  return list;
}
