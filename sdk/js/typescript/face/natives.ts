// What the face stands on: the natives of bindings/hatchet, and what is refused.
declare const $native: (name: string) => any;
import refused from '@hatchet-dev/typescript-sdk/.face/refused';

export const natives = $native('@hatchet-dev/typescript-sdk');

// Properties that the language, promises and libraries look for on any object.
const probes = ['then', 'toJSON', 'constructor', 'toString', 'valueOf', 'inspect', 'nodeType', 'asymmetricMatch', '$$typeof', 'length', 'message', 'stack', 'name', 'code', 'size'];

// guard makes the members of a class that cannot work here, and those it does
// not know, an error that names them instead of undefined. It costs nothing for
// members that are there: a lookup ends up here only when all else has failed.
// find may know more members.
export function guard(prototype: any, what: string, find?: (member: string) => any) {
  const instead: Record<string, string> = refused[what] || {};
  for (const member of Object.keys(instead)) {
    Object.defineProperty(prototype, member, {
      configurable: true,
      get() { throw new TypeError(`${what}.${member} is not available here; ${instead[member]}`); },
    });
  }
  Object.setPrototypeOf(prototype, new Proxy(Object.prototype, {
    get(target, key, receiver) {
      if (typeof key === 'symbol' || key in target || key[0] === '_' || probes.includes(key)) {
        return Reflect.get(target, key, receiver);
      }
      const found = find?.(key);
      if (found) return found;
      throw new TypeError(`${what} has no member ${key}; it is misspelled, or newer than the SDK that is known here (see TYPESCRIPT-SDK.md)`);
    },
  }));
}

// never is what waits for the end of a program that serves.
export const never = () => new Promise<never>(() => {});
