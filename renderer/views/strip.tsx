import { useDesk, useCall, useDeskWindow, useUi, useView } from '../desk-window.ts';
import { useNow } from '../use-now.ts';
import { callTime } from '../wording/call-time.ts';
import { useText } from '../wording/use-text.ts';
import type { TextOf } from '../wording/use-text.ts';
import { runCommand } from '../commands/run-command.ts';
import type { DeskView } from '#contract/desk.ts';
import { Banner } from './banner.tsx';
import { CommandButton } from './command-button.tsx';
import { Icon } from './icon.tsx';
import type { IconName } from './icon.tsx';

export function Strip() {
  const text = useText();
  const window = useDeskWindow();
  const call = useCall();
  const panel = useUi((state) => state.panel?.kind);
  const paused = call?.capturePaused === true && (call.phase === 'active' || call.phase === 'held');
  const quietable = call !== null && call.phase !== 'wrap-up' && call.phase !== 'ended';
  return (
    <header className="top" aria-label={text('strip.label')}>
      <h1 className="unseen">Sotto</h1>
      <div className="strip">
        <div className="strip-call">
          <span className="phase" data-paused={paused}>
            {paused && <Icon name="pause" />}
            {text(`phase.${paused ? 'paused' : (call?.phase ?? 'none')}`)}
          </span>
          <Elapsed />
        </div>
        <LinkButton open={panel === 'details'} />
        <div className="strip-end">
          <CommandButton
            command="quiet"
            className="button button-strip button-quiet"
            pressed={call?.quiet ?? false}
            disabled={!quietable}
            onPress={() => runCommand(window, 'quiet')}
          >
            <Icon name="quiet" />
            <span className="quiet-word">{text('quiet.label')}</span>
          </CommandButton>
          <CommandButton
            className="button button-strip button-icon"
            label={text('settings.open')}
            expanded={panel === 'settings'}
            onPress={() => runCommand(window, 'settings')}
          >
            <Icon name="settings" />
          </CommandButton>
        </div>
      </div>
      <Banner />
    </header>
  );
}

function Elapsed() {
  const call = useCall();
  const text = useText();
  const nowMs = useNow();
  const fromMs = call?.connectedAtMs ?? call?.offeredAtMs ?? null;
  if (call === null || fromMs === null) return null;
  const time = callTime(((call.endedAtMs ?? nowMs) - fromMs) / 1_000);
  return (
    <span className="elapsed">
      <span aria-hidden="true">{time}</span>
      <span className="unseen">{text('strip.elapsed', { time })}</span>
    </span>
  );
}

function LinkButton({ open }: { readonly open: boolean }) {
  const text = useText();
  const window = useDeskWindow();
  const trouble = useDesk((state) => state.trouble);
  const link = useView((view) => view.link);
  const engine = useView((view) => view.engine.state);
  const unsent = useView((view) => view.outbox.unsent);
  const { icon, state, label } = linkWords(text, link, trouble ? 'restarting' : engine);
  return (
    <CommandButton className="button button-strip link" expanded={open} onPress={() => runCommand(window, 'details')}>
      <span className="link-state" data-state={state}>
        <Icon name={icon} />
        {label}
      </span>
      {unsent > 0 && <span className="unsent">{text('outbox.unsent', { count: unsent })}</span>}
      <span className="unseen">{text('link.details')}</span>
    </CommandButton>
  );
}

function linkWords(
  text: TextOf,
  link: DeskView['link'],
  engine: DeskView['engine']['state'],
): { readonly icon: IconName; readonly state: string; readonly label: string } {
  if (engine !== 'ready') return { icon: 'engine', state: 'away', label: text(`link.${engine}`) };
  switch (link.state) {
    case 'live':
      return { icon: 'live', state: 'live', label: text('link.live') };
    case 'delayed':
      return { icon: 'delayed', state: 'delayed', label: text('link.delayed', { seconds: Math.round(link.delayS) }) };
    case 'offline':
      return { icon: 'offline', state: 'offline', label: text('link.offline') };
  }
}
