import { useEffect, useId, useRef } from 'react';
import type { ReactNode } from 'react';
import { Icon } from '../../views/icon.tsx';
import { useText } from '../../wording/use-text.ts';

/** Beside the wall where there is room, over it where there is not. Escape closes it, and the focus goes back. */
export function SidePanel({
  title,
  onClose,
  children,
}: {
  readonly title: ReactNode;
  readonly onClose: () => void;
  readonly children: ReactNode;
}) {
  const text = useText();
  const titleId = useId();
  const frame = useRef<HTMLElement>(null);
  useEffect(() => frame.current?.focus(), []);
  return (
    <section
      className="wall-side"
      role="dialog"
      aria-labelledby={titleId}
      tabIndex={-1}
      ref={frame}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.preventDefault();
        event.stopPropagation();
        onClose();
      }}
    >
      <div className="wall-side-head">
        <h2 className="panel-title" id={titleId}>
          {title}
        </h2>
        <button type="button" className="button button-strip button-icon" aria-label={text('panel.close')} onClick={onClose}>
          <Icon name="close" />
        </button>
      </div>
      {children}
    </section>
  );
}
