import { useEffect, useState } from 'react';
import type { IpcRequest, IpcResponse } from '#contract/ipc.ts';
import type { ExplainChannel } from '../api.ts';
import { useDeskWindow } from '../desk-window.ts';

export type Explanation<C extends ExplainChannel> =
  | { readonly state: 'loading' }
  | { readonly state: 'away' }
  | { readonly state: 'ready'; readonly answer: IpcResponse<C> };

const LOADING = { state: 'loading' } as const;

/** Asks the engine once for each request. Null asks nothing. */
export function useExplanation<C extends ExplainChannel>(channel: C, request: IpcRequest<C> | null): Explanation<C> {
  const { api } = useDeskWindow();
  const asked = request === null ? null : JSON.stringify(request);
  const [told, setTold] = useState<{ readonly asked: string | null; readonly explanation: Explanation<C> }>({
    asked,
    explanation: LOADING,
  });
  useEffect(() => {
    if (request === null) return;
    let current = true;
    api.explain(channel, request).then(
      (answer) => current && setTold({ asked, explanation: { state: 'ready', answer } }),
      (cause: unknown) => {
        api.reportFault(cause, channel);
        if (current) setTold({ asked, explanation: { state: 'away' } });
      },
    );
    return () => {
      current = false;
    };
    // oxlint-disable-next-line react/exhaustive-deps
  }, [api, channel, asked]);
  return told.asked === asked ? told.explanation : LOADING;
}
