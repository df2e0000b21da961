/**
 * What the stand-in lacks must fail by name. Reading a missing member as `undefined`, or listening to an event that
 * never comes, would let code pass here and break on Electron, or the reverse.
 */
import { EventEmitter } from 'node:events';

/**
 * The part of Electron's type that a class of ours implements: every member of the same name, except those of emitters.
 * `class X implements Agrees<X, Electron.X>` does not compile when a signature differs.
 */
export type Agrees<Ours, Electrons> = Pick<Electrons, Exclude<keyof Ours & keyof Electrons, keyof EventEmitter>>;

/** Members that the language or an inspector reads from any object without meaning Electron's API. */
const askedByLanguage: ReadonlySet<string> = new Set(['then', 'toJSON', 'default', '__esModule', 'domain', 'splice']);

export function notImplemented(what: string): Error {
  return new Error(`electron stand-in: ${what} is not implemented`);
}

/** Wraps an object so that reading or setting a member it does not have throws by name. */
export function strict<T extends object>(target: T, name: string): T {
  const refuse = (member: string | symbol): void => {
    if (typeof member === 'string' && !(member in target) && !askedByLanguage.has(member)) throw notImplemented(`${name}.${member}`);
  };
  return new Proxy(target, {
    get(object, member, receiver) {
      refuse(member);
      return Reflect.get(object, member, receiver) as unknown;
    },
    set(object, member, value, receiver) {
      refuse(member);
      return Reflect.set(object, member, value, receiver);
    },
  });
}

/** An object whose missing members throw by name. */
// oxlint-disable-next-line typescript/no-extraneous-class -- its constructor is what subclasses want
export class StrictObject {
  // The constructor returns the proxy, so `this` in subclasses, private fields included, is the proxy itself.
  constructor(name: string) {
    // oxlint-disable-next-line no-constructor-return
    return strict(this, name);
  }
}

/** Throws by name for the first option that is not in `known`. */
export function refuseUnknown(options: object, known: readonly string[], name: string): void {
  for (const [option, value] of Object.entries(options)) {
    if (value !== undefined && !known.includes(option)) throw notImplemented(`${name} option '${option}'`);
  }
}

/** An emitter whose missing members and unknown events throw by name; without a list of events it takes any. */
export class StrictEmitter<Events extends Record<keyof Events, unknown[]>> extends EventEmitter<Events> {
  // Returns the proxy as StrictObject does.
  constructor(name: string, events?: readonly (keyof Events & string)[]) {
    super();
    this.setMaxListeners(0);
    if (events) {
      const known: ReadonlySet<unknown> = new Set([...events, 'newListener', 'removeListener']);
      (this as EventEmitter).on('newListener', (event: unknown) => {
        if (!known.has(event)) throw notImplemented(`${name} event '${String(event)}'`);
      });
    }
    // oxlint-disable-next-line no-constructor-return
    return strict(this, name);
  }
}
