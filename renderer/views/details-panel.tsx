import { useIntl } from 'react-intl';
import { useView } from '../desk-window.ts';
import { useNow } from '../use-now.ts';
import { lengthInWords } from '../wording/use-sentence.tsx';
import { isMessageId, useText } from '../wording/use-text.ts';
import { DecisionTimes } from './decision-times.tsx';
import { PanelFrame } from './panel-frame.tsx';

/** What the one word in the strip stands for: the link, the engine, what waits and what was not taken. */
export function DetailsPanel() {
  const text = useText();
  const intl = useIntl();
  const nowMs = useNow();
  const { link, engine, outbox, refused, session, call } = useView((view) => view);
  const refusals = Object.entries(refused).filter(([, count]) => count > 0);
  const linkWord =
    link.state === 'delayed'
      ? text('link.delayed', { seconds: Math.round(link.delayS) })
      : text(link.state === 'live' ? 'link.live' : 'link.offline');
  return (
    <PanelFrame title={text('details.title')}>
      <dl className="facts">
        <Fact name={text('details.link')} value={linkWord} />
        <Fact
          name={text('details.last-heard')}
          value={
            link.lastHeardAtMs === null
              ? text('details.never')
              : text('details.ago', { age: lengthInWords(intl, nowMs - link.lastHeardAtMs) })
          }
        />
        <Fact name={text('details.engine')} value={text(`engine.${engine.state}`)} />
        <Fact name={text('details.decides')} value={text(`card.rung.${engine.rung}`)} />
        <Fact name={text('details.policy')} value={session.policy ?? text('details.no-policy')} />
        <Fact name={text('details.outbox')} value={intl.formatNumber(outbox.unsent)} />
        <Fact name={text('details.outbox.refused')} value={intl.formatNumber(outbox.refused)} />
        {call !== null && <Fact name={text('details.missing')} value={intl.formatNumber(call.missing)} />}
      </dl>
      {engine.trouble !== null && (
        <p className="panel-note">
          <bdi>{engine.trouble}</bdi>
        </p>
      )}
      <h3 className="small-title">{text('details.refused')}</h3>
      {refusals.length === 0 ? (
        <p className="muted">{text('details.refused.none')}</p>
      ) : (
        <table className="operands">
          <thead>
            <tr>
              <th scope="col">{text('details.refused.why')}</th>
              <th scope="col">{text('details.refused.count')}</th>
            </tr>
          </thead>
          <tbody>
            {refusals.map(([reason, count]) => {
              const id = `refused.${reason}`;
              return (
                <tr key={reason}>
                  <th scope="row">{isMessageId(id) ? text(id) : <bdi>{reason}</bdi>}</th>
                  <td>{intl.formatNumber(count)}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
      <DecisionTimes />
    </PanelFrame>
  );
}

function Fact({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <bdi>{value}</bdi>
      </dd>
    </div>
  );
}
