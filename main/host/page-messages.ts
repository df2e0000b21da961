/** What crosses between the stand-in and the isolated world of one frame. Arguments are texts of the codec. */

/** Up, through the DevTools binding. */
export type PageToHost =
  | { readonly kind: 'send'; readonly channel: string; readonly args: string }
  | { readonly kind: 'invoke'; readonly id: number; readonly channel: string; readonly args: string }
  | { readonly kind: 'open'; readonly url: string; readonly name: string; readonly features: string }
  | { readonly kind: 'preload-failed'; readonly message: string; readonly stack: string };

/** Down, through a function on the isolated world's global. */
export type HostToPage =
  | { readonly kind: 'push'; readonly channel: string; readonly args: string }
  | { readonly kind: 'answer'; readonly id: number; readonly ok: true; readonly value: string }
  | { readonly kind: 'answer'; readonly id: number; readonly ok: false; readonly message: string };

/** What a page's scripts are told when they are made. Keys are random per window. */
export interface PageSettings {
  readonly handOverKey: string;
  readonly bindingName: string;
  readonly receiverName: string;
  /** Whether frames below the top one run the preload too. */
  readonly preloadInSubFrames: boolean;
  readonly process: {
    readonly platform: string;
    readonly arch: string;
    readonly versions: Readonly<Record<string, string | undefined>>;
    readonly argv: readonly string[];
  };
}
