/**
 * Every channel between the window and the engine, one row each. Preload, main's wrapper, the engine's port and the
 * renderer's api derive from this map; a new channel is a new row and a handler.
 *
 * Main checks the sender and the schema and passes the request on to the engine process over its port;
 * rows marked `main` are answered by main itself, rows marked `central` by central, in the name of whoever is signed in.
 */
import { z } from 'zod';
import { CENTRAL_CHANNELS } from './central-channels.ts';
import { ActionView, DeskView, TimingView, VerdictView, WhatIfView } from './desk.ts';
import { ExperienceLevel, RejectReason } from './policy.ts';
import { Room } from './rooms.ts';
import { AtMs, FreeText, Id, LanguageTag, Slug } from './text.ts';

/** Largest request a window may send, in characters of JSON. */
export const MAX_IPC_CHARS = 64 * 1024;
/** Most requests a window may send in one second, over all channels. */
export const MAX_IPC_PER_SECOND = 100;

export const Answer = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('accepted') }),
  z.strictObject({ kind: z.literal('rejected') }),
  z.strictObject({ kind: z.literal('snoozed'), forMs: z.int().min(1_000).max(3_600_000) }),
  z.strictObject({ kind: z.literal('overridden'), chosenActionId: Slug, reason: RejectReason.optional(), note: FreeText.optional() }),
]);
export type Answer = z.infer<typeof Answer>;

/** Saved is said only after the transaction is on disk. */
export const Saved = z.discriminatedUnion('saved', [
  z.strictObject({ saved: z.literal(true), outcomeId: Id }),
  z.strictObject({
    saved: z.literal(false),
    reason: z.enum([
      'no-such-prompt',
      'already-answered',
      'expired',
      'no-longer-permitted',
      'needs-central',
      'call-ended',
      'not-stored',
      'engine-away',
    ]),
    /** What the agent can do about it. */
    detail: z.string(),
  }),
]);
export type Saved = z.infer<typeof Saved>;

