import { useEffect, useRef } from 'react';
import type { CardView } from '#contract/desk.ts';
import { useDeskWindow } from '../desk-window.ts';
import { focusInView } from '../focus-in-view.ts';
import { useText } from '../wording/use-text.ts';
import { CommandButton } from './command-button.tsx';

/**
 * The second gesture of a significant prompt. It is a different one: the way back lies where Accept was, so a
 * repeated click or key does nothing, and the focus comes to the question, not to the answer.
 */
export function CardConfirm({ card }: { readonly card: CardView }) {
  const text = useText();
  const { answers, ui } = useDeskWindow();
  const group = useRef<HTMLDivElement>(null);
  useEffect(() => focusInView(group.current), []);
  const send = (): void => {
    // Disarmed first: taken back, the prompt starts with its first gesture again.
    ui.setState({ armedKey: null });
    void answers.answer(card, { kind: 'accepted' });
  };
  return (
    <div className="confirm" role="group" aria-label={text('confirm.question')} tabIndex={-1} ref={group}>
      <p className="confirm-question">{text('confirm.question')}</p>
      <div className="actions">
        <CommandButton onPress={() => ui.setState({ armedKey: null })}>{text('confirm.back')}</CommandButton>
        <CommandButton className="button button-main" onPress={send}>
          {text('confirm.send')}
        </CommandButton>
      </div>
    </div>
  );
}
