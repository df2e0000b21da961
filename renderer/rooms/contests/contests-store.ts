import { createStore } from 'zustand/vanilla';
import type { StoreApi } from 'zustand/vanilla';
import type { ContestableDecisions, ContestAnswer, ContestItem, ContestView } from '#contract/contest.ts';
import type { Api } from '../../api.ts';
import { onceMore } from '../once-more.ts';

export interface ContestsState {
  /** Open ones, the next breach first, then those that are over; null = not known yet. */
  readonly items: readonly ContestItem[] | null;
  /** Central's time when it last said it. */
  readonly nowMs: number;
  readonly open: ContestView | null;
  /** The reply to the customer, where it is looked at. */
  readonly letter: string | null;
  /** What a customer may contest, where that was asked for. */
  readonly about: (ContestableDecisions & { readonly customerId: string }) | null;
  readonly trouble: boolean;
  /** Why central did not do the last thing; null = it did. */
  readonly refusal: string | null;
  readonly busy: boolean;
}

export interface ContestsStore extends StoreApi<ContestsState> {
  load(): Promise<void>;
  look(contestId: string): Promise<void>;
  close(): void;
  take(): Promise<void>;
  answer(answer: ContestAnswer): Promise<void>;
  /** The customer does not contest it any more. */
  withdraw(): Promise<void>;
  readLetter(): Promise<void>;
  /** The decisions about a customer. */
  find(customerId: string): Promise<void>;
  /** Follows central's news until the returned function is called. */
  follow(): () => void;
}

export function createContestsStore(api: Api): ContestsStore {
  const store = createStore<ContestsState>(() => ({
    items: null,
    nowMs: 0,
    open: null,
    letter: null,
    about: null,
    trouble: false,
    refusal: null,
    busy: false,
  }));
  const load = async (): Promise<void> => {
    const told = await api.central('contests:queue', {});
    store.setState(told.told ? { items: told.answer.items, nowMs: told.answer.nowMs, trouble: false } : { trouble: true });
  };
  /** All of it as it is now; what is being written stays. */
  const again = onceMore(async () => {
    await load();
    const { open, busy } = store.getState();
    if (open === null || busy) return;
    const view = await api.central('contests:view', { contestId: open.contestId });
    if (view.told && store.getState().open?.contestId === open.contestId) store.setState({ open: view.answer });
  });
  const done = async (
    ask: (
      contestId: string,
    ) => Promise<{ readonly told: true; readonly answer: ContestView } | { readonly told: false; readonly reason: string }>,
  ): Promise<void> => {
    const { open, busy } = store.getState();
    if (open === null || busy) return;
    store.setState({ busy: true });
    const told = await ask(open.contestId);
    store.setState(told.told ? { open: told.answer, refusal: null, busy: false } : { refusal: told.reason, busy: false });
    if (told.told) await load();
  };
  return {
    ...store,
    load,
    async look(contestId) {
      const told = await api.central('contests:view', { contestId });
      store.setState(told.told ? { open: told.answer, letter: null, refusal: null } : { refusal: told.reason });
    },
    close: () => store.setState({ open: null, letter: null, refusal: null }),
    take: () => done((contestId) => api.central('contests:assign', { contestId, body: {} })),
    answer: (body) => done((contestId) => api.central('contests:answer', { contestId, body })),
    withdraw: () => done((contestId) => api.central('contests:withdraw', { contestId, body: {} })),
    async find(customerId) {
      const told = await api.central('contests:about', { customerId });
      store.setState(told.told ? { about: { ...told.answer, customerId }, refusal: null } : { about: null, refusal: told.reason });
    },
    async readLetter() {
      const { open } = store.getState();
      if (open === null) return;
      const told = await api.central('contests:letter', { contestId: open.contestId });
      store.setState(told.told ? { letter: told.answer.text, refusal: null } : { refusal: told.reason });
    },
    follow() {
      void load();
      return api.followNews((news) => {
        if (news.kind === 'link' || (news.kind === 'reviews' && news.body.rooms.includes('contests'))) void again();
      });
    },
  };
}
