import { Fragment } from 'react';
import type { ReactNode } from 'react';
import { useIntl } from 'react-intl';
import type { IntlShape } from 'react-intl';
import type { SentenceView } from '#contract/desk.ts';
import { useNow } from '../use-now.ts';
import { formatMoment } from './format-value.ts';
import { useText } from './use-text.ts';
import type { TextOf } from './use-text.ts';

type Value = SentenceView['args'][string];

const PLACE = /\{([A-Za-z0-9_.-]{1,80})\}/;
/** Words that change every second draw the eye away from the customer: they move in steps. */
const AGO_STEP_MS = 5_000;

const inSteps = (lengthMs: number): number => (lengthMs < 2 * AGO_STEP_MS ? lengthMs : Math.floor(lengthMs / AGO_STEP_MS) * AGO_STEP_MS);

/** A length of time in its largest fitting unit, in words: `42 seconds`. */
export function lengthInWords(intl: IntlShape, lengthMs: number): string {
  const seconds = Math.max(0, Math.round(lengthMs / 1_000));
  const [value, unit] =
    seconds < 60
      ? [seconds, 'second']
      : seconds < 3_600
        ? [Math.round(seconds / 60), 'minute']
        : seconds < 86_400
          ? [Math.round(seconds / 3_600), 'hour']
          : [Math.round(seconds / 86_400), 'day'];
  return intl.formatNumber(value, { style: 'unit', unit, unitDisplay: 'long' });
}

function formatValue(
  intl: IntlShape,
  text: TextOf,
  value: Value,
  format: SentenceView['formats'][string] | undefined,
  nowMs: number,
): string {
  if (typeof value === 'boolean') return text(value ? 'value.yes' : 'value.no');
  if (typeof value === 'string') return value;
  switch (format?.as) {
    case 'money':
      return format.unit === undefined ? intl.formatNumber(value) : intl.formatNumber(value, { style: 'currency', currency: format.unit });
    case 'ago':
      return lengthInWords(intl, inSteps(nowMs - value));
    case 'time':
      return formatMoment(intl, value);
    case 'number':
    case 'text':
    case 'boolean':
    case undefined:
      return format?.unit === undefined ? intl.formatNumber(value) : `${intl.formatNumber(value)}\u00a0${format.unit}`;
  }
}

/** The sentence in pieces: odd ones are values. Built by splitting, so a value that looks like a place is never filled in again. */
function pieces(intl: IntlShape, text: TextOf, sentence: SentenceView, nowMs: number): readonly string[] {
  return sentence.template.split(new RegExp(PLACE, 'g')).map((piece, index) => {
    if (index % 2 === 0) return piece;
    const value = Object.hasOwn(sentence.args, piece) ? sentence.args[piece] : undefined;
    return value === undefined ? '…' : formatValue(intl, text, value, sentence.formats[piece], nowMs);
  });
}

export interface Sentences {
  /** For the screen: each value isolated, so that its direction cannot turn the words around it. */
  readonly nodes: (sentence: SentenceView) => ReactNode;
  /** For the clipboard and the announcer. */
  readonly plain: (sentence: SentenceView) => string;
}

export function useSentence(): Sentences {
  const intl = useIntl();
  const text = useText();
  const nowMs = useNow(AGO_STEP_MS);
  return {
    nodes: (sentence) => (
      <bdi>
        {pieces(intl, text, sentence, nowMs).map((piece, index) =>
          // Pieces of one template never change places.
          // oxlint-disable-next-line react/no-array-index-key
          index % 2 === 0 ? <Fragment key={index}>{piece}</Fragment> : <bdi key={index}>{piece}</bdi>,
        )}
      </bdi>
    ),
    plain: (sentence) => pieces(intl, text, sentence, nowMs).join(''),
  };
}
