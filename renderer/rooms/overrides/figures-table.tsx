import { useIntl } from 'react-intl';
import { FIGURES_BY, type OverrideFigures } from '#contract/override-review.ts';
import { useText } from '../../wording/use-text.ts';
import { ScrolledTable } from '../scrolled-table.tsx';
import { useEstimates } from '../use-estimates.ts';

const SHARES = ['acceptance', 'override', 'rejection', 'appropriate', 'notActed'] as const;

/** How prompts are answered, each figure with its interval, or that there is too little. `count`: counts them another way. */
export function FiguresTable({
  figures,
  count,
}: {
  readonly figures: OverrideFigures;
  readonly count?: (by: (typeof FIGURES_BY)[number]) => void;
}) {
  const text = useText();
  const { formatNumber } = useIntl();
  const { share, seconds } = useEstimates();
  const head = [figures.by, 'seen', ...SHARES, 'seenToAcceptS'].map((name) => text(`overrides.figure.${name}`));
  return (
    <div>
      <h2 className="small-title">{text('overrides.figures')}</h2>
      {count !== undefined && (
        <label className="muted item-choice figures-by">
          {text('overrides.figures.by')}
          <select
            className="sign-in-input"
            value={figures.by}
            onChange={({ target }) => count(FIGURES_BY.find((by) => by === target.value) ?? 'action')}
          >
            {FIGURES_BY.map((by) => (
              <option key={by} value={by}>
                {text(`overrides.figure.${by}`)}
              </option>
            ))}
          </select>
        </label>
      )}
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
