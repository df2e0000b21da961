import { createStore } from 'zustand/vanilla';
import type { StoreApi } from 'zustand/vanilla';
import type { ApprovalItem, ApprovalQueue, ApprovalView, Evidence } from '#contract/approval.ts';
import type { CentralChannel } from '#contract/central-channels.ts';
import type { IpcRequest } from '#contract/ipc.ts';
import type { Api } from '../../api.ts';

/** What is done with one request: a channel that is answered with how it stands then. */
export type ApprovalWord = Exclude<Extract<CentralChannel, `approvals:${string}`>, 'approvals:queue' | 'approvals:view'>;

export interface ApprovalsState {
  /** Open ones, the next breach first; null = not known yet. */
  readonly items: readonly ApprovalItem[] | null;
  /** Central's time when it last said it, and the window's own then (`performance.now()`). */
  readonly nowMs: number;
  readonly readAtMs: number;
  /** The list may be older than it looks. */
  readonly trouble: boolean;
  /** The one that is looked at. */
  readonly openId: string | null;
  readonly view: ApprovalView | null;
  /** Of what was opened or done last: central's word for its no. */
  readonly refusal: string | null;
  /** An answer is waited for. */
  readonly busy: boolean;
  readonly opened: ReadonlySet<Evidence>;
}

export interface ApprovalsStore extends StoreApi<ApprovalsState> {
  /** Follows central's news until the returned function is called. */
  follow(): () => void;
  /** Asks anew for the one that is open already. */
  open(approvalId: string): void;
  close(): void;
  /** The approver looks at it, which central keeps. */
  look(evidence: Evidence): void;
  /** Of what is open. Resolves to whether it was done. */
  say<W extends ApprovalWord>(word: W, body: IpcRequest<W>['body']): Promise<boolean>;
}

const NOTHING_OPEN = { openId: null, view: null, refusal: null, busy: false, opened: new Set<Evidence>() };

export function createApprovalsStore(api: Api): ApprovalsStore {
  const store = createStore<ApprovalsState>(() => ({ items: null, nowMs: 0, readAtMs: 0, trouble: false, ...NOTHING_OPEN }));
  const takeQueue = ({ nowMs, items }: ApprovalQueue): void =>
    store.setState({ items: inOrder(items), nowMs, readAtMs: performance.now(), trouble: false });
  const load = async (): Promise<void> => {
    const told = await api.central('approvals:queue', {});
    if (told.told) takeQueue(told.answer);
    else store.setState({ trouble: true });
  };
  /** What comes for another than is open by then is let go. */
  const takeView = (approvalId: string, told: { told: true; answer: ApprovalView } | { told: false; reason: string }): boolean => {
    // Of what was changed there is a new request.
    if (store.getState().openId === approvalId)
      store.setState(
        told.told
          ? { openId: told.answer.approvalId, view: told.answer, refusal: null, busy: false }
          : { refusal: told.reason, busy: false },
      );
    return told.told;
  };
  const show = async (approvalId: string): Promise<void> => void takeView(approvalId, await api.central('approvals:view', { approvalId }));
  return {
    ...store,
    follow: () =>
      api.followNews((news) => {
        const { openId, items } = store.getState();
        if (news.kind === 'queue') takeQueue(news.body);
        else if (news.kind === 'link') {
          // Heard again, or not heard at all: what is shown is asked for, which also says when it cannot be.
          void load();
          if (openId !== null && news.body.live) void show(openId);
        } else if (news.kind === 'item') {
          store.setState({ items: items === null ? null : inOrder(withItem(items, news.body)) });
          if (openId === news.body.approvalId) void show(openId);
        }
      }),
    open(approvalId) {
      if (store.getState().openId !== approvalId) store.setState({ ...NOTHING_OPEN, openId: approvalId });
      void show(approvalId);
    },
    close: () => store.setState(NOTHING_OPEN),
    look(evidence) {
      const { openId, opened } = store.getState();
      if (openId === null || opened.has(evidence)) return;
      store.setState({ opened: new Set([...opened, evidence]) });
      // Nothing of the screen hangs on it.
      void api.central('approvals:opened', { approvalId: openId, body: { evidence } });
    },
    async say(word, body) {
      const { openId, busy } = store.getState();
      if (openId === null || busy) return false;
      store.setState({ busy: true, refusal: null });
      return takeView(openId, await api.central(word, { approvalId: openId, body } as unknown as IpcRequest<ApprovalWord>));
    },
  };
}

/** Central's time now, in ms since 1970. */
export const centralNowMs = ({ nowMs, readAtMs }: Pick<ApprovalsState, 'nowMs' | 'readAtMs'>): number =>
  nowMs === 0 ? Date.now() : nowMs + (performance.now() - readAtMs);

/** What ended leaves the list. */
const withItem = (items: readonly ApprovalItem[], item: ApprovalItem): readonly ApprovalItem[] => {
  const others = items.filter(({ approvalId }) => approvalId !== item.approvalId);
  return item.endedAtMs === null ? [...others, item] : others;
};

const inOrder = (items: readonly ApprovalItem[]): readonly ApprovalItem[] =>
  items.toSorted((a, b) => a.deadlineAtMs - b.deadlineAtMs || (a.approvalId < b.approvalId ? -1 : 1));