export const IPC = {
  ...CENTRAL_CHANNELS,
  /** The window is listening: answers with the whole view, then changes are pushed. */
  'desk:open': { request: z.strictObject({}), response: DeskView, by: 'engine' },
  /** The card was on screen in the frame after commit. Releases `delivered`; `seen` follows after 300 ms of visibility. */
  'card:painted': {
    request: z.strictObject({ decisionId: Id, actionId: Slug, atMs: z.number(), visible: z.boolean() }),
    response: z.strictObject({}),
    by: 'engine',
  },
  'card:seen': { request: z.strictObject({ decisionId: Id, actionId: Slug }), response: z.strictObject({}), by: 'engine' },
  'card:answer': { request: z.strictObject({ decisionId: Id, actionId: Slug, answer: Answer }), response: Saved, by: 'engine' },
  /** The reason of a rejection, given after the dismissal. */
  'card:reason': { request: z.strictObject({ outcomeId: Id, reason: RejectReason }), response: Saved, by: 'engine' },
  'card:undo': { request: z.strictObject({ outcomeId: Id }), response: Saved, by: 'engine' },
  /**
   * Every action of the catalogue and where it ended in the call's last decision, which is named; null = none is on this desk,
   * and it is told as it would be decided now. No more than a list shows: it is long, and wanted at once.
   */
  'explain:actions': {
    request: z.strictObject({ callId: Id }),
    response: z.strictObject({ decisionId: Id.nullable(), actions: z.array(ActionView).max(5_000) }),
    by: 'engine',
  },
  /** Why or why not one action, in one decision or the call's last. Null when there is nothing to explain it with. */
  'explain:verdict': {
    request: z.strictObject({ callId: Id, decisionId: Id.optional(), actionId: Slug }),
    response: z.strictObject({ verdict: VerdictView.nullable() }),
    by: 'engine',
  },
  /** What would have changed it, in one decision, or would as it would be decided now. Null when the record, its revision or its model is no longer on this desk. */
  'explain:what-if': {
    request: z.strictObject({ callId: Id, decisionId: Id.optional(), actionId: Slug }),
    response: z.strictObject({ whatIf: WhatIfView.nullable() }),
    by: 'engine',
  },
  'call:quiet': { request: z.strictObject({ callId: Id, quiet: z.boolean() }), response: z.strictObject({}), by: 'engine' },
  'call:front': { request: z.strictObject({ callId: Id }), response: z.strictObject({}), by: 'engine' },
  /** Ask for a suggestion now: discretionary gaps and the cost of interrupting do not apply. */
  'call:ask': { request: z.strictObject({ callId: Id }), response: z.strictObject({}), by: 'engine' },
  /** Where this desk's decisions spend their time: for the details of the engine's state. */
  'desk:timing': { request: z.strictObject({}), response: TimingView, by: 'engine' },
  /** Who has signed in at this desk before, and who sits here now. */
  'session:people': {
    request: z.strictObject({}),
    response: z.strictObject({
      here: z.strictObject({ agentId: Id, name: z.string(), language: LanguageTag, rooms: z.array(Room) }).nullable(),
      people: z.array(
        z.strictObject({
          agentId: Id,
          name: z.string(),
          signedInAtMs: AtMs,
          /** Until when they may sign in without central; null = not any more. */
          offlineUntilMs: AtMs.nullable(),
        }),
      ),
    }),
    by: 'main',
  },
  /** How people sign in at central: by name, or in the browser at a provider of this name. Null while central cannot be reached. */
  'session:offer': {
    request: z.strictObject({}),
    response: z.strictObject({ offer: z.strictObject({ by: z.enum(['name', 'browser']), name: z.string().max(60) }).nullable() }),
    by: 'main',
  },
  /**
   * Signs somebody in; whoever sat here is signed out. Null: whoever signs in in the browser. On yes the window is loaded anew: nothing of
   * the person before stays in it.
   */
  'session:enter': {
    request: z.strictObject({ agentId: Id.nullable() }),
    response: z.discriminatedUnion('entered', [
      z.strictObject({ entered: z.literal(true) }),
      z.strictObject({ entered: z.literal(false), words: z.string() }),
    ]),
    by: 'main',
  },
  /** Nobody waits for the browser any more: `session:enter` is answered with a no. */
  'session:cancel': { request: z.strictObject({}), response: z.strictObject({}), by: 'main' },
  /** Signs out and loads the window anew. */
  'session:leave': { request: z.strictObject({}), response: z.strictObject({}), by: 'main' },
  /** The window listens to the news: whether central is heard now; what changes is pushed. */
  'news:open': { request: z.strictObject({}), response: z.strictObject({ live: z.boolean() }), by: 'main' },
  /** The wall of calls is open, or not any more: only then central tells of it. */
  'wall:watch': { request: z.strictObject({ on: z.boolean() }), response: z.strictObject({}), by: 'main' },
  'session:level': { request: z.strictObject({ level: ExperienceLevel }), response: z.strictObject({}), by: 'engine' },
  'window:theme': { request: z.strictObject({ theme: z.enum(['system', 'light', 'dark']) }), response: z.strictObject({}), by: 'main' },
  'window:compact': { request: z.strictObject({ compact: z.boolean(), onTop: z.boolean() }), response: z.strictObject({}), by: 'main' },
  /** A fault the renderer caught: counted and logged without content. */
  'renderer:fault': {
    request: z.strictObject({ name: z.string().max(80), where: z.string().max(120) }),
    response: z.strictObject({}),
    by: 'main',
  },
} as const;

export type IpcChannel = keyof typeof IPC;
export const IPC_CHANNELS = Object.keys(IPC) as readonly IpcChannel[];
export type IpcRequest<C extends IpcChannel> = z.infer<(typeof IPC)[C]['request']>;
export type IpcResponse<C extends IpcChannel> = z.infer<(typeof IPC)[C]['response']>;
