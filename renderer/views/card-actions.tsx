import { Button } from 'react-aria-components/Button';
import { Menu, MenuItem, MenuTrigger } from 'react-aria-components/Menu';
import { Popover } from 'react-aria-components/Popover';
import type { CardView } from '#contract/desk.ts';
import { acceptCard, SNOOZE_SHORT_MS, SNOOZE_TOPIC_MS } from '../commands/run-command.ts';
import { useAnswers, useDeskWindow, usePlace, useUi } from '../desk-window.ts';
import { cardKey } from '../stores/desk-store.ts';
import { useText } from '../wording/use-text.ts';
import { CommandButton } from './command-button.tsx';
import { Icon } from './icon.tsx';

/** The answers to an open prompt. None has the focus by default, and none says saved. */
export function CardActions({ card }: { readonly card: CardView }) {
  const text = useText();
  const window = useDeskWindow();
  const { answers, place, ui } = window;
  const key = cardKey(card);
  const saving = useAnswers((state) => state.savingKey === key);
  const busy = useAnswers((state) => state.savingKey !== null);
  const whyOpen = useUi(({ panel }) => panel?.kind === 'why' && panel.key === key);
  // Keys answer the card in the place; a card in a panel is answered by its buttons.
  const placed = usePlace(({ shown }) => shown !== null && cardKey(shown) === key);
  return (
    <div className="actions">
      <CommandButton
        {...(placed ? { command: 'accept' as const } : {})}
        className="button button-main"
        disabled={busy}
        onPress={() => acceptCard(window, card)}
      >
        {text(saving ? 'card.saving' : 'card.accept')}
      </CommandButton>
      <CommandButton
        {...(placed ? { command: 'not-now' as const } : {})}
        disabled={busy}
        onPress={() => void answers.answer(card, { kind: 'rejected' })}
      >
        {text('card.not-now')}
      </CommandButton>
      <CommandButton {...(placed ? { command: 'why' as const } : {})} expanded={whyOpen} onPress={() => ui.toggle({ kind: 'why', key })}>
        {text('card.why')}
      </CommandButton>
      <MenuTrigger onOpenChange={(open) => place.focus(open)}>
        <Button className="button button-icon" aria-label={text('card.more')} isDisabled={busy}>
          <Icon name="more" />
        </Button>
        <Popover className="menu-popover" placement="top end">
          <Menu
            className="menu"
            aria-label={text('card.more')}
            onAction={(chosen) => {
              if (chosen === 'topic') void answers.answer(card, { kind: 'snoozed', forMs: SNOOZE_TOPIC_MS });
              else if (chosen === 'short') void answers.answer(card, { kind: 'snoozed', forMs: SNOOZE_SHORT_MS });
              else if (chosen === 'what-if') ui.toggle({ kind: 'what-if', key });
              else if (chosen === 'speakable') ui.toggle({ kind: 'speakable', key });
              else if (chosen === 'contest') ui.toggle({ kind: 'contest', key });
              else ui.toggle({ kind: 'override', key, chosen: null });
            }}
          >
            <MenuItem id="topic" className="menu-item">
              {text('card.snooze-topic')}
            </MenuItem>
            <MenuItem id="short" className="menu-item">
              {text('card.snooze-short')}
            </MenuItem>
            <MenuItem id="what-if" className="menu-item">
              {text('what-if.title')}
            </MenuItem>
            <MenuItem id="speakable" className="menu-item">
              {text('why.speakable')}
            </MenuItem>
            <MenuItem id="contest" className="menu-item">
              {text('contest.title')}
            </MenuItem>
            <MenuItem id="override" className="menu-item">
              {text('card.override')}
            </MenuItem>
          </Menu>
        </Popover>
      </MenuTrigger>
    </div>
  );
}
