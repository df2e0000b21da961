/** Secrets planted over several turns: only what was asked before gives them away. */
import type { Speaker } from '#contract/call-events.ts';

export interface Conversation {
  readonly name: string;
  readonly turns: readonly (readonly [Speaker, string])[];
  readonly secrets: readonly string[];
  /** Shortest piece of a secret that must not be left; a piece may be read before anybody can know. */
  readonly piece?: number;
}

/** Secrets that only the conversation gives away. */
export const CONVERSATIONS: readonly Conversation[] = [
  {
    name: 'a number in groups of four over several turns',
    turns: [
      ['agent', 'Can I take the long number across the front?'],
      ['customer', '4111'],
      ['agent', 'yes'],
      ['customer', '1111'],
      ['agent', 'go on'],
      ['customer', '1111'],
      ['customer', '1111'],
    ],
    secrets: ['4111'],
  },
  {
    name: 'the same in words, echoed by the agent',
    turns: [
      ['agent', 'What is the card number please?'],
      ['customer', 'five one oh five'],
      ['agent', 'five one oh five, thanks'],
      ['customer', 'one oh five one'],
      ['agent', 'one oh five one'],
      ['customer', 'oh five one oh'],
      ['customer', 'five one double oh'],
    ],
    secrets: ['5105105105105100'],
    piece: 3,
  },
  {
    name: 'two digits at a time',
    turns: [
      ['agent', 'Your card details, please'],
      ['customer', 'forty one'],
      ['customer', 'eleven'],
      ['customer', 'eleven, eleven'],
      ['customer', '11'],
      ['customer', '1 1'],
      ['customer', 'one one'],
    ],
    secrets: ['4111111111111111'],
    piece: 2,
  },
  {
    name: 'expiry and code on request',
    turns: [
      ['agent', 'And the expiry?'],
      ['customer', 'twelve twenty-seven'],
      ['agent', 'And the three digits on the back?'],
      ['customer', 'sure, hang on, it says 739'],
    ],
    secrets: ['1227', '739'],
  },
  {
    name: 'code read one digit at a time',
    turns: [
      ['agent', 'Now the security code'],
      ['customer', 'seven'],
      ['customer', 'three'],
      ['customer', 'nine'],
    ],
    secrets: ['739'],
    piece: 1,
  },
  {
    name: 'a card is only mentioned',
    turns: [
      ['customer', 'I want to pay with my Mastercard'],
      ['agent', 'of course, go ahead'],
      ['customer', "it's 5555 5555"],
      ['customer', '5555 4444'],
    ],
    secrets: ['5555555555554444'],
    piece: 4,
  },
  {
    name: 'nobody mentions a card and the number comes in pieces',
    turns: [
      ['customer', '4111'],
      ['agent', 'mhm'],
      ['customer', '1111'],
      ['customer', '1111'],
      ['customer', '1111'],
    ],
    secrets: ['4111111111111111'],
    piece: 8,
  },
  {
    name: 'a pause in the middle of the number',
    turns: [
      ['customer', 'here it is then 4012 888'],
      ['customer', '8888 81881 all right?'],
    ],
    secrets: ['4012888888881881'],
    piece: 8,
  },
  {
    name: 'after a whole number the rest follows',
    turns: [
      ['customer', '4111 1111 1111 1111'],
      ['customer', "and that's 12/27"],
      ['customer', 'with 739'],
    ],
    secrets: ['4111111111111111', '1227', '739'],
    piece: 3,
  },
  {
    name: 'a redacted turn counts as talk of cards',
    turns: [
      ['customer', 'it is [card]'],
      ['customer', 'then 739 behind it'],
    ],
    secrets: ['739'],
  },
  {
    name: 'password on request',
    turns: [
      ['agent', 'What is your password please?'],
      ['customer', 'uh bluebird'],
    ],
    secrets: ['bluebird'],
  },
  {
    name: 'password after a pause',
    turns: [
      ['agent', 'Please confirm your memorable word'],
      ['customer', 'hang on'],
      ['customer', "it's Rosalind"],
    ],
    secrets: ['Rosalind'],
  },
  {
    name: 'letters of a memorable word',
    turns: [
      ['agent', 'Tell me the first and third letter of your memorable word'],
      ['customer', 'b and u'],
    ],
    secrets: ['b and u'],
  },
  {
    name: 'PIN on request, spoken',
    turns: [
      ['agent', 'And your PIN?'],
      ['customer', 'four seven'],
      ['customer', 'two nine'],
    ],
    secrets: ['4729'],
    piece: 2,
  },
  {
    name: 'one time code on request',
    turns: [
      ['agent', 'I have texted you a one-time code, can you read it to me?'],
      ['customer', 'yes it is 482 913'],
    ],
    secrets: ['482913'],
  },
  {
    name: 'the agent reads the number back',
    turns: [
      ['agent', 'Let me repeat the card number'],
      ['agent', 'four zero one two'],
      ['agent', 'triple eight eight'],
      ['customer', 'correct'],
      ['agent', '8888 1881'],
    ],
    secrets: ['4012888888881881'],
    piece: 4,
  },
];

