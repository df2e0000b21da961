import { useText } from '../wording/use-text.ts';
import { Calm } from './calm.tsx';

export function Fault() {
  const text = useText();
  return (
    <main className="alone">
      <h1 className="unseen">Sotto</h1>
      <Calm icon="alert" title={text('app.fault')} detail={text('app.fault.detail')}>
        <button type="button" className="button" onClick={() => location.reload()}>
          {text('app.fault.reload')}
        </button>
      </Calm>
    </main>
  );
}
