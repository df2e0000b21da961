import { useIntl } from 'react-intl';

/** A sum as people write it; without its currency where central does not say which. */
export function Amount({ of, currency }: { readonly of: number; readonly currency: string | null }) {
  const { formatNumber } = useIntl();
  const digits = Number.isInteger(of) ? 0 : 2;
  const style = currency === null ? {} : ({ style: 'currency', currency } as const);
  return <>{formatNumber(of, { ...style, minimumFractionDigits: digits, maximumFractionDigits: digits })}</>;
}
