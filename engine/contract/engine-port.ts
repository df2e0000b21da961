/** Main ↔ engine process, over the port of `utilityProcess`. Main sends requests and lifecycle; the engine answers and pushes. */
import { z } from 'zod';
import { DeskChange } from './desk.ts';
import { ServedBundle } from './served-bundle.ts';
import { DataOrder } from './live.ts';
import { TrustedKeys } from './signature.ts';
import { StandingOrders } from './standing-orders.ts';
import { AtMs, Id, Sha256 } from './text.ts';

/** How a process is to reach others: by this proxy (a URL; null = directly), but for these hosts. */
export const NetworkRoute = z.strictObject({ proxy: z.url({ protocol: /^https?$/ }).nullable(), direct: z.array(z.string()).max(16) });
export type NetworkRoute = z.infer<typeof NetworkRoute>;
export const NO_PROXY: NetworkRoute = { proxy: null, direct: [] };

/** What main hands the engine at start. Secrets travel only here. */
export const EngineStart = z.strictObject({
  op: z.literal('start'),
  /** Folder of the store. */
  folder: z.string(),
  /** 256-bit database key, hexadecimal. */
  databaseKey: z.string().regex(/^[0-9a-f]{64}$/),
  deviceId: Id,
  agent: z.strictObject({ id: Id, name: z.string(), level: z.enum(['guided', 'standard', 'minimal']), language: z.string() }),
  /** With the agent's token and the device's own; both may be empty until there are any. */
  central: z.strictObject({ url: z.url(), token: z.string(), deviceToken: z.string() }).nullable(),
  network: NetworkRoute,
  coreHash: Sha256,
  /** Who must have signed what the engine installs. */
  trust: TrustedKeys,
  /** Carried out before anything is read of the store. */
  orders: StandingOrders,
  /** Some came since this store was last open. */
  ordersAreNew: z.boolean(),
  demonstration: z.boolean(),
  /** The agent signed in without central, which was last heard of them then; null = with it. */
  offlineSinceMs: AtMs.nullable(),
  /** `virtual`: time comes from the live lane's `clock` messages (demonstration only). */
  clock: z.enum(['system', 'virtual']),
});
export type EngineStart = z.infer<typeof EngineStart>;

export const ToEngine = z.discriminatedUnion('op', [
  EngineStart,
  z.strictObject({ op: z.literal('request'), id: z.int(), channel: z.string(), body: z.unknown() }),
  z.strictObject({ op: z.literal('token'), token: z.string(), deviceToken: z.string() }),
  /** What came of `try-model`: null where it may be installed. */
  z.strictObject({ op: z.literal('model-tried'), id: z.int(), words: z.string().nullable() }),
  /** Main has the orders, up to this one; answers `orders` of this id. */
  z.strictObject({ op: z.literal('orders-kept'), id: z.int(), seq: z.int() }),
  z.strictObject({ op: z.literal('suspend') }),
  z.strictObject({ op: z.literal('resume') }),
  /** Flush and close; answered by `stopped`. */
  z.strictObject({ op: z.literal('stop') }),
]);
export type ToEngine = z.infer<typeof ToEngine>;

/** One readable line per decision, for the terminal and the log. Holds no personal data. */
export const DecisionLine = z.strictObject({
  atMs: z.number(),
  callId: Id,
  callTimeS: z.number(),
  trigger: z.string(),
  kind: z.enum(['show', 'refrain']),
  /** Action id and name, or the refrain's reason. */
  what: z.string(),
  why: z.string(),
  rung: z.string(),
  micros: z.number(),
});
export type DecisionLine = z.infer<typeof DecisionLine>;

export const FromEngine = z.discriminatedUnion('op', [
  z.strictObject({ op: z.literal('ready') }),
  z.strictObject({ op: z.literal('response'), id: z.int(), ok: z.boolean(), body: z.unknown() }),
  z.strictObject({ op: z.literal('change'), change: DeskChange }),
  z.strictObject({ op: z.literal('decided'), line: DecisionLine }),
  /** A model, signed and looked into, is to be tried in a process of its own; answered by `model-tried`. */
  z.strictObject({ op: z.literal('try-model'), id: z.int(), bundle: ServedBundle }),
  /** Carried out in this store; to be kept for the others. Without any it only tells central's time. */
  z.strictObject({ op: z.literal('orders'), id: z.int(), atMs: AtMs, orders: z.array(DataOrder) }),
  /** A new access token is wanted. */
  z.strictObject({ op: z.literal('token-wanted') }),
  /** Latency samples since the last, in milliseconds. */
  z.strictObject({ op: z.literal('measured'), eventToCardMs: z.array(z.number()), acceptToSavedMs: z.array(z.number()) }),
  z.strictObject({ op: z.literal('log'), level: z.enum(['info', 'warn', 'error']), text: z.string() }),
  z.strictObject({ op: z.literal('stopped') }),
  /** It cannot go on; main shows the words and does not restart. */
  z.strictObject({ op: z.literal('failed'), words: z.string() }),
]);
export type FromEngine = z.infer<typeof FromEngine>;

/** Main → the process that sends what somebody left unsent: no window, no requests. It gets one store's key and the device's token. */
export const ToDrain = z.discriminatedUnion('op', [
  z.strictObject({
    op: z.literal('drain'),
    /** Folder of the one store. */
    folder: z.string(),
    databaseKey: z.string().regex(/^[0-9a-f]{64}$/),
    deviceId: Id,
    orders: StandingOrders,
    ordersAreNew: z.boolean(),
    central: z.strictObject({ url: z.url(), deviceToken: z.string() }),
    network: NetworkRoute,
    /** Whose countersignature of the ledger is kept. */
    trust: TrustedKeys,
  }),
  /** Ends it between two batches; what is not acknowledged stays where it is. */
  z.strictObject({ op: z.literal('stop') }),
]);
export type ToDrain = z.infer<typeof ToDrain>;

/** It says how much is left, and ends. Null: the store could not be opened, and why. */
export const FromDrain = z.strictObject({ op: z.literal('drained'), unsent: z.int().nullable(), words: z.string() });
export type FromDrain = z.infer<typeof FromDrain>;

/** Main → the process that tries one model: nothing else is ever handed to it. */
export const ToProbe = z.strictObject({
  op: z.literal('try'),
  bundle: ServedBundle,
  /** It ends itself when it holds more memory than this, */
  residentBytes: z.int().min(1),
  /** or after this time. */
  endsInMs: z.int().min(1),
});
export type ToProbe = z.infer<typeof ToProbe>;

export const FromProbe = z.discriminatedUnion('op', [
  /** It can be handed the model. */
  z.strictObject({ op: z.literal('up') }),
  /** Null: it loads, and gives what its golden inputs say. */
  z.strictObject({ op: z.literal('tried'), words: z.string().nullable() }),
]);
export type FromProbe = z.infer<typeof FromProbe>;
