import { useText } from '../wording/use-text.ts';
import { Calm } from './calm.tsx';

/** Until the engine has answered for the first time. */
export function Connecting() {
  const text = useText();
  return (
    <main className="alone">
      <h1 className="unseen">Sotto</h1>
      <Calm icon="engine" title={text('app.connecting')} detail={text('app.connecting.detail')} />
    </main>
  );
}
