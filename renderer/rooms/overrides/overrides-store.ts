import { createStore } from 'zustand/vanilla';
import type { StoreApi } from 'zustand/vanilla';
import type {
  FIGURES_BY,
  ItemChange,
  OverrideCase,
  OverrideFigures,
  OverrideFinding,
  OverrideItem,
  OverrideItems,
  OverrideQueue,
  OverrideSample,
} from '#contract/override-review.ts';
import type { Api } from '../../api.ts';
import { onceMore } from '../once-more.ts';

type Group = OverrideQueue['groups'][number];
type FiguresBy = (typeof FIGURES_BY)[number];

export interface OverridesState {
  readonly queue: OverrideQueue | null;
  /** Only cases of this group are listed; null = a sample of all. */
  readonly group: Group | null;
  readonly cases: OverrideSample['cases'] | null;
  readonly open: OverrideCase | null;
  readonly items: readonly OverrideItem[];
  /** Who may own one. */
  readonly owners: OverrideItems['owners'];
  readonly figures: OverrideFigures | null;
  /** Central cannot be asked: what is shown may be old. */
  readonly trouble: boolean;
  /** Why central did not do the last thing; null = it did. */
  readonly refusal: string | null;
  readonly busy: boolean;
}

export interface OverridesStore extends StoreApi<OverridesState> {
  load(): Promise<void>;
  choose(group: Group | null): Promise<void>;
  look(outcomeId: string): Promise<void>;
  close(): void;
  judge(verdict: OverrideFinding, note: string): Promise<void>;
  change(itemId: string, change: ItemChange): Promise<void>;
  /** By what the figures are counted from now on. */
  count(by: FiguresBy): Promise<void>;
  /** Follows central's news until the returned function is called. */
  follow(): () => void;
}

/** The same sample for everybody, so that two come to judge the same cases. */
const SEED = 1;
const SIZE = 40;
const DAYS = 30;

export function createOverridesStore(api: Api): OverridesStore {
  const store = createStore<OverridesState>(() => ({
    queue: null,
    group: null,
    cases: null,
    open: null,
    items: [],
    owners: [],
    figures: null,
    trouble: false,
    refusal: null,
    busy: false,
  }));
  const loadCases = async (): Promise<void> => {
    const { group } = store.getState();
    const told = await api.central('overrides:cases', {
      seed: SEED,
      size: SIZE,
      days: DAYS,
      todo: 'true',
      ...(group === null ? {} : { actionId: group.actionId, kind: group.kind }),
      ...(group === null || group.reason === null ? {} : { reason: group.reason }),
    });
    if (told.told) store.setState({ cases: told.answer.cases });
  };
  let countedBy: FiguresBy = 'action';
  const loadFigures = async (): Promise<void> => {
    const told = await api.central('overrides:figures', { by: countedBy, days: DAYS });
    if (told.told && told.answer.by === countedBy) store.setState({ figures: told.answer });
  };
  const load = async (): Promise<void> => {
    const [queue, items] = await Promise.all([
      api.central('overrides:queue', { days: DAYS }),
      api.central('overrides:items', {}),
      loadFigures(),
    ]);
    store.setState({
      trouble: !queue.told,
      ...(queue.told ? { queue: queue.answer } : {}),
      ...(items.told ? { items: items.answer.items, owners: items.answer.owners } : {}),
    });
    await loadCases();
  };
  /** All of it as it is now; what is being written stays. */
  const again = onceMore(async () => {
    await load();
    const { open, busy } = store.getState();
    if (open === null || busy) return;
    const view = await api.central('overrides:case', { outcomeId: open.outcomeId });
    if (view.told && store.getState().open?.outcomeId === open.outcomeId) store.setState({ open: view.answer });
  });
  return {
    ...store,
    load,
    async choose(group) {
      store.setState({ group });
      await loadCases();
    },
    async look(outcomeId) {
      const told = await api.central('overrides:case', { outcomeId });
      store.setState(told.told ? { open: told.answer, refusal: null } : { refusal: told.reason });
    },
    close: () => store.setState({ open: null, refusal: null }),
    async judge(verdict, note) {
      const { open } = store.getState();
      if (open === null || store.getState().busy) return;
      store.setState({ busy: true });
      const body = { verdict, ...(note === '' ? {} : { note }) };
      const told = await api.central('overrides:verdict', { outcomeId: open.outcomeId, body });
      store.setState(told.told ? { open: told.answer, refusal: null, busy: false } : { refusal: told.reason, busy: false });
      if (told.told) await load();
    },
    async change(itemId, body) {
      const told = await api.central('overrides:item', { itemId, body });
      store.setState({ refusal: told.told ? null : told.reason });
      await load();
    },
    count(by) {
      countedBy = by;
      return loadFigures();
    },
    follow() {
      void load();
      return api.followNews((news) => {
        if (news.kind === 'link' || (news.kind === 'reviews' && news.body.rooms.includes('overrides'))) void again();
      });
    },
  };
}
