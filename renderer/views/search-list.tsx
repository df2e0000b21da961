import { memo, useEffect, useId, useMemo, useRef, useState } from 'react';
import type { KeyboardEvent, MouseEvent } from 'react';
import type { Combo } from '../commands/commands.ts';
import { useText } from '../wording/use-text.ts';
import { Keys } from './command-button.tsx';
import { Icon } from './icon.tsx';

/** Rows drawn at most: the rest is found by typing. */
const MAX_ROWS = 60;
/** Rows drawn with the answer: more than the list has room for. The others follow when these are on the screen. */
const FIRST_ROWS = 10;

export interface SearchRow {
  readonly id: string;
  /** What is searched first. */
  readonly name: string;
  /** Found by these words too. */
  readonly words: string;
  /** What is drawn beside the name: what stopped an action. */
  readonly gate?: { readonly text: string; readonly isShown: boolean };
  /** What is drawn beside the name: the keys of a command. */
  readonly combo?: Combo;
  /** Is shown and found, but cannot be chosen. */
  readonly disabled?: boolean;
}

interface Props {
  readonly rows: readonly SearchRow[];
  readonly label: string;
  readonly empty: string;
  /** The rows are not there yet: `empty` says so. */
  readonly isWaiting?: boolean;
  readonly chosen: string | null;
  readonly onChoose: (id: string) => void;
  /** Enter on the row that is chosen already. */
  readonly onEnterChosen?: (id: string) => void;
}

const fold = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '').toLocaleLowerCase();

/**
 * A search field over a list: typing narrows and points at the first row, arrows move, Enter chooses. The focus stays in
 * the field, which says what row it points at. Plain elements: the kit's list takes longer to draw than an answer may.
 */
export function SearchList({ rows, label, empty, isWaiting = false, chosen, onChoose, onEnterChosen }: Props) {
  const text = useText();
  const listId = useId();
  const list = useRef<HTMLDivElement>(null);
  const [query, setQuery] = useState('');
  const [pointed, setPointed] = useState(chosen);
  // Thousands of rows are made ready for searching when somebody searches.
  const isSearched = query.trim() !== '';
  const searched = useMemo(
    () => (isSearched ? rows.map((row) => ({ row, within: fold(`${row.name} ${row.words}`) })) : []),
    [rows, isSearched],
  );
  const found = useMemo(() => (isSearched ? matching(searched, query) : rows), [rows, searched, query, isSearched]);
  const limit = useAfterFrame(rows.length > 0) ? MAX_ROWS : FIRST_ROWS;
  const drawn = found.slice(0, limit);
  const reachable = drawn.filter((row) => row.disabled !== true);
  // Words typed point at the first row until an arrow points elsewhere.
  const at = pointed === null && isSearched ? Math.min(0, reachable.length - 1) : reachable.findIndex(({ id }) => id === pointed);
  const pointedId = reachable[at]?.id;
  const optionId = (id: string): string => `${listId}-${id}`;

  useEffect(() => {
    if (pointedId !== undefined) list.current?.querySelector('[data-focused]')?.scrollIntoView({ block: 'nearest' });
  }, [pointedId]);

  const type = (typed: string): void => {
    setQuery(typed);
    setPointed(null);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) {
      const next = at === -1 && step === -1 ? reachable.length - 1 : Math.min(Math.max(at + step, 0), reachable.length - 1);
      setPointed(reachable[next]?.id ?? null);
    } else if (event.key === 'Enter' && pointedId !== undefined) {
      if (pointedId !== chosen || onEnterChosen === undefined) onChoose(pointedId);
      else if (!event.repeat) onEnterChosen(pointedId);
    } else return;
    event.preventDefault();
  };
  const onClick = ({ target }: MouseEvent): void => {
    const key = target instanceof Element ? target.closest('[data-key]')?.getAttribute('data-key') : null;
    const row = reachable.find(({ id }) => id === key);
    if (row === undefined) return;
    setPointed(row.id);
    onChoose(row.id);
  };

  return (
    <div className="search">
      <div className="search-field">
        <Icon name="search" />
        <input
          type="search"
          className="search-input"
          // The panel was opened to search in it.
          // oxlint-disable-next-line jsx-a11y/no-autofocus
          autoFocus
          autoComplete="off"
          spellCheck={false}
          maxLength={100}
          placeholder={label}
          aria-label={label}
          aria-autocomplete="list"
          aria-controls={drawn.length === 0 ? undefined : listId}
          aria-activedescendant={pointedId === undefined ? undefined : optionId(pointedId)}
          value={query}
          onChange={(event) => type(event.target.value)}
          onKeyDown={onKeyDown}
        />
      </div>
      {/* The list itself is never focused, only pointed at from the field; what scrolls must be reachable by keys. */}
      <div className="search-list" role="group" aria-label={label} tabIndex={0} ref={list}>
        {drawn.length === 0 ? (
          <p className={isWaiting ? 'muted search-empty waiting' : 'muted search-empty'} role="status">
            {empty}
          </p>
        ) : (
          // The keys are the field's.
          // oxlint-disable-next-line jsx-a11y/click-events-have-key-events
          <div
            id={listId}
            role="listbox"
            aria-label={label}
            className="search-rows"
            onMouseDown={(event) => event.preventDefault()}
            onClick={onClick}
          >
            {drawn.map((row) => (
              <Row key={row.id} row={row} id={optionId(row.id)} isPointed={row.id === pointedId} isChosen={row.id === chosen} />
            ))}
          </div>
        )}
      </div>
      {found.length > MAX_ROWS && <p className="muted">{text('why-not.more', { count: found.length - MAX_ROWS })}</p>}
    </div>
  );
}

/** Whether a frame was painted since `is` came to be true. */
function useAfterFrame(is: boolean): boolean {
  const [isPainted, setPainted] = useState(false);
  useEffect(() => {
    if (!is) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const frame = requestAnimationFrame(() => {
      timer = setTimeout(() => setPainted(true));
    });
    return () => {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
    };
  }, [is]);
  return is && isPainted;
}

interface RowProps {
  readonly row: SearchRow;
  readonly id: string;
  readonly isPointed: boolean;
  readonly isChosen: boolean;
}

/** Drawn again only where it looks otherwise. */
const Row = memo(function Row({ row, id, isPointed, isChosen }: RowProps) {
  return (
    <div
      id={id}
      role="option"
      className="search-row"
      data-key={row.id}
      data-focused={isPointed ? true : undefined}
      aria-selected={isChosen}
      aria-disabled={row.disabled === true ? true : undefined}
    >
      <bdi className="row-name">{row.name}</bdi>
      {row.gate !== undefined && (
        <span className="row-gate" data-shown={row.gate.isShown}>
          {row.gate.text}
        </span>
      )}
      {row.combo !== undefined && <Keys combo={row.combo} />}
    </div>
  );
});

/** The rows that have every word of the query, in their order. */
function matching(searched: readonly { readonly row: SearchRow; readonly within: string }[], query: string): readonly SearchRow[] {
  const wanted = fold(query)
    .split(/\s+/)
    .filter((word) => word !== '');
  return searched.filter(({ within }) => wanted.every((word) => within.includes(word))).map(({ row }) => row);
}
