/** Moves the focus without moving the page, unless it would land out of sight: the card stays where it is. */
export function focusInView(element: HTMLElement | null): void {
  if (element === null) return;
  element.focus({ preventScroll: true });
  const { top } = element.getBoundingClientRect();
  if (top < 0 || top > innerHeight - 44) element.scrollIntoView({ block: 'nearest' });
}
