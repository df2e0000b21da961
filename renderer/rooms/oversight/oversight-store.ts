import { createStore } from 'zustand/vanilla';
import type { StoreApi } from 'zustand/vanilla';
import type { ApprovalMeter, ApprovalView, BreakReview, BrokenGlass } from '#contract/approval.ts';
import type { CoachingLooks, OverrideFigures } from '#contract/override-review.ts';
import type { Api } from '../../api.ts';
import { onceMore } from '../once-more.ts';

export interface OversightState {
  /** Null = not known yet. */
  readonly breaks: readonly BrokenGlass[] | null;
  /** Central's time when it last said it, and the window's own then (`performance.now()`). */
  readonly nowMs: number;
  readonly readAtMs: number;
  /** The broken glass that is looked at, by its request. */
  readonly openId: string | null;
  /** What it was about; null: not told yet. */
  readonly view: ApprovalView | null;
  /** Null = not known yet, or not told to whoever sits here. */
  readonly meter: ApprovalMeter | null;
  readonly looks: CoachingLooks | null;
  /** Of the agent looked at last, in coaching. */
  readonly figures: OverrideFigures | null;
  readonly trouble: boolean;
  /** Why central did not do the last thing; null = it did. */
  readonly refusal: string | null;
  readonly busy: boolean;
}

export interface OversightStore extends StoreApi<OversightState> {
  load(): Promise<void>;
  look(approvalId: string): Promise<void>;
  close(): void;
  review(review: BreakReview): Promise<void>;
  /** The figures of one agent: central writes down who looked, and why, before it tells them. */
  coach(agentId: string, reason: string): Promise<void>;
  /** Follows central's news until the returned function is called. */
  follow(): () => void;
}

/** What the figures are of: the last so many. */
const DAYS = 30;

export function createOversightStore(api: Api): OversightStore {
  const store = createStore<OversightState>(() => ({
    breaks: null,
    nowMs: 0,
    readAtMs: 0,
    openId: null,
    view: null,
    meter: null,
    looks: null,
    figures: null,
    trouble: false,
    refusal: null,
    busy: false,
  }));
  const load = onceMore(async () => {
    const [breaks, meter, looks] = await Promise.all([
      api.central('oversight:breaks', {}),
      api.central('oversight:meter', { days: DAYS }),
      api.central('oversight:looks', {}),
    ]);
    store.setState({
      trouble: !breaks.told,
      ...(breaks.told ? { breaks: breaks.answer.items, nowMs: breaks.answer.nowMs, readAtMs: performance.now() } : {}),
      ...(meter.told ? { meter: meter.answer } : {}),
      ...(looks.told ? { looks: looks.answer } : {}),
    });
  });
  return {
    ...store,
    load,
    async look(approvalId) {
      store.setState({ openId: approvalId, view: null, refusal: null });
      const told = await api.central('approvals:view', { approvalId });
      // What comes for another than is open by then is let go.
      if (store.getState().openId === approvalId) store.setState(told.told ? { view: told.answer } : { refusal: told.reason });
    },
    close: () => store.setState({ openId: null, view: null, refusal: null }),
    async review(body) {
      const { openId, busy } = store.getState();
      if (openId === null || busy) return;
      store.setState({ busy: true });
      const told = await api.central('approvals:break-review', { approvalId: openId, body });
      store.setState({ refusal: told.told ? null : told.reason, busy: false });
      await load();
    },
    async coach(agentId, reason) {
      if (store.getState().busy) return;
      store.setState({ busy: true });
      const told = await api.central('oversight:coach', { body: { agentId, reason, days: DAYS } });
      store.setState({ busy: false, ...(told.told ? { figures: told.answer, refusal: null } : { refusal: told.reason }) });
      await load();
    },
    follow() {
      void load();
      return api.followNews((news) => {
        if (news.kind === 'link' || news.kind === 'item' || (news.kind === 'reviews' && news.body.rooms.includes('oversight'))) void load();
      });
    },
  };
}
