import { useState } from 'react';
import type { FormEvent } from 'react';
import { ALERT_KINDS, ALERT_SEVERITIES, type AlertKind, AlertRule, type AlertRuleView } from '#contract/supervision.ts';
import { useDeskWindow } from '../../desk-window.ts';
import { inWords } from '../../wording/in-words.ts';
import { useText } from '../../wording/use-text.ts';
import { written } from '../written.ts';
import { whyNot } from '../why-not.ts';
import type { Supervision } from './use-supervision.ts';

/** Alerts that are defined, and one more. */
export function AlertRules({ view, again }: Supervision) {
  const text = useText();
  const { api } = useDeskWindow();
  const [trouble, setTrouble] = useState<string | null>(null);
  const [kind, setKind] = useState<AlertKind>('call-longer');
  const mayAll = view?.mayDefineForAll === true;
  const mine = new Set(view?.teams.map(({ teamId }) => teamId));
  const end = async ({ ruleId }: AlertRuleView): Promise<void> => {
    const told = await api.central('supervision:end-alert', { ruleId, body: {} });
    setTrouble(told.told ? null : whyNot(text, 'wall', told.reason));
    again();
  };
  const define = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget;
    const given = new FormData(form);
    const of = (name: string): string => written(given, name);
    const rule = AlertRule.safeParse({
      name: of('name'),
      teamId: of('team') === '' ? null : of('team'),
      severity: of('severity'),
      kind,
      ...(kind === 'topic'
        ? {
            topic: of('topic')
              .toLowerCase()
              .replaceAll(/[^a-z0-9]+/g, '-'),
          }
        : { afterS: Math.round(Number(of('minutes')) * 60) }),
    });
    if (!rule.success) return setTrouble(text('wall.alert.incomplete'));
    const told = await api.central('supervision:alert', { body: rule.data });
    setTrouble(told.told ? null : whyNot(text, 'wall', told.reason));
    if (told.told) form.reset();
    again();
  };
  return (
    <>
      {view !== null && view.rules.length === 0 && <p className="muted">{text('wall.alerts.none')}</p>}
      <ul className="wall-rules">
        {view?.rules.map((rule) => (
          <li key={rule.ruleId}>
            <span>
              <bdi className="wall-rule-name">{rule.name}</bdi>
              <span className="muted">
                {text(`wall.kind.${rule.kind}`)}{' '}
                {rule.afterS === null ? inWords(rule.topic ?? '') : text('wall.after', { count: rule.afterS / 60 })} ·{' '}
                {text(`wall.severity.${rule.severity}`)} ·{' '}
                {rule.teamId === null
                  ? text('wall.everybody')
                  : (view.teams.find(({ teamId }) => teamId === rule.teamId)?.name ?? rule.teamId)}
              </span>
            </span>
            {(mayAll || (rule.teamId !== null && mine.has(rule.teamId))) && (
              <button type="button" className="button button-strip" onClick={() => void end(rule)}>
                {text('wall.alert.end')}
                <span className="unseen">{rule.name}</span>
              </button>
            )}
          </li>
        ))}
      </ul>
      {view !== null && (mayAll || view.teams.length > 0) && (
        <form className="wall-form" onSubmit={(event) => void define(event)}>
          <h3 className="small-title">{text('wall.alert.new')}</h3>
          <label>
            {text('wall.alert.name')}
            <input className="sign-in-input" name="name" maxLength={60} required />
          </label>
          <label>
            {text('wall.alert.when')}
            <select
              className="sign-in-input"
              value={kind}
              onChange={({ target }) => setKind(ALERT_KINDS.find((one) => one === target.value) ?? kind)}
            >
              {ALERT_KINDS.map((one) => (
                <option key={one} value={one}>
                  {text(`wall.kind.${one}`)}
                </option>
              ))}
            </select>
          </label>
          {kind === 'topic' ? (
            <label>
              {text('wall.topic')}
              <input className="sign-in-input" name="topic" maxLength={64} required />
            </label>
          ) : (
            <label>
              {text('wall.alert.minutes')}
              <input className="sign-in-input" name="minutes" type="number" min={0} max={1_440} step="any" defaultValue={10} required />
            </label>
          )}
          <label>
            {text('wall.alert.severity')}
            <select className="sign-in-input" name="severity">
              {ALERT_SEVERITIES.map((one) => (
                <option key={one} value={one}>
                  {text(`wall.severity.${one}`)}
                </option>
              ))}
            </select>
          </label>
          <label>
            {text('wall.alert.team')}
            <select className="sign-in-input" name="team">
              {mayAll && <option value="">{text('wall.everybody')}</option>}
              {view.teams.map(({ teamId, name }) => (
                <option key={teamId} value={teamId}>
                  {name}
                </option>
              ))}
            </select>
          </label>
          <button type="submit" className="button button-main">
            {text('wall.alert.define')}
          </button>
        </form>
      )}
      <p role="alert" className="wall-trouble">
        {trouble}
      </p>
    </>
  );
}
