import { useState } from 'react';
import type { FormEvent } from 'react';
import { useIntl } from 'react-intl';
import { useDeskWindow } from '../../desk-window.ts';
import { useText } from '../../wording/use-text.ts';
import { written } from '../written.ts';
import { whyNot } from '../why-not.ts';
import { SidePanel } from './side-panel.tsx';
import { useSupervision } from './use-supervision.ts';

const HOUR_MS = 3_600_000;
const LENGTHS = { hour: HOUR_MS, shift: 8 * HOUR_MS, day: 24 * HOUR_MS, week: 168 * HOUR_MS } as const;

/** Takes an action out for everybody at once, with a reason and an end; and what is out. */
export function ExclusionPanel({ onClose }: { readonly onClose: () => void }) {
  const text = useText();
  const { formatDate } = useIntl();
  const { api } = useDeskWindow();
  const { view, again } = useSupervision();
  const [trouble, setTrouble] = useState<string | null>(null);
  const nameOf = (actionId: string): string => view?.actions.find((action) => action.actionId === actionId)?.name ?? actionId;
  const out = view?.exclusions.filter(({ isInForce }) => isInForce) ?? [];
  const exclude = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget;
    const given = new FormData(form);
    const length = Object.entries(LENGTHS).find(([name]) => name === written(given, 'length'))?.[1] ?? HOUR_MS;
    const told = await api.central('supervision:exclude', {
      body: {
        actionId: written(given, 'action'),
        reason: written(given, 'reason'),
        untilMs: Math.round((view?.nowMs ?? Date.now()) + length),
      },
    });
    setTrouble(told.told ? null : whyNot(text, 'wall', told.reason));
    if (told.told) form.reset();
    again();
  };
  const lift = async (exclusionId: string): Promise<void> => {
    const told = await api.central('supervision:lift', { exclusionId, body: {} });
    setTrouble(told.told ? null : whyNot(text, 'wall', told.reason));
    again();
  };
  return (
    <SidePanel title={text('wall.exclude')} onClose={onClose}>
      <p className="muted">{text('wall.exclude.detail')}</p>
      <ul className="wall-rules">
        {out.map(({ exclusionId, actionId, reason, untilMs }) => (
          <li key={exclusionId}>
            <span>
              <bdi className="wall-rule-name">{nameOf(actionId)}</bdi>
              <span className="muted">
                <bdi>{reason}</bdi> · {text('wall.until', { time: formatDate(untilMs, { dateStyle: 'medium', timeStyle: 'short' }) })}
              </span>
            </span>
            <button type="button" className="button button-strip" onClick={() => void lift(exclusionId)}>
              {text('wall.lift')}
              <span className="unseen">{nameOf(actionId)}</span>
            </button>
          </li>
        ))}
      </ul>
      {view !== null && (
        <form className="wall-form" onSubmit={(event) => void exclude(event)}>
          <label>
            {text('wall.action')}
            <select className="sign-in-input" name="action" required>
              {view.actions.map(({ actionId, name }) => (
                <option key={actionId} value={actionId}>
                  {name}
                </option>
              ))}
            </select>
          </label>
          <label>
            {text('wall.reason')}
            <input className="sign-in-input" name="reason" minLength={3} maxLength={500} required />
          </label>
          <label>
            {text('wall.for')}
            <select className="sign-in-input" name="length">
              {Object.keys(LENGTHS).map((length) => (
                <option key={length} value={length}>
                  {text(`wall.for.${length}`)}
                </option>
              ))}
            </select>
          </label>
          <button type="submit" className="button button-main">
            {text('wall.exclude.now')}
          </button>
        </form>
      )}
      <p role="alert" className="wall-trouble">
        {trouble}
      </p>
    </SidePanel>
  );
}
