/**
 * The transport of `contextBridge` between the two worlds of one document. Both hold their own wrapper of one detached
 * comment node; events dispatched on it are synchronous, and `CustomEvent.detail` is cloned by the browser when the
 * other world reads it, so no object is ever shared.
 *
 *   isolated world ── CustomEvent('main') ──► node ──► main world
 *   isolated world ◄── CustomEvent('isolated') ── node ◄── main world
 *
 * Invariant: nothing a page patches is used after its first script ran. Every function is taken while the document has
 * no script, and no value of a bridge passes through a prototype the page can reach.
 */

export type BridgeSide = 'main' | 'isolated';

/** A value as it crosses. */
export type Carried =
  | { readonly type: 'value'; readonly value: unknown }
  | { readonly type: 'function' | 'own' | 'promise'; readonly id: number }
  | { readonly type: 'error'; readonly message: string }
  | { readonly type: 'array'; readonly items: Carried[] }
  | { readonly type: 'object'; readonly keys: string[]; readonly values: Carried[] };

type BridgeMessage =
  | { readonly kind: 'expose'; readonly key: string; readonly value: Carried }
  | { readonly kind: 'call'; readonly id: number; readonly args: Carried[] }
  | { readonly kind: 'return'; readonly ok: boolean; readonly value: Carried }
  | { readonly kind: 'settle'; readonly id: number; readonly ok: boolean; readonly value: Carried }
  | { readonly kind: 'open'; readonly url: string; readonly name: string; readonly features: string };

export interface WindowOpenRequest {
  readonly url: string;
  readonly name: string;
  readonly features: string;
}

export interface Bridge {
  /** Puts a frozen copy of `api` on the other world's global; throws when the key is taken. */
  expose(key: string, api: unknown): void;
  /** Tells the other world that the page asked for a window. */
  open(request: WindowOpenRequest): void;
}

