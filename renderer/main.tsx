import './zod-without-jit.ts';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Api } from './api.ts';
import { App } from './app.tsx';
import { openDeskWindow } from './desk-window.ts';
import '@fontsource-variable/inter/wght.css';
import './styles/tokens.css';
import './styles/base.css';
import './styles/layout.css';
import './styles/card.css';
import './styles/call.css';
import './styles/panel.css';
import './styles/explanation.css';
import './styles/search.css';
import './styles/settings.css';
import './styles/sign-in.css';
import './styles/rooms.css';
import './styles/queue.css';
import './styles/approvals.css';
import './styles/wall.css';
import './styles/reviews.css';

const root = document.getElementById('root');
const liveRegion = document.getElementById('live');
if (root === null || liveRegion === null) throw new Error('index.html has no #root or no #live.');

const window = openDeskWindow(Api.ofWindow(), liveRegion);
createRoot(root, { onUncaughtError: (error) => window.api.reportFault(error, 'root') }).render(
  <StrictMode>
    <App window={window} />
  </StrictMode>,
);
