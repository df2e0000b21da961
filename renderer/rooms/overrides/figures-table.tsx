import { useIntl } from 'react-intl';
import type { OverrideFigures } from '#contract/override-review.ts';
import { useText } from '../../wording/use-text.ts';
import { ScrolledTable } from '../scrolled-table.tsx';
import { useEstimates } from '../use-estimates.ts';

const SHARES = ['acceptance', 'override', 'rejection', 'appropriate', 'notActed'] as const;

/** How prompts are answered, each figure with its interval, or that there is too little. */
export function FiguresTable({ figures }: { readonly figures: OverrideFigures }) {
  const text = useText();
  const { formatNumber } = useIntl();
  const { share, seconds } = useEstimates();
  const first = text(figures.by === 'agent' ? 'oversight.coaching.agent' : 'overrides.figure.action');
  const head = [first, ...['seen', ...SHARES, 'seenToAcceptS'].map((name) => text(`overrides.figure.${name}`))];
  return (
    <div>
      <h2 className="small-title">{text('overrides.figures')}</h2>
      <ScrolledTable label={text('overrides.figures')} head={head}>
        {figures.rows.map((row) => (
          <tr key={row.key}>
            <th scope="row">
              <bdi>{row.name}</bdi>
            </th>
            <td>{formatNumber(row.seen)}</td>
            {SHARES.map((name) => (
              <td key={name}>{share(row[name])}</td>
            ))}
            <td>{seconds(row.seenToAcceptS)}</td>
          </tr>
        ))}
      </ScrolledTable>
    </div>
  );
}
