import { useIntl } from 'react-intl';
import type { IntlShape } from 'react-intl';
import { RUNGS } from '#contract/reason-codes.ts';
import { useText } from '../wording/use-text.ts';
import { useTiming } from './use-timing.ts';

/** Per step of a decision: how long it took the last time, and as a rule. And what they were decided with. */
export function DecisionTimes() {
  const text = useText();
  const intl = useIntl();
  const timing = useTiming();
  if (timing === null) return null;
  const { decisions, rungs, last, steps } = timing;
  return (
    // The panel scrolls, and nothing else in it could take the focus to scroll it by keys.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <section className="times" aria-labelledby="times-title" tabIndex={0}>
      <h3 className="small-title" id="times-title">
        {text('times.title')}
      </h3>
      {last === null ? (
        <p className="muted">{text('times.none')}</p>
      ) : (
        <>
          <table className="operands figures">
            <thead>
              <tr>
                <th scope="col">{text('times.step')}</th>
                <th scope="col">{text('times.last')}</th>
                <th scope="col">{text('times.half')}</th>
                <th scope="col">{text('times.most')}</th>
              </tr>
            </thead>
            <tbody>
              {steps.map(({ step, lastMs, p50Ms, p99Ms }) => (
                <tr key={step}>
                  <th scope="row">{text(`times.step.${step}`)}</th>
                  <td>{milliseconds(intl, lastMs)}</td>
                  <td>{milliseconds(intl, p50Ms)}</td>
                  <td>{milliseconds(intl, p99Ms)}</td>
                </tr>
              ))}
            </tbody>
          </table>
          <h3 className="small-title">{text('times.decided')}</h3>
          <dl className="facts">
            <div>
              <dt>{text('times.last-one')}</dt>
              <dd>{text(`card.rung.${last.rung}`)}</dd>
            </div>
            {RUNGS.filter((rung) => rungs[rung] !== undefined).map((rung) => (
              <div key={rung}>
                <dt>{text(`card.rung.${rung}`)}</dt>
                <dd>{text('times.of', { count: intl.formatNumber(rungs[rung] ?? 0), total: intl.formatNumber(decisions) })}</dd>
              </div>
            ))}
          </dl>
        </>
      )}
    </section>
  );
}

/** As fine as it matters: `0.31 ms`, `17 ms`. */
const milliseconds = (intl: IntlShape, ms: number | null): string =>
  ms === null ? '–' : intl.formatNumber(ms, { style: 'unit', unit: 'millisecond', maximumFractionDigits: ms < 10 ? 2 : 0 });
