import { useEffect } from 'react';
import { IntlProvider } from 'react-intl';
import { I18nProvider } from 'react-aria-components/I18nProvider';
import { useShortcuts } from './commands/use-shortcuts.ts';
import { DeskWindowContext, useDesk, useRooms, useSeat, useUi } from './desk-window.ts';
import type { DeskWindow } from './desk-window.ts';
import { messages } from './messages/messages.ts';
import { Connecting } from './views/connecting.tsx';
import { Desk } from './views/desk.tsx';
import { FaultBoundary } from './views/fault-boundary.tsx';
import { Rooms } from './views/rooms.tsx';
import { SignIn } from './views/sign-in.tsx';
import { hasRooms } from './stores/rooms-store.ts';

/** The only language there are messages in. Numbers and dates follow the agent's own kind of it. */
const LANGUAGE = 'en';

export function App({ window }: { readonly window: DeskWindow }) {
  return (
    <DeskWindowContext value={window}>
      <Language />
    </DeskWindowContext>
  );
}

function Language() {
  const seated = useSeat(({ person }) => person?.language ?? LANGUAGE);
  const language = useDesk(({ view }) => view?.session.language ?? seated);
  const locale = language.startsWith(LANGUAGE) ? language : LANGUAGE;
  const free = useSeat(({ seat }) => seat === 'free');
  const theme = useUi((state) => state.theme);
  useEffect(() => {
    document.documentElement.dataset['theme'] = theme;
  }, [theme]);
  return (
    <IntlProvider locale={locale} defaultLocale={LANGUAGE} messages={messages}>
      <I18nProvider locale={locale}>
        <FaultBoundary>{free ? <SignIn /> : <Seated />}</FaultBoundary>
      </I18nProvider>
    </IntlProvider>
  );
}

/** Whoever takes calls alone has the desk alone. */
function Seated() {
  useShortcuts();
  const opened = useDesk(({ view }) => view !== null);
  const roomy = useRooms(hasRooms);
  const desk = opened ? <Desk /> : <Connecting />;
  return roomy ? <Rooms desk={desk} /> : desk;
}
