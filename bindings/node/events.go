package node

import (
	_ "embed"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
)

//go:embed events.js
var eventsScript string

const eventsTypes = `export type Listener = (...args: any[]) => any;
export interface EventEmitter {
  on(event: string | symbol, listener: Listener): this; once(event: string | symbol, listener: Listener): this; off(event: string | symbol, listener: Listener): this;
  addListener(event: string | symbol, listener: Listener): this; removeListener(event: string | symbol, listener: Listener): this;
  prependListener(event: string | symbol, listener: Listener): this; prependOnceListener(event: string | symbol, listener: Listener): this;
  removeAllListeners(event?: string | symbol): this;
  emit(event: string | symbol, ...args: any[]): boolean;
  listeners(event: string | symbol): Listener[]; rawListeners(event: string | symbol): Listener[];
  listenerCount(event: string | symbol, listener?: Listener): number;
  eventNames(): (string | symbol)[];
  setMaxListeners(n: number): this; getMaxListeners(): number;
}
export interface EventEmitterConstructor {
  new (options?: { captureRejections?: boolean }): EventEmitter;
  prototype: EventEmitter;
  EventEmitter: EventEmitterConstructor;
  once(emitter: any, event: string | symbol, options?: { signal?: AbortSignal }): Promise<any[]>;
  on(emitter: any, event: string | symbol, options?: { signal?: AbortSignal; close?: string[] }): AsyncIterableIterator<any[]>;
  listenerCount(emitter: EventEmitter, event: string | symbol): number;
  getEventListeners(emitter: EventEmitter, event: string | symbol): Listener[];
  getMaxListeners(emitter: EventEmitter): number;
  setMaxListeners(n?: number, ...emitters: any[]): void;
  addAbortListener(signal: AbortSignal, listener: () => void): any;
  readonly errorMonitor: unique symbol; readonly captureRejectionSymbol: unique symbol;
  defaultMaxListeners: number; captureRejections: boolean;
}`

// eventsModule is node:events.
var eventsModule = native.Module{
	Name: "node:events",
	Doc:  "Emitters of events.",
	Members: []member{
		{Name: "EventEmitter", Type: ": EventEmitterConstructor", Doc: "The class, which is the default export as well."},
		{Name: "once", Type: "(emitter: any, event: string | symbol, options?: { signal?: AbortSignal }): Promise<any[]>", Doc: "The arguments of the next event; rejects at the event error."},
		{Name: "on", Type: "(emitter: any, event: string | symbol, options?: { signal?: AbortSignal; close?: string[] }): AsyncIterableIterator<any[]>", Doc: "The arguments of each event, for for await."},
		{Name: "errorMonitor", Type: ": symbol", Doc: "The event that hears of errors without handling them."},
		{Name: "captureRejectionSymbol", Type: ": symbol", Doc: "The method that is called with what an async listener rejects with."},
		{Name: "captureRejections", Type: ": boolean", Doc: "What new emitters do with rejections of async listeners."},
		{Name: "defaultMaxListeners", Type: ": number", Doc: "How many listeners of one event are warned of."},
		{Name: "listenerCount", Type: "(emitter: EventEmitter, event: string | symbol): number", Doc: "How many listeners an event has."},
		{Name: "getEventListeners", Type: "(emitter: EventEmitter, event: string | symbol): Listener[]", Doc: "The listeners of an event."},
		{Name: "getMaxListeners", Type: "(emitter: EventEmitter): number", Doc: "How many listeners are warned of."},
		{Name: "setMaxListeners", Type: "(n?: number, ...emitters: any[]): void", Doc: "Sets it, for some emitters or for all."},
		{Name: "addAbortListener", Type: "(signal: AbortSignal, listener: () => void): any", Doc: "Calls back once the signal fires."},
		{Name: "EventEmitterAsyncResource", Type: ": any", Doc: "An emitter whose listeners run in the flow of control that made it."},
		{Name: "usingDomains", Type: ": boolean", Doc: "false."},
	},
	Script: eventsScript, Natives: []member{nodeErrors.member()}, Default: "EventEmitter", Types: eventsTypes,
	Example: `import { EventEmitter, once } from 'node:events'

const jobs = new EventEmitter()
setTimeout(() => jobs.emit('done', 'a', 3), 1)
console.log(await once(jobs, 'done')) // -> [ 'a', 3 ]`,
}
