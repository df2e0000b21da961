import { useView } from '../desk-window.ts';
import { useText } from '../wording/use-text.ts';
import { Icon } from './icon.tsx';

/** What holds for the whole window: a demonstration, a pause in recording, something the agent should know about the engine. */
export function Banners({ inert }: { readonly inert: boolean }) {
  const text = useText();
  const demonstration = useView((view) => view.session.demonstration);
  const virtualClock = useView((view) => view.virtualClock);
  const paused = useView((view) => view.call?.capturePaused ?? false);
  const trouble = useView((view) => view.engine.trouble);
  if (!demonstration && !virtualClock && !paused && trouble === null) return null;
  return (
    <div className="banners" inert={inert}>
      {(demonstration || virtualClock) && (
        <p className="banner banner-demo">
          {demonstration && <span>{text('banner.demo')}</span>}
          {virtualClock && <span>{text('banner.clock')}</span>}
        </p>
      )}
      {paused && (
        <p className="banner banner-paused">
          <Icon name="pause" />
          <strong>{text('banner.paused')}</strong>
        </p>
      )}
      {trouble !== null && (
        <p className="banner banner-trouble">
          <Icon name="alert" />
          <span>
            <strong>{text('banner.trouble')}</strong> <bdi className="clamp-3">{trouble}</bdi>
          </span>
        </p>
      )}
    </div>
  );
}
