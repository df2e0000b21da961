import { useIntl } from 'react-intl';
import type { Estimate } from '#contract/estimate.ts';
import { useText } from '../wording/use-text.ts';

interface EstimateWords {
  /** With its interval, or that there is too little. */
  readonly share: (value: Estimate) => string;
  readonly seconds: (value: Estimate) => string;
}

/** Figures as people read them. */
export function useEstimates(): EstimateWords {
  const text = useText();
  const { formatNumber } = useIntl();
  const percent = (value: number): string => formatNumber(value, { style: 'percent', maximumFractionDigits: 0 });
  return {
    share: (value) =>
      value === null ? text('overrides.few') : `${percent(value.estimate)} (${percent(value.low)}–${percent(value.high)})`,
    seconds: (value) =>
      value === null
        ? text('overrides.few')
        : text('overrides.seconds', { count: formatNumber(value.estimate, { maximumFractionDigits: 1 }) }),
  };
}
