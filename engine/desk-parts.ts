/** How each part of the window's view is made. */
import type { DeskView } from '#contract/desk.ts';
import { callView } from './call-view.ts';
import type { Calls } from './calls.ts';
import { policyName } from './card-view.ts';
import type { CentralContact } from './central-contact.ts';
import { cardViews, type Parts } from './desk-view.ts';
import type { Ladder } from './ladder.ts';
import type { ProfileCache } from './profile-cache.ts';
import type { RefusalCounts } from './refusal-counts.ts';
import type { RevisionKeeper } from './revision-keeper.ts';
import type { Session } from './session.ts';
import type { StoreNotice, Surroundings } from './surroundings.ts';

export interface Sources {
  readonly surroundings: Surroundings;
  readonly calls: Calls;
  readonly keeper: RevisionKeeper;
  readonly ladder: Ladder;
  readonly profiles: ProfileCache;
  readonly contact: CentralContact;
  readonly refusals: RefusalCounts;
  readonly session: Session;
  /** What keeps the store from writing; null when nothing does. */
  readonly storeTrouble: () => StoreNotice | null;
  /** Why its ledger is not the one central knows; null when it is. */
  readonly foreignLedger: () => StoreNotice | null;
}

const NO_POLICY: StoreNotice = {
  reason: 'no-policy',
  words: 'No policy has been received yet: there can be no suggestions. Connect to central once.',
};

export function deskParts(s: Sources): Parts {
  const { agent, demonstration, store } = s.surroundings;
  const trouble = (): Pick<DeskView['engine'], 'trouble' | 'reason'> => {
    const policy = s.keeper.current === null ? NO_POLICY : null;
    const all = [s.storeTrouble() ?? s.surroundings.storeNotice ?? null, s.foreignLedger(), policy].filter((notice) => notice !== null);
    const [first] = all;
    return first === undefined ? { trouble: null } : { trouble: all.map(({ words }) => words).join(' '), reason: first.reason };
  };
  const rung = (): DeskView['engine']['rung'] =>
    s.calls.front?.rung ?? (s.keeper.current === null ? 'refrain' : s.ladder.rung(s.keeper.current, s.surroundings.clock.nowMs()));
  return {
    session: () => ({
      agentId: agent.id,
      agentName: agent.name,
      level: s.session.level,
      offlineSinceMs: s.session.offlineSinceMs,
      language: agent.language,
      demonstration,
      policy: s.keeper.current === null ? null : policyName(s.keeper.current),
    }),
    link: () => s.contact.view(),
    engine: () => ({ state: 'ready', ...trouble(), rung: rung() }),
    outbox: () => {
      const { unsent, refused } = store.counts();
      return { unsent, refused };
    },
    refused: () => ({ ...s.refusals.byReason }),
    call: () => {
      const { front } = s.calls;
      if (front === null) return null;
      return callView(front, s.keeper.current, s.profiles.forCall(front.state.customerId, front.callId), s.session.level);
    },
    otherCalls: () =>
      s.calls.all
        .filter((call) => call !== s.calls.front && !call.isOver)
        .map((call) => ({
          callId: call.callId,
          phase: call.state.phase,
          customerName:
            call.state.identity === 'unknown' ? null : (s.profiles.forCall(call.state.customerId, call.callId)?.displayName ?? null),
        })),
    cards: () => cardViews(s.calls.front),
    refrain: () => s.calls.front?.refrain ?? null,
  };
}
