/** Keeps the window's view: parts that were touched in a turn are built once, at its end, and pushed together. */
import type { CardView, DeskChange, DeskView, TranscriptLine } from '#contract/desk.ts';
import type { CallDesk } from './call-desk.ts';

type Part = Exclude<keyof DeskView, 'nowMs' | 'virtualClock'>;

export type Parts = { readonly [P in Part]: () => DeskView[P] };

const ALL: readonly Part[] = ['session', 'link', 'engine', 'outbox', 'refused', 'call', 'otherCalls', 'cards', 'refrain'];

/** Most cards a window takes. */
const MOST_CARDS = 3;

export class DeskViewKeeper {
  readonly #parts: Parts;
  readonly #push: ((change: DeskChange) => void) | null;
  readonly #time: () => Pick<DeskView, 'nowMs' | 'virtualClock'>;
  readonly #touched = new Set<Part>();
  readonly #lines = new Map<string, TranscriptLine>();
  #linesOf: string | null = null;
  #isClockMoved = false;

  constructor(parts: Parts, time: () => Pick<DeskView, 'nowMs' | 'virtualClock'>, push: ((change: DeskChange) => void) | null) {
    this.#parts = parts;
    this.#time = time;
    this.#push = push;
  }

  touch(...parts: readonly Part[]): void {
    for (const part of parts) this.#touched.add(part);
  }

  /** A line of the transcript of the call in front is new or changed. */
  line(callId: string, line: TranscriptLine): void {
    if (this.#linesOf !== callId) this.#lines.clear();
    this.#linesOf = callId;
    this.#lines.set(line.utteranceId, line);
  }

  clockMoved(): void {
    this.#isClockMoved = true;
  }

  /**
   * For whoever has nothing yet. An answer may be overtaken by what is pushed after it, and may overtake what was pushed before:
   * all parts are pushed once more at the end of the turn, in order with the rest.
   */
  whole(): DeskView {
    this.touch(...ALL);
    return { ...(Object.fromEntries(ALL.map((part) => [part, this.#parts[part]()])) as unknown as Pick<DeskView, Part>), ...this.#time() };
  }

  /**
   * Pushes what was touched since the last time; nothing when nothing was. A part that cannot be made keeps no other from
   * the window: it stays touched, and its error is thrown when the others are out.
   */
  flush(): void {
    if (this.#touched.size === 0 && this.#lines.size === 0 && !this.#isClockMoved) return;
    const failed = new Map<Part, unknown>();
    if (this.#push !== null) {
      const touched: Partial<Record<Part, unknown>> = {};
      for (const part of this.#touched) {
        try {
          touched[part] = this.#parts[part]();
        } catch (error) {
          failed.set(part, error);
        }
      }
      // A whole call holds its lines already.
      const lines =
        this.#linesOf === null || 'call' in touched ? {} : { lines: { callId: this.#linesOf, lines: [...this.#lines.values()] } };
      this.#push({ ...touched, ...lines, ...this.#time() } as DeskChange);
    }
    this.#forget();
    this.touch(...failed.keys());
    for (const error of failed.values()) throw error;
  }

  #forget(): void {
    this.#touched.clear();
    this.#lines.clear();
    this.#linesOf = null;
    this.#isClockMoved = false;
  }
}

const rank = ({ state, role }: CardView): number => (state === 'open' ? (role === 'primary' ? 0 : 1) : 2);

/** Open cards first, the primary before chips; then what was answered last. */
export function cardViews(call: CallDesk | null): CardView[] {
  if (call === null) return [];
  const views = [...call.cards.values()].map(({ view }) => view);
  return views.toSorted((a, b) => rank(a) - rank(b) || (b.undoUntilMs ?? 0) - (a.undoUntilMs ?? 0)).slice(0, MOST_CARDS);
}
