import { useIntl } from 'react-intl';
import { useView } from '../desk-window.ts';
import { useText } from '../wording/use-text.ts';

/** What holds from the first to the last minute: that it is a demonstration, whose clock it runs on, and that the agent signed in without central. What comes and goes is said where nothing moves for it. */
export function Banner() {
  const text = useText();
  const intl = useIntl();
  const demonstration = useView((view) => view.session.demonstration);
  const offlineSinceMs = useView((view) => view.session.offlineSinceMs);
  const virtualClock = useView((view) => view.virtualClock);
  if (!demonstration && !virtualClock && offlineSinceMs === null) return null;
  return (
    <p className="banner">
      {demonstration && <span>{text('banner.demo')}</span>}
      {offlineSinceMs !== null && (
        <span className="banner-offline">
          {text('banner.offline', {
            time: intl.formatDate(offlineSinceMs, {
              day: 'numeric',
              month: 'short',
              hour: '2-digit',
              minute: '2-digit',
              hourCycle: 'h23',
            }),
          })}
        </span>
      )}
      {virtualClock && <span>{text('banner.clock')}</span>}
    </p>
  );
}
