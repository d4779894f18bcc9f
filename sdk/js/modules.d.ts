// The built-in modules of hatchet-js-worker.
// Written by `go generate` from the tables of the program.

/** What a script may know of the process it runs in. It is the global process as well. */
declare module 'node:process' {
  /** The variables of the environment that may be read (--allow-env). Reading another throws NotCapable; packages from node_modules find it unset. Assigning sets it for this script alone. HATCHET_CLIENT_TOKEN is never there. */
  export const env: Record<string, string | undefined>;
  /** The program's name alone: arguments of a run are its input. */
  export const argv: string[];
  /** The program's name. */
  export const execPath: string;
  /** Empty. */
  export const execArgv: string[];
  /** The program's name. */
  export const title: string;
  /** linux, darwin and so on. */
  export const platform: string;
  /** x64, arm64 and so on. */
  export const arch: string;
  /** The version of Node whose documentation the modules follow. */
  export const version: string;
  /** Empty: this is not Node, and packages that ask should know. */
  export const versions: Record<string, string>;
  /** The folder that relative paths start from: the worker's working directory. */
  export function cwd(): string;
  /** Seconds since this VM was made. */
  export function uptime(): number;
  /** The time since some point in the past as [seconds, nanoseconds], or since an earlier result. */
  export const hrtime: { (since?: [number, number]): [number, number]; bigint(): bigint };
  /** Calls back before anything else that is waiting. */
  export function nextTick(callback: (...args: any[]) => void, ...args: any[]): void;
  /** What is written goes to the task's log. */
  export const stdout: { write(text: string): boolean; isTTY: boolean };
  /** What is written goes to the task's log, as an error. */
  export const stderr: { write(text: string): boolean; isTTY: boolean };
  /** Accepted and never called: a script does not own the process. Use ctx.signal to hear of the end of a task. */
  export function on(event: string, listener: (...args: any[]) => void): any;
  /** As on. */
  export function once(event: string, listener: (...args: any[]) => void): any;
  /** Undoes on. */
  export function off(event: string, listener: (...args: any[]) => void): any;
  /** As on. */
  export function addListener(event: string, listener: (...args: any[]) => void): any;
  /** As off. */
  export function removeListener(event: string, listener: (...args: any[]) => void): any;
  /** 0. */
  export function listenerCount(event: string): number;
  /** Logs a warning. */
  export function emitWarning(warning: string | Error): void;
  const all: {
    env: typeof env;
    argv: typeof argv;
    execPath: typeof execPath;
    execArgv: typeof execArgv;
    title: typeof title;
    platform: typeof platform;
    arch: typeof arch;
    version: typeof version;
    versions: typeof versions;
    cwd: typeof cwd;
    uptime: typeof uptime;
    hrtime: typeof hrtime;
    nextTick: typeof nextTick;
    stdout: typeof stdout;
    stderr: typeof stderr;
    on: typeof on;
    once: typeof once;
    off: typeof off;
    addListener: typeof addListener;
    removeListener: typeof removeListener;
    listenerCount: typeof listenerCount;
    emitWarning: typeof emitWarning;
  };
  export default all;
}
declare module 'process' {
  export * from 'node:process';
  export { default } from 'node:process';
}

/** Paths as text; nothing here looks at files. */
declare module 'node:path' {
  interface ParsedPath { root: string; dir: string; base: string; ext: string; name: string }
  /** Joins parts with slashes and normalizes the result. */
  export function join(...parts: string[]): string;
  /** Makes an absolute path, going from right to left until it is one; then from process.cwd(). */
  export function resolve(...parts: string[]): string;
  /** Takes out . and .. and repeated slashes. */
  export function normalize(path: string): string;
  /** The way from one path to another. */
  export function relative(from: string, to: string): string;
  /** A path without its last part. */
  export function dirname(path: string): string;
  /** The last part of a path, without the suffix if it has it. */
  export function basename(path: string, suffix?: string): string;
  /** The extension with its dot; '' if there is none. */
  export function extname(path: string): string;
  /** Takes a path apart. */
  export function parse(path: string): ParsedPath;
  /** Puts a path together. */
  export function format(parts: Partial<ParsedPath>): string;
  /** Whether a path begins with a slash. */
  export function isAbsolute(path: string): boolean;
  /** Gives the path as it is. */
  export function toNamespacedPath(path: string): string;
  /** '/'. */
  export const sep: string;
  /** ':'. */
  export const delimiter: string;
  /** This module. */
  export const posix: any;
  const all: {
    join: typeof join;
    resolve: typeof resolve;
    normalize: typeof normalize;
    relative: typeof relative;
    dirname: typeof dirname;
    basename: typeof basename;
    extname: typeof extname;
    parse: typeof parse;
    format: typeof format;
    isAbsolute: typeof isAbsolute;
    toNamespacedPath: typeof toNamespacedPath;
    sep: typeof sep;
    delimiter: typeof delimiter;
    posix: typeof posix;
  };
  export default all;
}
declare module 'path' {
  export * from 'node:path';
  export { default } from 'node:path';
}

declare var process: typeof import('node:process').default;