/** Self-contained: only its source text runs, inside Chromium. */
/* oxlint-disable typescript/unbound-method -- functions are taken before a page can patch them, and applied to what they belong to */
export function makeBridge(node: EventTarget, side: BridgeSide, onOpen: (request: WindowOpenRequest) => void): Bridge {
  type Callable = (...args: unknown[]) => unknown;
  interface Settler {
    readonly resolve: (value: unknown) => void;
    readonly reject: (cause: unknown) => void;
  }

  const { apply, defineProperty, ownKeys } = Reflect;
  const { freeze, hasOwn } = Object;
  const { isArray } = Array;
  const text = String;
  const [ErrorHere, TypeErrorHere, PromiseHere, CustomEventHere, WeakMapHere, MapHere] = [
    Error,
    TypeError,
    Promise,
    CustomEvent,
    WeakMap,
    Map,
  ];
  const then = Promise.prototype.then;
  const toText = Object.prototype.toString;
  const isEnumerable = Object.prototype.propertyIsEnumerable;
  const detailOf = Object.getOwnPropertyDescriptor(CustomEvent.prototype, 'detail')?.get as () => BridgeMessage | null;
  const [mapGet, mapSet, mapDelete] = [Map.prototype.get, Map.prototype.set, Map.prototype.delete];
  const [weakGet, weakSet] = [WeakMap.prototype.get, WeakMap.prototype.set];
  const [listen, dispatch] = [node.addEventListener, node.dispatchEvent];
  const maxDepth = 1000;

  const functions = new MapHere<number, Callable>();
  const idsOfFunctions = new WeakMapHere<Callable, number>();
  const idsOfProxies = new WeakMapHere<Callable, number>();
  const settlers = new MapHere<number, Settler>();
  const other = side === 'main' ? 'isolated' : 'main';
  let lastId = 0;
  let answer: { readonly ok: boolean; readonly value: Carried } | undefined;

  // Plain assignment would run a setter the page put on a prototype.
  const put = (target: object, key: PropertyKey, value: unknown): void => {
    defineProperty(target, key, { __proto__: null, value, writable: true, enumerable: true, configurable: true } as PropertyDescriptor);
  };
  const mapped = <From, To>(list: readonly From[], convert: (item: From) => To): To[] => {
    const result: To[] = [];
    for (let index = 0; index < list.length; index += 1) put(result, index, convert(list[index] as From));
    return result;
  };
  const post = (message: BridgeMessage): void => {
    apply(dispatch, node, [new CustomEventHere(other, { __proto__: null, detail: message } as CustomEventInit)]);
  };
  const cannotClone = (): Error => new TypeErrorHere('An object could not be cloned.');

  const carry = (value: unknown, depth = 0, seen = new MapHere<unknown, Carried>()): Carried => {
    if (depth > maxDepth)
      throw new TypeErrorHere(
        `Electron contextBridge recursion depth exceeded.  Nested objects deeper than ${maxDepth} are not supported.`,
      );
    if (typeof value === 'symbol') throw cannotClone();
    if (typeof value === 'function') return carryFunction(value as Callable);
    if (value === null || typeof value !== 'object') return { type: 'value', value };
    const known = apply(mapGet, seen, [value]) as Carried | undefined;
    if (known) return known;
    if (isArray(value)) {
      const items: Carried[] = [];
      const carried: Carried = { type: 'array', items };
      apply(mapSet, seen, [value, carried]);
      for (let index = 0; index < value.length; index += 1) put(items, index, carry(value[index], depth + 1, seen));
      return carried;
    }
    switch (apply(toText, value, [])) {
      case '[object Promise]':
        return carryPromise(value as Promise<unknown>);
      case '[object Error]':
        return { type: 'error', message: text((value as Error).message) };
      case '[object Object]': {
        const keys: string[] = [];
        const values: Carried[] = [];
        const carried: Carried = { type: 'object', keys, values };
        apply(mapSet, seen, [value, carried]);
        const own = ownKeys(value);
        let count = 0;
        for (let index = 0; index < own.length; index += 1) {
          const key = own[index] as string | symbol;
          if (typeof key === 'symbol' || !apply(isEnumerable, value, [key])) continue;
          put(keys, count, key);
          put(values, count, carry((value as Record<string, unknown>)[key], depth + 1, seen));
          count += 1;
        }
        return carried;
      }
      default:
        return { type: 'value', value };
    }
  };
  const carryFunction = (value: Callable): Carried => {
    const theirs = apply(weakGet, idsOfProxies, [value]) as number | undefined;
    if (theirs !== undefined) return { type: 'own', id: theirs };
    let id = apply(weakGet, idsOfFunctions, [value]) as number | undefined;
    if (id === undefined) {
      lastId += 1;
      id = lastId;
      apply(mapSet, functions, [id, value]);
      apply(weakSet, idsOfFunctions, [value, id]);
    }
    return { type: 'function', id };
  };
  const carryPromise = (value: Promise<unknown>): Carried => {
    lastId += 1;
    const id = lastId;
    const settle = (ok: boolean) => (result: unknown) => {
      try {
        post({ kind: 'settle', id, ok, value: carry(result) });
      } catch (cause) {
        post({ kind: 'settle', id, ok: false, value: carry(cause) });
      }
    };
    void apply(then, value, [settle(true), settle(false)]);
    return { type: 'promise', id };
  };

  const land = (carried: Carried, frozen: boolean, made = new MapHere<Carried, unknown>()): unknown => {
    const known = apply(mapGet, made, [carried]);
    if (known !== undefined) return known;
    switch (carried.type) {
      case 'own':
        return apply(mapGet, functions, [carried.id]);
      case 'error':
        return new ErrorHere(carried.message);
      case 'function': {
        const { id } = carried;
        const proxy = (...args: unknown[]): unknown => call(id, args);
        apply(weakSet, idsOfProxies, [proxy, id]);
        return frozen ? freeze(proxy) : proxy;
      }
      case 'promise': {
        const { id } = carried;
        return new PromiseHere((resolve, reject) => {
          apply(mapSet, settlers, [id, { resolve, reject }]);
        });
      }
      case 'array': {
        const array: unknown[] = [];
        apply(mapSet, made, [carried, array]);
        for (let index = 0; index < carried.items.length; index += 1)
          put(array, index, land(carried.items[index] as Carried, frozen, made));
        return frozen ? freeze(array) : array;
      }
      case 'object': {
        const object = {};
        apply(mapSet, made, [carried, object]);
        for (let index = 0; index < carried.keys.length; index += 1)
          put(object, carried.keys[index] as string, land(carried.values[index] as Carried, frozen, made));
        return frozen ? freeze(object) : object;
      }
      case 'value':
        break;
    }
    return carried.value;
  };

  const request = (message: BridgeMessage): unknown => {
    const outer = answer;
    answer = undefined;
    post(message);
    const mine = answer as { readonly ok: boolean; readonly value: Carried } | undefined;
    answer = outer;
    // The other side never saw the message when the browser could not clone it.
    if (mine === undefined) throw cannotClone();
    const value = land(mine.value, false);
    if (!mine.ok) throw value;
    return value;
  };
  const call = (id: number, args: unknown[]): unknown => request({ kind: 'call', id, args: mapped(args, (arg) => carry(arg)) });
  const reply = (work: () => Carried): void => {
    let message: BridgeMessage;
    try {
      message = { kind: 'return', ok: true, value: work() };
    } catch (cause) {
      message = { kind: 'return', ok: false, value: carry(cause) };
    }
    post(message);
  };
  const exposeHere = (key: string, value: Carried): Carried => {
    if (hasOwn(globalThis, key)) throw new ErrorHere('Cannot bind an API on top of an existing property on the window object');
    defineProperty(globalThis, key, {
      __proto__: null,
      value: land(value, true),
      enumerable: true,
      writable: false,
      configurable: false,
    } as PropertyDescriptor);
    return { type: 'value', value: undefined };
  };

  const receive = (event: unknown): void => {
    const message = apply(detailOf, event, []);
    switch (message?.kind) {
      case undefined:
        return;
      case 'return':
        answer = message;
        return;
      case 'settle': {
        const settler = apply(mapGet, settlers, [message.id]) as Settler | undefined;
        apply(mapDelete, settlers, [message.id]);
        if (!settler) return;
        const value = land(message.value, false);
        if (message.ok) settler.resolve(value);
        else settler.reject(value);
        return;
      }
      case 'call': {
        const { id, args } = message;
        reply(() =>
          carry(
            apply(
              apply(mapGet, functions, [id]) as Callable,
              undefined,
              mapped(args, (arg) => land(arg, false)),
            ),
          ),
        );
        return;
      }
      case 'expose': {
        const { key, value } = message;
        reply(() => exposeHere(key, value));
        return;
      }
      case 'open':
        onOpen(message);
    }
  };
  apply(listen, node, [side, receive]);

  return {
    expose: (key, api) => {
      request({ kind: 'expose', key, value: carry(api) });
    },
    open: (wanted) => post({ kind: 'open', ...wanted }),
  };
}
