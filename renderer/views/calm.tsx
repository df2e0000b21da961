import type { ReactNode } from 'react';
import { Icon } from './icon.tsx';
import type { IconName } from './icon.tsx';

/** A place with nothing to do in it: a mark, what it means, at most one thing to press. */
export function Calm({
  icon,
  title,
  detail,
  children,
}: {
  readonly icon: IconName;
  readonly title: ReactNode;
  readonly detail?: ReactNode;
  readonly children?: ReactNode;
}) {
  return (
    <div className="calm">
      <Icon name={icon} />
      <h2 className="calm-title">{title}</h2>
      {detail !== undefined && <p className="calm-detail">{detail}</p>}
      {children}
    </div>
  );
}
