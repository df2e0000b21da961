import { useIntl } from 'react-intl';
import type { ApprovalMeter } from '#contract/approval.ts';
import { useText } from '../../wording/use-text.ts';
import { ScrolledTable } from '../scrolled-table.tsx';
import { useEstimates } from '../use-estimates.ts';

const SHARES = ['evidenceOpened', 'agreement', 'firstAgreement', 'seededCaught'] as const;

/** Whether those who decide look at what they decide: each figure with its interval, or that there is too little. */
export function MeterTable({ meter: { readings } }: { readonly meter: ApprovalMeter }) {
  const text = useText();
  const { formatNumber } = useIntl();
  const { share, seconds } = useEstimates();
  const head = ['person', 'cases', 'medianSeconds', ...SHARES, 'score'].map((name) => text(`oversight.meter.${name}`));
  return (
    <div>
      <h2 className="small-title">{text('oversight.meter')}</h2>
      <p className="muted">{text(readings.length === 0 ? 'oversight.meter.none' : 'oversight.meter.detail')}</p>
      {readings.length > 0 && (
        <ScrolledTable label={text('oversight.meter')} head={head}>
          {readings.map((reading) => (
            <tr key={reading.personId} data-approver={reading.personId}>
              <th scope="row">
                <bdi>{reading.name}</bdi>
              </th>
              <td>{formatNumber(reading.cases)}</td>
              <td>{seconds(reading.medianSeconds)}</td>
              {SHARES.map((name) => (
                <td key={name}>{share(reading[name])}</td>
              ))}
              <td>{reading.score === null ? text('overrides.few') : formatNumber(reading.score, { maximumFractionDigits: 2 })}</td>
            </tr>
          ))}
        </ScrolledTable>
      )}
    </div>
  );
}
