import { useState } from 'react';
import type { ReactNode } from 'react';
import { Autocomplete } from 'react-aria-components/Autocomplete';
import { Input } from 'react-aria-components/Input';
import { ListBox, ListBoxItem } from 'react-aria-components/ListBox';
import { SearchField } from 'react-aria-components/SearchField';
import { useText } from '../wording/use-text.ts';
import { Icon } from './icon.tsx';

/** Rows drawn at most: the rest is found by typing. */
const MAX_ROWS = 60;

export interface SearchRow {
  readonly id: string;
  /** What is searched and announced. */
  readonly name: string;
  /** Found by these words too. */
  readonly words: string;
  readonly content: ReactNode;
  /** Is shown and found, but cannot be chosen. */
  readonly disabled?: boolean;
}

interface Props {
  readonly rows: readonly SearchRow[];
  readonly label: string;
  readonly empty: string;
  readonly chosen: string | null;
  readonly onChoose: (id: string) => void;
}

const fold = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '').toLocaleLowerCase();

/** A search field over a list: typing narrows, arrows move, Enter chooses. */
export function SearchList({ rows, label, empty, chosen, onChoose }: Props) {
  const text = useText();
  const [query, setQuery] = useState('');
  const wanted = fold(query)
    .split(/\s+/)
    .filter((word) => word !== '');
  const found = rows.filter((row) => {
    const within = fold(`${row.name} ${row.words}`);
    return wanted.every((word) => within.includes(word));
  });
  return (
    <div className="search">
      <Autocomplete inputValue={query} onInputChange={setQuery}>
        <SearchField className="search-field" aria-label={label} autoFocus>
          <Icon name="search" />
          <Input className="search-input" placeholder={label} maxLength={100} />
        </SearchField>
        {/* The list itself is never focused, only pointed at from the field; what scrolls must be reachable by keys. */}
        <div className="search-list" role="group" aria-label={label} tabIndex={0}>
          <ListBox
            className="search-rows"
            aria-label={label}
            selectionMode="single"
            selectedKeys={chosen === null ? [] : [chosen]}
            onSelectionChange={(keys) => {
              const id = keys === 'all' ? undefined : [...keys][0];
              if (typeof id === 'string') onChoose(id);
            }}
            renderEmptyState={() => <p className="muted">{empty}</p>}
          >
            {found.slice(0, MAX_ROWS).map((row) => (
              <ListBoxItem key={row.id} id={row.id} textValue={row.name} className="search-row" isDisabled={row.disabled === true}>
                {row.content}
              </ListBoxItem>
            ))}
          </ListBox>
        </div>
      </Autocomplete>
      {found.length > MAX_ROWS && <p className="muted">{text('why-not.more', { count: found.length - MAX_ROWS })}</p>}
    </div>
  );
}
