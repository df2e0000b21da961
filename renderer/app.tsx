import { useEffect } from 'react';
import { IntlProvider } from 'react-intl';
import { I18nProvider } from 'react-aria-components/I18nProvider';
import { DeskWindowContext, useDesk, useSeat, useUi } from './desk-window.ts';
import type { DeskWindow } from './desk-window.ts';
import { messages } from './messages/messages.ts';
import { Connecting } from './views/connecting.tsx';
import { Desk } from './views/desk.tsx';
import { FaultBoundary } from './views/fault-boundary.tsx';
import { SignIn } from './views/sign-in.tsx';

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
  const language = useDesk(({ view }) => view?.session.language ?? LANGUAGE);
  const locale = language.startsWith(LANGUAGE) ? language : LANGUAGE;
  const opened = useDesk(({ view }) => view !== null);
  const free = useSeat(({ seat }) => seat === 'free');
  const theme = useUi((state) => state.theme);
  useEffect(() => {
    document.documentElement.dataset['theme'] = theme;
  }, [theme]);
  return (
    <IntlProvider locale={locale} defaultLocale={LANGUAGE} messages={messages}>
      <I18nProvider locale={locale}>
        <FaultBoundary>{free ? <SignIn /> : opened ? <Desk /> : <Connecting />}</FaultBoundary>
      </I18nProvider>
    </IntlProvider>
  );
}
