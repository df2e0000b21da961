/** The only file that touches the bridge. What comes in is parsed; what goes out is typed by the channel map. */
import { BRIDGE, type Bridge } from '#contract/bridge.ts';
import type { CentralChannel } from '#contract/central-channels.ts';
import { type CardView, DeskChange, type DeskView } from '#contract/desk.ts';
import { type Answer, IPC, type IpcChannel, type IpcRequest, type IpcResponse, type Saved } from '#contract/ipc.ts';
import { type News, readNews } from '#contract/news.ts';
import type { ExperienceLevel, RejectReason } from '#contract/policy.ts';

export interface DeskListener {
  readonly onView: (view: DeskView) => void;
  readonly onChange: (change: DeskChange) => void;
  /** The engine did not answer or sent what the contract does not allow; it is asked again. */
  readonly onTrouble: () => void;
}

/** What the engine is asked about a decision. */
export type ExplainChannel = 'explain:actions' | 'explain:verdict' | 'explain:what-if';

/** First and longest wait before the view is asked for again. */
const RETRY_FIRST_MS = 250;
const RETRY_LONGEST_MS = 4_000;

export class Api {
  readonly #bridge: Bridge;

  constructor(bridge: Bridge) {
    this.#bridge = bridge;
  }

  static ofWindow(): Api {
    const bridge = (window as { [BRIDGE]?: Bridge })[BRIDGE];
    if (bridge === undefined) throw new Error('The preload script did not run: start the window through the shell.');
    return new Api(bridge);
  }

  /** Asks for the view and follows its changes, until the returned function is called. Changes that overtake the view are kept for it. */
  openDesk(listener: DeskListener): () => void {
    let closed = false;
    let waiting: DeskChange[] | null = [];
    let timer: ReturnType<typeof setTimeout> | undefined;

    const open = (retryMs: number): void => {
      waiting ??= [];
      this.#call('desk:open', {}).then(
        (view) => {
          if (closed) return undefined;
          listener.onView(view);
          for (const change of waiting ?? []) listener.onChange(change);
          waiting = null;
          return undefined;
        },
        (cause: unknown) => {
          if (closed) return;
          this.reportFault(cause, 'desk:open');
          listener.onTrouble();
          timer = setTimeout(() => open(Math.min(retryMs * 2, RETRY_LONGEST_MS)), retryMs);
        },
      );
    };

