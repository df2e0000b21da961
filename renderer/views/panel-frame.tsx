import { useEffect, useId, useRef } from 'react';
import type { ReactNode } from 'react';
import { useDeskWindow } from '../desk-window.ts';
import { useText } from '../wording/use-text.ts';
import { Icon } from './icon.tsx';

/** Opened by the agent, so the focus comes along; Escape closes it and the focus goes back. */
export function PanelFrame({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  const text = useText();
  const { ui } = useDeskWindow();
  const frame = useRef<HTMLElement>(null);
  const titleId = useId();
  useEffect(() => {
    const element = frame.current;
    // A panel that starts with a search field has put the focus there already.
    if (element !== null && !element.contains(document.activeElement)) element.focus({ preventScroll: true });
    // Where the panel has the whole window, it is read from its top.
    scrollTo(0, 0);
  }, []);
  return (
    <section
      className="panel"
      role="dialog"
      aria-labelledby={titleId}
      tabIndex={-1}
      ref={frame}
      onKeyDownCapture={(event) => {
        if (event.key !== 'Escape') return;
        event.preventDefault();
        event.stopPropagation();
        ui.close();
      }}
    >
      <div className="panel-head">
        <h2 className="panel-title" id={titleId}>
          {title}
        </h2>
        <button type="button" className="button button-strip button-icon" aria-label={text('panel.close')} onClick={() => ui.close()}>
          <Icon name="close" />
        </button>
      </div>
      <div className="panel-body">{children}</div>
    </section>
  );
}
