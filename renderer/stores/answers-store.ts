import { createStore } from 'zustand/vanilla';
import type { StoreApi } from 'zustand/vanilla';
import type { CardView } from '#contract/desk.ts';
import type { Answer, Saved } from '#contract/ipc.ts';
import type { RejectReason } from '#contract/policy.ts';
import type { Api } from '../api.ts';
import { cardKey, deskNowMs } from './desk-store.ts';
import type { DeskStore } from './desk-store.ts';

/** How long an answer can be taken back, where the engine has not yet said until when. */
export const UNDO_MS = 5_000;
/** How long the reason of a rejection is asked for. */
export const REASON_MS = 20_000;

/** The last answer that was durably saved. */
export interface Receipt {
  readonly key: string;
  readonly outcomeId: string;
  readonly name: string;
  readonly kind: Answer['kind'];
  readonly savedAtMs: number;
  readonly state: 'saved' | 'retracted';
  /** The reasons still asked for; empty when given, skipped or not asked. */
  readonly reasons: readonly RejectReason[];
  readonly reason: RejectReason | null;
}

export type Refusal = Extract<Saved, { saved: false }> & { readonly name: string };

export interface AnswersState {
  /** The prompt whose answer is being saved. */
  readonly savingKey: string | null;
  readonly receipt: Receipt | null;
  /** The last thing that was not saved. */
  readonly refusal: Refusal | null;
}

export interface AnswersStore extends StoreApi<AnswersState> {
  answer(card: CardView, answer: Answer): Promise<Saved | null>;
  giveReason(reason: RejectReason): Promise<void>;
  skipReason(): void;
  undo(): Promise<void>;
  dismiss(): void;
}

/** Answered as far as the engine's view or its reply says so; never before it is saved. */
export const isAnswered = ({ receipt }: AnswersState, card: CardView): boolean => answeredAs(receipt, card) !== 'open';

/** The state to draw a card in: the engine's, or its reply where the view has not caught up. */
export const answeredAs = (receipt: Receipt | null, card: CardView): CardView['state'] =>
  card.state === 'open' && receipt?.state === 'saved' && receipt.key === cardKey(card) ? receipt.kind : card.state;

export function createAnswersStore(api: Api, desk: DeskStore): AnswersStore {
  const store = createStore<AnswersState>(() => ({ savingKey: null, receipt: null, refusal: null }));
  const refuse = (name: string, refusal: Extract<Saved, { saved: false }>): void => store.setState({ refusal: { ...refusal, name } });

  return {
    ...store,
    answer: async (card, answer) => {
      // One answer at a time: a second press while the first is being saved is a slip.
      if (store.getState().savingKey !== null || isAnswered(store.getState(), card)) return null;
      store.setState({ savingKey: cardKey(card), refusal: null });
      const saved = await api.answer(card, answer);
      store.setState({ savingKey: null });
      if (!saved.saved) {
        refuse(card.name, saved);
        return saved;
      }
      store.setState({
        receipt: {
          key: cardKey(card),
          outcomeId: saved.outcomeId,
          name: card.name,
          kind: answer.kind,
          savedAtMs: deskNowMs(desk.getState()),
          state: 'saved',
          reasons: answer.kind === 'rejected' ? card.rejectReasons : [],
          reason: null,
        },
      });
      return saved;
    },
    giveReason: async (reason) => {
      const { receipt } = store.getState();
      if (receipt === null) return;
      store.setState({ receipt: { ...receipt, reasons: [] }, refusal: null });
      const saved = await api.giveReason(receipt.outcomeId, reason);
      if (!saved.saved) refuse(receipt.name, saved);
      else store.setState((state) => (state.receipt?.outcomeId === receipt.outcomeId ? { receipt: { ...state.receipt, reason } } : {}));
    },
    skipReason: () => store.setState(({ receipt }) => (receipt === null ? {} : { receipt: { ...receipt, reasons: [] } })),
    undo: async () => {
      const { receipt } = store.getState();
      if (receipt === null || receipt.state === 'retracted') return;
      store.setState({ refusal: null });
      const saved = await api.undo(receipt.outcomeId);
      if (!saved.saved) refuse(receipt.name, saved);
      else store.setState({ receipt: { ...receipt, state: 'retracted', reasons: [], savedAtMs: deskNowMs(desk.getState()) } });
    },
    dismiss: () => store.setState({ receipt: null, refusal: null }),
  };
}
