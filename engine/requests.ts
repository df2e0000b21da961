/** The window's requests, channel by channel. Each body is checked against its row of the channel map before anything is done with it. */
import { InWords } from '#contract/fault.ts';
import { IPC, type IpcChannel, type IpcRequest, type IpcResponse } from '#contract/ipc.ts';
import type { ExperienceLevel } from '#contract/policy.ts';
import type { Answers } from './answers.ts';
import type { CallDesk } from './call-desk.ts';
import type { DeskViewKeeper } from './desk-view.ts';
import type { DecisionTimes } from './decision-times.ts';
import type { Explanations } from './explanations.ts';

export interface Desk {
  readonly view: DeskViewKeeper;
  readonly answers: Answers;
  readonly explanations: Explanations;
  readonly times: DecisionTimes;
  readonly call: (callId: string) => CallDesk | null;
  readonly decide: (call: CallDesk) => Promise<void>;
  readonly setQuiet: (call: CallDesk, quiet: boolean) => Promise<void>;
  readonly bringToFront: (call: CallDesk) => void;
  readonly setLevel: (level: ExperienceLevel) => Promise<void>;
  /** A card was painted at `atMs` of what came in at `releasedRealMs`. */
  readonly painted: (releasedRealMs: number, atMs: number) => void;
  /** An answer was saved. */
  readonly saved: () => void;
}

export type EngineChannel = { [C in IpcChannel]: (typeof IPC)[C]['by'] extends 'engine' ? C : never }[IpcChannel];

type Handlers = { readonly [C in EngineChannel]: (body: IpcRequest<C>, desk: Desk) => IpcResponse<C> | Promise<IpcResponse<C>> };

const HANDLERS: Handlers = {
  'desk:open': (_, { view }) => view.whole(),
  'card:painted': ({ decisionId, actionId, atMs, visible }, { answers, times, painted }) => {
    const card = visible ? answers.painted(decisionId, actionId) : null;
    if (card === null) return {};
    times.painted(decisionId, atMs);
    if (card.releasedRealMs !== null) painted(card.releasedRealMs, atMs);
    return {};
  },
  'card:seen': ({ decisionId, actionId }, { answers }) => {
    answers.seen(decisionId, actionId);
    return {};
  },
  'card:answer': ({ decisionId, actionId, answer }, { answers, saved }) => {
    const result = answers.answer(decisionId, actionId, answer);
    if (result.saved) saved();
    return result;
  },
  'card:reason': ({ outcomeId, reason }, { answers }) => answers.reason(outcomeId, reason),
  'card:undo': ({ outcomeId }, { answers }) => answers.undo(outcomeId),
  'explain:actions': ({ callId }, { explanations, call }) => explanations.actions(call(callId)),
  'explain:verdict': ({ callId, decisionId, actionId }, { explanations, call }) => ({
    verdict: explanations.verdict(call(callId), decisionId ?? null, actionId),
  }),
  'explain:what-if': async ({ callId, decisionId, actionId }, { explanations, call }) => ({
    whatIf: await explanations.whatIf(callId, call(callId), decisionId ?? null, actionId),
  }),
  'call:quiet': async ({ callId, quiet }, desk) => {
    const call = desk.call(callId);
    if (call !== null) await desk.setQuiet(call, quiet);
    return {};
  },
  'call:front': ({ callId }, desk) => {
    const call = desk.call(callId);
    if (call !== null) desk.bringToFront(call);
    return {};
  },
  'call:ask': async ({ callId }, desk) => {
    const call = desk.call(callId);
    if (call !== null) await desk.decide(call);
    return {};
  },
  'desk:timing': (_, { times }) => times.view(),
  'session:level': async ({ level }, desk) => {
    await desk.setLevel(level);
    return {};
  },
};

const isEngineChannel = (channel: string): channel is EngineChannel => Object.hasOwn(HANDLERS, channel);

/** Rejects for a channel that is not the engine's and for a body that does not fit. */
export async function answerRequest(channel: string, body: unknown, desk: Desk): Promise<unknown> {
  if (!isEngineChannel(channel)) throw new InWords('no such channel at the engine');
  const request = IPC[channel].request.safeParse(body);
  if (!request.success) throw new InWords(`the request does not fit ${channel}`);
  // Each handler takes its own channel's request; the map's type says so row by row, which a lookup by a union cannot.
  const handler = HANDLERS[channel] as (body: unknown, desk: Desk) => unknown;
  return handler(request.data, desk);
}
