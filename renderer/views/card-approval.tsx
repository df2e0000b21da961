import type { CardView } from '#contract/desk.ts';
import { useDeskWindow, useUi } from '../desk-window.ts';
import { cardKey } from '../stores/desk-store.ts';
import { useNow } from '../use-now.ts';
import { callTime } from '../wording/call-time.ts';
import { useRichText, useText } from '../wording/use-text.ts';
import { CommandButton } from './command-button.tsx';

/** Who has to decide what the agent asked for, how long they still have, and what to say meanwhile. */
export function CardApproval({ card, approval }: { readonly card: CardView; readonly approval: NonNullable<CardView['approval']> }) {
  const text = useText();
  const { ui } = useDeskWindow();
  const isOpen = useUi(({ panel }) => panel?.kind === 'request');
  const rich = useRichText();
  const leftS = (approval.deadlineAtMs - useNow()) / 1_000;
  const time = callTime(Math.abs(leftS));
  const who = approval.withName === null ? text('approval.somebody') : <bdi key="who">{approval.withName}</bdi>;
  return (
    <div className="card-approval">
      <p className="card-approval-who">
        <span>{rich('approval.by', { who })}</span>
        <span className="card-approval-time" data-over={leftS < 0}>
          {text(leftS < 0 ? 'approval.over' : 'approval.left', { time })}
        </span>
      </p>
      {approval.question === null ? (
        <p className="card-approval-say">{text('approval.say')}</p>
      ) : (
        <p className="card-approval-say">{rich('approval.asks', { question: <bdi key="question">{approval.question}</bdi> })}</p>
      )}
      <CommandButton className="button button-text" expanded={isOpen} onPress={() => ui.toggle({ kind: 'request', key: cardKey(card) })}>
        {text(approval.question === null ? 'approval.change' : 'approval.answer')}
      </CommandButton>
    </div>
  );
}