export interface Answered {
  readonly asked: string;
  /** What the customer says after the question, in order; the agent says "mhm" between. */
  readonly said: readonly string[];
  /** All that is kept of it. */
  readonly kept: readonly string[];
}

/** Answers in which the secret stands beside something else, and what is said when the question is over. */
export const ANSWERED: readonly Answered[] = [
  {
    asked: 'Could you confirm your full name and your memorable word?',
    said: ["Kwame Boateng, and it's lighthouse.", "That was not me who did that. I've been at work all day."],
    kept: ["Kwame Boateng, and it's [secret].", "That was not me who did that. I've been at work all day."],
  },
  {
    asked: 'Could you confirm your full name and your memorable word?',
    said: ['Kwame Boateng and the word is light house', 'my internet is broken'],
    kept: ['Kwame Boateng and the word is [secret]', 'my internet is broken'],
  },
  {
    asked: 'Your name and your memorable word please? I need both.',
    said: ['Lighthouse, Kwame Boateng.', 'it has been slow for a week'],
    kept: ['[secret], [secret].', 'it has been slow for a week'],
  },
  {
    asked: 'Can I have your name and your memorable word?',
    said: ['Kwame Boateng.', 'Lighthouse.'],
    kept: ['[secret].', '[secret].'],
  },
  {
    asked: 'Can I have your name and your memorable word?',
    said: ['Kwame Boateng.', "and it's lighthouse"],
    kept: ['[secret].', "and it's [secret]"],
  },
  { asked: 'What is your memorable word?', said: ["Lighthouse, it's easy."], kept: ["[secret], it's [secret]."] },
  { asked: 'What is your memorable word?', said: ['Lighthouse, that is right.'], kept: ['[secret], that is right.'] },
  { asked: 'What is your memorable word?', said: ['I think it might be lighthouse.'], kept: ['I think it might be [secret].'] },
  { asked: 'What is your memorable word?', said: ["I'm not sure, lighthouse maybe?"], kept: ["I'm not sure, [secret]?"] },
  {
    asked: 'What is your password?',
    said: ['Do you mean the old one? It was lighthouse.'],
    kept: ['Do you mean the old one? It was [secret].'],
  },
  { asked: 'What is your password?', said: ['I chose lighthouse.'], kept: ['I chose [secret].'] },
  {
    asked: 'What is your password?',
    said: ['sure, my name is Kwame and the word is lighthouse I think', 'Thank you, and how long does it take?'],
    kept: ['sure, my name is Kwame and the word is [secret]', 'Thank you, and how long does it take?'],
  },
  {
    asked: 'Tell me your memorable word',
    said: ["I don't remember it, my wife set it up", 'Great, thanks'],
    kept: ["I don't remember it, my wife set it up", 'Great, thanks'],
  },
  {
    asked: 'What is your password?',
    said: ["Lighthouse, but I don't know why you ask."],
    kept: ["[secret], but I don't know why you ask."],
  },
];
