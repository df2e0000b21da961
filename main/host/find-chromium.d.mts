/** Where a Chromium is: SOTTO_CHROMIUM alone when it is set, otherwise the first of the usual places. */
export function findChromium(wanted?: { readonly headed?: boolean }): string | undefined;
