import type { CardView } from '#contract/desk.ts';
import { useNow } from '../use-now.ts';
import { callTime } from '../wording/call-time.ts';
import { useText } from '../wording/use-text.ts';

/** The bar has ten steps and does not move between them: motion beside a conversation is noise. */
const STEPS = 10;

export function CardMeta({ card, open }: { readonly card: CardView; readonly open: boolean }) {
  const text = useText();
  const time = callTime(card.callTimeS);
  return (
    <footer className="card-meta">
      <span>
        <span aria-hidden="true">{time}</span>
        <span className="unseen">{text('card.at', { time })}</span>
      </span>
      <bdi className="card-policy">{card.policy}</bdi>
      {open && <Expiry card={card} />}
    </footer>
  );
}

function Expiry({ card }: { readonly card: CardView }) {
  const text = useText();
  const leftMs = Math.max(0, card.expiresAtMs - useNow());
  const totalMs = Math.max(1, card.expiresAtMs - card.shownAtMs);
  const steps = Math.min(STEPS, Math.ceil((leftMs / totalMs) * STEPS));
  // As coarse as the bar: a number that changes each second draws the eye.
  const seconds = Math.ceil((steps * totalMs) / STEPS / 1_000);
  return (
    <span className="expiry" role="img" aria-label={text('card.expires', { seconds })}>
      {Array.from({ length: STEPS }, (_, step) => (
        // oxlint-disable-next-line react/no-array-index-key
        <span key={step} className="expiry-step" data-left={step < steps} />
      ))}
    </span>
  );
}