    const stop = this.#bridge.onChange((pushed) => {
      if (closed) return;
      const parsed = DeskChange.safeParse(pushed);
      if (!parsed.success) {
        // A view with a hole in it could show what was withdrawn: ask for the whole one.
        this.reportFault(parsed.error, 'desk:changed');
        listener.onTrouble();
        open(RETRY_FIRST_MS);
        return;
      }
      const change = parsed.data;
      if (waiting) waiting.push(change);
      else listener.onChange(change);
    });
    open(RETRY_FIRST_MS);
    return () => {
      closed = true;
      clearTimeout(timer);
      stop();
    };
  }

  /**
   * Calls back with what central tells the rooms, until the returned function is called; first with whether it is heard at all. After
   * `link` says that it is heard again, whoever shows something asks for it anew.
   */
  followNews(listener: (news: News) => void): () => void {
    let closed = false;
    const stop = this.#bridge.onNews((pushed) => {
      const { kind, body } = (typeof pushed === 'object' && pushed !== null ? pushed : {}) as { kind?: unknown; body?: unknown };
      const news = readNews(kind, body);
      if (closed) return;
      if (news === null) this.reportFault(new TypeError('not news'), 'news');
      else listener(news);
    });
    this.#call('news:open', {}).then(
      (link) => (closed ? undefined : listener({ kind: 'link', body: link })),
      (cause: unknown) => this.reportFault(cause, 'news:open'),
    );
    return () => {
      closed = true;
      stop();
    };
  }

  /** The wall is open, or not any more. */
  watchWall(on: boolean): void {
    this.#tell('wall:watch', { on });
  }

  /** Asks central, in the name of whoever sits here. Never rejects: `away` is an answer as well. */
  central<C extends CentralChannel>(channel: C, request: IpcRequest<C>): Promise<IpcResponse<C>> {
    return this.#call(channel, request).catch((cause: unknown) => {
      this.reportFault(cause, channel);
      return { told: false, reason: 'away' } as IpcResponse<C>;
    });
  }

  /** `atMs`: milliseconds since 1970 by the window's clock. */
  painted(card: CardView, atMs: number, visible: boolean): void {
    this.#tell('card:painted', { decisionId: card.decisionId, actionId: card.actionId, atMs, visible });
  }

  seen(card: CardView): void {
    this.#tell('card:seen', { decisionId: card.decisionId, actionId: card.actionId });
  }

  answer(card: CardView, answer: Answer): Promise<Saved> {
    return this.#save('card:answer', { decisionId: card.decisionId, actionId: card.actionId, answer });
  }

  giveReason(outcomeId: string, reason: RejectReason): Promise<Saved> {
    return this.#save('card:reason', { outcomeId, reason });
  }

  undo(outcomeId: string): Promise<Saved> {
    return this.#save('card:undo', { outcomeId });
  }

  /** Rejects when the engine is away. */
  explain<C extends ExplainChannel>(channel: C, request: IpcRequest<C>): Promise<IpcResponse<C>> {
    return this.#call(channel, request);
  }

  /** Rejects when the engine is away. */
  timing(): Promise<IpcResponse<'desk:timing'>> {
    return this.#call('desk:timing', {});
  }

  /** Resolves to whether the engine took it. */
  quiet(callId: string, quiet: boolean): Promise<boolean> {
    return this.#ask('call:quiet', { callId, quiet });
  }

  ask(callId: string): Promise<boolean> {
    return this.#ask('call:ask', { callId });
  }

  bringToFront(callId: string): Promise<boolean> {
    return this.#ask('call:front', { callId });
  }

  level(level: ExperienceLevel): Promise<boolean> {
    return this.#ask('session:level', { level });
  }

  /** Who has signed in here, and who sits here. Null when main does not answer. */
  people(): Promise<IpcResponse<'session:people'> | null> {
    return this.#call('session:people', {}).catch((cause: unknown) => {
      this.reportFault(cause, 'session:people');
      return null;
    });
  }

  /** How people sign in; null while central cannot be reached, or main does not answer. */
  offer(): Promise<IpcResponse<'session:offer'>['offer']> {
    return this.#call('session:offer', {}).then(
      ({ offer }) => offer,
      (cause: unknown) => {
        this.reportFault(cause, 'session:offer');
        return null;
      },
    );
  }

  /** Null: whoever signs in in the browser. Without words where there is no telling why. */
  enter(agentId: string | null): Promise<IpcResponse<'session:enter'>> {
    return this.#call('session:enter', { agentId }).catch((cause: unknown) => {
      this.reportFault(cause, 'session:enter');
      return { entered: false as const, words: '' };
    });
  }

  /** Nobody waits for the browser any more. */
  cancelEnter(): void {
    this.#tell('session:cancel', {});
  }

  leave(): void {
    this.#tell('session:leave', {});
  }

  theme(theme: 'system' | 'light' | 'dark'): void {
    this.#tell('window:theme', { theme });
  }

  compact(compact: boolean, onTop: boolean): void {
    this.#tell('window:compact', { compact, onTop });
  }

  /** Name and place only: a message could carry what a customer said. */
  reportFault(cause: unknown, where: string): void {
    const name = cause instanceof Error ? cause.name : typeof cause;
    this.#call('renderer:fault', { name: name.slice(0, 80), where: where.slice(0, 120) }).catch((failure: unknown) => {
      console.error('fault not reported', where, failure instanceof Error ? failure.name : typeof failure);
    });
  }

  async #call<C extends IpcChannel>(channel: C, request: IpcRequest<C>): Promise<IpcResponse<C>> {
    return IPC[channel].response.parse(await this.#bridge.call(channel, request)) as IpcResponse<C>;
  }

  #tell<C extends IpcChannel>(channel: C, request: IpcRequest<C>): void {
    this.#call(channel, request).catch((cause: unknown) => this.reportFault(cause, channel));
  }

  #ask<C extends IpcChannel>(channel: C, request: IpcRequest<C>): Promise<boolean> {
    return this.#call(channel, request).then(
      () => true,
      (cause: unknown) => {
        this.reportFault(cause, channel);
        return false;
      },
    );
  }

  /** An answer that got no reply is not saved as far as anybody knows. */
  #save<C extends 'card:answer' | 'card:reason' | 'card:undo'>(channel: C, request: IpcRequest<C>): Promise<Saved> {
    return this.#call(channel, request).then(
      (saved) => saved as Saved,
      (cause: unknown): Saved => {
        this.reportFault(cause, channel);
        return { saved: false, reason: 'engine-away', detail: '' };
      },
    );
  }
}
