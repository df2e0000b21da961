/**
 * Values between processes as JSON: what structured clone keeps, this keeps (Date, RegExp, Map, Set, Error, binary,
 * BigInt, NaN, -0, undefined, cycles); what structured clone refuses throws DataCloneError here too.
 *
 * JSON primitives and plain objects stand for themselves; every array is a tagged value:
 *   ['A', …items] array · ['u'] undefined · ['n', text] number · ['b', text] bigint · ['d', ms] · ['x', source, flags]
 *   ['m', …pairs] Map · ['s', …items] Set · ['e', name, message, stack, cause] · ['B', base64] ArrayBuffer
 *   ['t', type, base64] view · ['r', index] the index-th object seen so far
 *
 * Views lose a buffer they share, and Blob and other platform objects are refused: Sotto sends neither.
 */
export interface Codec {
  /** Throws DataCloneError for what cannot be cloned. */
  pack(value: unknown): string;
  unpack(text: string): unknown;
}

/** The codec. */
/* oxlint-disable unicorn/consistent-function-scoping -- self-contained: the source text also runs in Chromium's pages */
export function makeCodec(): Codec {
  type Tagged = [string, ...unknown[]];
  type Base64 = { toBase64(): string };
  type Base64Static = { fromBase64(text: string): Uint8Array<ArrayBuffer> };

  const inNode = typeof Buffer === 'function';
  const views = {
    Int8Array,
    Uint8Array,
    Uint8ClampedArray,
    Int16Array,
    Uint16Array,
    Int32Array,
    Uint32Array,
    Float32Array,
    Float64Array,
    BigInt64Array,
    BigUint64Array,
    DataView,
  };
  const errors: Readonly<Record<string, ErrorConstructor>> = { EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };

  const toBase64 = (bytes: Uint8Array): string =>
    inNode ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64') : (bytes as unknown as Base64).toBase64();
  const fromBase64 = (text: string): Uint8Array<ArrayBuffer> =>
    inNode ? new Uint8Array(Buffer.from(text, 'base64')) : (Uint8Array as unknown as Base64Static).fromBase64(text);
  const kindOf = (value: object): string => Object.prototype.toString.call(value).slice(8, -1);

  const encode = (root: unknown): unknown => {
    const seen = new Map<object, number>();
    const go = (value: unknown): unknown => {
      if (value === undefined) return ['u'];
      if (typeof value === 'bigint') return ['b', String(value)];
      if (typeof value === 'number')
        return Number.isFinite(value) && !Object.is(value, -0) ? value : ['n', Object.is(value, -0) ? '-0' : String(value)];
      return typeof value === 'object' && value !== null ? object(value) : value;
    };
    const object = (value: object): unknown => {
      const index = seen.get(value);
      if (index !== undefined) return ['r', index];
      seen.set(value, seen.size);
      if (Array.isArray(value)) return ['A', ...Array.from(value, go)];
      if (ArrayBuffer.isView(value))
        return ['t', kindOf(value), toBase64(new Uint8Array(value.buffer, value.byteOffset, value.byteLength))];
      if (value instanceof ArrayBuffer) return ['B', toBase64(new Uint8Array(value))];
      if (value instanceof Date) return ['d', Number.isNaN(value.getTime()) ? null : value.getTime()];
      if (value instanceof RegExp) return ['x', value.source, value.flags];
      if (value instanceof Map) return ['m', ...Array.from(value, ([key, held]) => [go(key), go(held)])];
      if (value instanceof Set) return ['s', ...Array.from(value, go)];
      if (value instanceof Error) return ['e', value.name, value.message, value.stack ?? '', 'cause' in value ? go(value.cause) : ['u']];
      if (kindOf(value) !== 'Object')
        throw new DOMException(
          `electron stand-in: a ${kindOf(value)} between processes is not implemented and could not be cloned.`,
          'DataCloneError',
        );
      return Object.fromEntries(Object.entries(value).map(([key, held]) => [key, go(held)]));
    };
    return go(root);
  };

  const decode = (root: unknown): unknown => {
    const made: object[] = [];
    const keep = <T extends object>(value: T): T => {
      made.push(value);
      return value;
    };
    const go = (value: unknown): unknown => {
      if (value === null || typeof value !== 'object') return value;
      if (Array.isArray(value)) return tagged(value as Tagged);
      const object = keep({});
      for (const [key, held] of Object.entries(value))
        Object.defineProperty(object, key, { value: go(held), writable: true, enumerable: true, configurable: true });
      return object;
    };
    const tagged = ([tag, ...rest]: Tagged): unknown => {
      const [first, second, third, fourth] = rest as [string, string, string, unknown];
      switch (tag) {
        case 'A': {
          const array = keep<unknown[]>([]);
          for (const item of rest) array.push(go(item));
          return array;
        }
        case 'u':
          return undefined;
        case 'n':
          return Number(first);
        case 'b':
          return BigInt(first);
        case 'd':
          return keep(new Date(first === null ? Number.NaN : first));
        case 'x':
          return keep(new RegExp(first, second));
        case 'm': {
          const map = keep(new Map());
          for (const [key, held] of rest as [unknown, unknown][]) map.set(go(key), go(held));
          return map;
        }
        case 's': {
          const set = keep(new Set());
          for (const item of rest) set.add(go(item));
          return set;
        }
        case 'e': {
          const error = keep(new (errors[first] ?? Error)(second));
          Object.defineProperty(error, 'stack', { value: third, writable: true, configurable: true });
          const cause = go(fourth);
          if (cause !== undefined) Object.defineProperty(error, 'cause', { value: cause, writable: true, configurable: true });
          return error;
        }
        case 'B':
          return keep(fromBase64(first).buffer);
        case 't':
          return keep(new (views[first as keyof typeof views] as Uint8ArrayConstructor)(fromBase64(second).buffer));
        case 'r':
          return made[Number(first)];
        default:
          throw new Error(`electron stand-in: unknown tag ${tag}`);
      }
    };
    return go(root);
  };

  return {
    // Structured clone decides what may cross and drops what does not; it also reads every getter exactly once.
    pack: (value) => JSON.stringify(encode(structuredClone(value))),
    unpack: (text) => decode(JSON.parse(text)),
  };
}
