import { useEffect, useState } from 'react';
import type { VerdictView } from '#contract/desk.ts';
import type { IpcRequest } from '#contract/ipc.ts';
import { useDeskWindow } from '../desk-window.ts';

export type Verdicts =
  | { readonly state: 'loading' }
  | { readonly state: 'away' }
  | { readonly state: 'ready'; readonly verdicts: readonly VerdictView[] };

/** Asks the engine once, when a panel opens. Null asks nothing. */
export function useVerdicts(request: IpcRequest<'explain:verdicts'> | null): Verdicts {
  const { api } = useDeskWindow();
  const [verdicts, setVerdicts] = useState<Verdicts>({ state: 'loading' });
  const asked = request === null ? null : JSON.stringify(request);
  useEffect(() => {
    if (request === null) return;
    let current = true;
    setVerdicts({ state: 'loading' });
    api.verdicts(request).then(
      (list) => current && setVerdicts({ state: 'ready', verdicts: list }),
      (cause: unknown) => {
        api.reportFault(cause, 'explain:verdicts');
        if (current) setVerdicts({ state: 'away' });
      },
    );
    return () => {
      current = false;
    };
    // oxlint-disable-next-line react/exhaustive-deps
  }, [api, asked]);
  return verdicts;
}
