import { useId } from 'react';
import type { Ref } from 'react';

interface Props {
  readonly label: string;
  readonly rows: number;
  readonly most: number;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly field?: Ref<HTMLTextAreaElement>;
}

/** A sentence or more in somebody's own words. */
export function WordsField({ label, rows, most, value, onChange, field }: Props) {
  const id = useId();
  return (
    <>
      <label className="muted" htmlFor={id}>
        {label}
      </label>
      <textarea
        id={id}
        ref={field}
        className="queue-field"
        rows={rows}
        maxLength={most}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </>
  );
}
