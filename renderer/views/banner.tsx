import { useView } from '../desk-window.ts';
import { useText } from '../wording/use-text.ts';

/** What holds from the first to the last minute: that it is a demonstration, and whose clock it runs on. What comes and goes is said where nothing moves for it. */
export function Banner() {
  const text = useText();
  const demonstration = useView((view) => view.session.demonstration);
  const virtualClock = useView((view) => view.virtualClock);
  if (!demonstration && !virtualClock) return null;
  return (
    <p className="banner">
      {demonstration && <span>{text('banner.demo')}</span>}
      {virtualClock && <span>{text('banner.clock')}</span>}
    </p>
  );
}
