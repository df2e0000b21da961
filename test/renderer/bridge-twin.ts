import type { News } from '#contract/news.ts';
import type { DeskChange, DeskView, TimingView, VerdictView, WhatIfView } from '#contract/desk.ts';

/** What a window asked of the twin. */
export interface TwinCall {
  readonly channel: string;
  readonly request: Readonly<Record<string, unknown>>;
  readonly atMs: number;
}

/** Reached by tests as `window.twin`. */
export interface Twin {
  readonly calls: TwinCall[];
  readonly violations: string[];
  view: DeskView;
  /** Replies to use instead of the twin's own, by channel; an Error rejects. */
  readonly replies: Record<string, unknown>;
  push(change: DeskChange): void;
  /** What central tells the rooms. */
  tell(news: News): void;
  /** Set by any hostile text that gets to run. */
  ran?: boolean;
}

/**
 * Runs inside the page before it loads: the bridge the preload script would expose, played by a script.
 * It keeps the same promises as the engine about answers: saved with an outcome id, the card's state follows.
 * Self-contained, because only its text reaches the page.
 */
export function installBridgeTwin({
  view,
  replies,
  verdicts,
  whatIfs,
  timing,
}: {
  view: DeskView;
  replies: Record<string, unknown>;
  verdicts: VerdictView[];
  whatIfs: WhatIfView[];
  timing: TimingView;
}): void {
  type Listener = (change: unknown) => void;
  const listeners = new Set<Listener>();
  const newsListeners = new Set<Listener>();
  let outcomes = 0;
  const twin: Twin = {
    calls: [],
    violations: [],
    view,
    replies,
    push: (change) => {
      const { lines: _lines, ...parts } = change;
      twin.view = { ...twin.view, ...(parts as Partial<DeskView>) };
      for (const listener of listeners) listener(structuredClone(change));
    },
    tell: (news) => {
      for (const listener of newsListeners) listener(structuredClone(news));
    },
  };
  // Must be inside: only this function reaches the page.
  // oxlint-disable-next-line unicorn/consistent-function-scoping
  const saved = (outcomeId: string) => ({ saved: true, outcomeId });
  const own: Record<string, (request: Record<string, string & { kind: string }>) => unknown> = {
    'session:people': () => {
      const { agentId, agentName, language } = twin.view.session;
      return { here: { agentId, name: agentName, language, rooms: ['calls'] }, people: [] };
    },
    'news:open': () => ({ live: true }),
    'overrides:notices': () => ({ told: true, answer: { notices: [] } }),
    'oversight:looks': () => ({ told: true, answer: { looks: [], agents: [] } }),
    'session:offer': () => ({ offer: { by: 'name', name: '' } }),
    'desk:open': () => structuredClone(twin.view),
    'explain:actions': () => ({
      decisionId: 'decision-1',
      actions: verdicts.map(({ actionId, name, issue, group, stage, code }) => ({ actionId, name, issue, group, stage, code })),
    }),
    'explain:verdict': ({ actionId }) => ({ verdict: verdicts.find((verdict) => verdict.actionId === actionId) ?? null }),
    'desk:timing': () => timing,
    'explain:what-if': ({ actionId }) => ({ whatIf: whatIfs.find((whatIf) => whatIf.actionId === actionId) ?? null }),
    'card:answer': ({ actionId, answer }) => {
      const outcomeId = `outcome-${++outcomes}`;
      const cards = twin.view.cards.map((card) =>
        card.actionId === actionId
          ? {
              ...card,
              state: answer?.kind as typeof card.state,
              outcomeId,
              undoUntilMs: twin.view.nowMs + 5_000,
              request: answer?.kind === 'accepted' ? ('requested' as const) : null,
            }
          : card,
      );
      setTimeout(() => twin.push({ cards }));
      return saved(outcomeId);
    },
    'card:reason': ({ outcomeId }) => saved(outcomeId ?? ''),
    'card:undo': ({ outcomeId }) => {
      const cards = twin.view.cards.map((card) =>
        card.outcomeId === outcomeId ? { ...card, state: 'open' as const, outcomeId: null, undoUntilMs: null, request: null } : card,
      );
      setTimeout(() => twin.push({ cards }));
      return saved(`outcome-${++outcomes}`);
    },
    'call:quiet': ({ quiet }) => {
      const { call } = twin.view;
      if (call !== null) setTimeout(() => twin.push({ call: { ...call, quiet: Boolean(quiet) } }));
      return {};
    },
    'session:level': ({ level }) => {
      setTimeout(() => twin.push({ session: { ...twin.view.session, level: level as DeskView['session']['level'] } }));
      return {};
    },
  };
  const bridge = {
    call: async (channel: string, request: Record<string, never>) => {
      twin.calls.push({ channel, request, atMs: performance.now() });
      if (Object.hasOwn(twin.replies, channel)) {
        const reply = twin.replies[channel];
        if (reply === 'reject') throw new Error('refused');
        if (reply === 'never') return new Promise(() => undefined);
        return reply;
      }
      return own[channel]?.(request) ?? {};
    },
    onChange: (listener: Listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onNews: (listener: Listener) => {
      newsListeners.add(listener);
      return () => newsListeners.delete(listener);
    },
  };
  Object.assign(globalThis, { sotto: bridge, twin });
  document.addEventListener('securitypolicyviolation', (event) =>
    twin.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`),
  );
}
