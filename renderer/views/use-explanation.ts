import { useEffect, useState } from 'react';
import type { IpcRequest, IpcResponse } from '#contract/ipc.ts';
import type { ExplainChannel } from '../api.ts';
import { useDeskWindow } from '../desk-window.ts';

export type Explanation<C extends ExplainChannel> =
  | { readonly state: 'loading' }
  | { readonly state: 'away' }
  | { readonly state: 'ready'; readonly answer: IpcResponse<C> };

const LOADING = { state: 'loading' } as const;

/** Asks the engine once, when a panel opens. Null asks nothing. */
export function useExplanation<C extends ExplainChannel>(channel: C, request: IpcRequest<C> | null): Explanation<C> {
  const { api } = useDeskWindow();
  const [explanation, setExplanation] = useState<Explanation<C>>(LOADING);
  const asked = request === null ? null : JSON.stringify(request);
  useEffect(() => {
    if (request === null) return;
    let current = true;
    setExplanation(LOADING);
    api.explain(channel, request).then(
      (answer) => current && setExplanation({ state: 'ready', answer }),
      (cause: unknown) => {
        api.reportFault(cause, channel);
        if (current) setExplanation({ state: 'away' });
      },
    );
    return () => {
      current = false;
    };
    // oxlint-disable-next-line react/exhaustive-deps
  }, [api, channel, asked]);
  return explanation;
}
