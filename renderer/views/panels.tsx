import { useEffect, useRef } from 'react';
import { useDeskWindow, useUi } from '../desk-window.ts';
import type { Panel } from '../stores/ui-store.ts';
import { ChipPanel } from './chip-panel.tsx';
import { ContestPanel } from './contest-panel.tsx';
import { DetailsPanel } from './details-panel.tsx';
import { KeysPanel } from './keys-panel.tsx';
import { OverridePanel } from './override-panel.tsx';
import { PalettePanel } from './palette-panel.tsx';
import { RequestPanel } from './request-panel.tsx';
import { SettingsPanel } from './settings-panel.tsx';
import { SpeakablePanel } from './speakable-panel.tsx';
import { WhatIfPanel, WhatIfRowPanel } from './what-if-panel.tsx';
import { WhyNotPanel } from './why-not-panel.tsx';
import { WhyPanel } from './why-panel.tsx';

/** The one panel that may be open. The card beside it goes on. `only`: where others have nothing to show. */
export function Panels({ only }: { readonly only?: readonly Panel['kind'][] }) {
  const { ui } = useDeskWindow();
  const panel = useUi((state) => (state.panel !== null && only?.includes(state.panel.kind) !== false ? state.panel : null));
  const wasOpen = useRef(false);
  useEffect(() => {
    if (panel === null && wasOpen.current) ui.returnFocus();
    wasOpen.current = panel !== null;
  }, [panel, ui]);
  return panel === null ? null : <OpenPanel panel={panel} />;
}

function OpenPanel({ panel }: { readonly panel: Panel }) {
  switch (panel.kind) {
    case 'why':
      return <WhyPanel key={panel.key} cardKey={panel.key} />;
    case 'what-if':
      return <WhatIfPanel key={panel.key} cardKey={panel.key} />;
    case 'what-if-row':
      return <WhatIfRowPanel row={panel.row} />;
    case 'speakable':
      return <SpeakablePanel key={panel.key} cardKey={panel.key} />;
    case 'chip':
      return <ChipPanel key={panel.key} cardKey={panel.key} />;
    case 'request':
      return <RequestPanel key={panel.key} cardKey={panel.key} />;
    case 'contest':
      return <ContestPanel key={panel.key} cardKey={panel.key} />;
    case 'why-not':
      return <WhyNotPanel actionId={panel.actionId} />;
    case 'override':
      return <OverridePanel key={panel.key} cardKey={panel.key} chosen={panel.chosen} />;
    case 'palette':
      return <PalettePanel />;
    case 'details':
      return <DetailsPanel />;
    case 'settings':
      return <SettingsPanel />;
    case 'keys':
      return <KeysPanel />;
  }
}
