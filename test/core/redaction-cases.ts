/** Secrets planted in speech, and sentences that only look like it. */
import type { Speaker } from '#contract/call-events.ts';

/** Test numbers of the card schemes; all pass Luhn. */
export const CARDS = [
  '4111111111111111',
  '5555555555554444',
  '378282246310005',
  '6011111111111117',
  '3530111333300000',
  '30569309025904',
  '4012888888881881',
  '2223003122003222',
  '6200000000000005',
  '4222222222222',
  '6304000000000000000',
  '5105105105105100',
] as const;

const ONES = ['oh', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];
const TEENS = ['ten', 'eleven', 'twelve', 'thirteen', 'fourteen', 'fifteen', 'sixteen', 'seventeen', 'eighteen', 'nineteen'];
const TENS = ['', '', 'twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety'];
const one = (digit: string): string => ONES[Number(digit)]!;
const groups = (digits: string, size: number): readonly string[] => digits.match(new RegExp(`.{1,${size}}`, 'g')) ?? [];

export const asWords = (digits: string): string => Array.from(digits, one).join(' ');
/** "forty-one eleven": pairs, as people read them. */
export const asPairs = (digits: string): string =>
  groups(digits, 2)
    .map((pair) => {
      const [tens, unit] = pair;
      if (unit === undefined || tens === '0') return asWords(pair);
      if (tens === '1') return TEENS[Number(unit)]!;
      return unit === '0' ? TENS[Number(tens)]! : `${TENS[Number(tens)]!}-${one(unit)}`;
    })
    .join(' ');
/** "four triple one": repeats are named. */
export const asRepeats = (digits: string): string =>
  (digits.match(/(\d)\1{2}|(\d)\2|\d/g) ?? [])
    .map((part) => (part.length === 3 ? `triple ${one(part[0]!)}` : part.length === 2 ? `double ${one(part[0]!)}` : one(part)))
    .join(' ');

/** Ways to write or say a long number. */
export const RENDERINGS: readonly ((digits: string) => string)[] = [
  (d) => d,
  (d) => groups(d, 4).join(' '),
  (d) => groups(d, 4).join('-'),
  (d) => groups(d, 4).join(', '),
  (d) => groups(d, 4).join('.'),
  (d) => groups(d, 4).join(' – '),
  (d) => groups(d, 1).join(' '),
  (d) => groups(d, 3).join(' '),
  (d) => groups(d, 5).join(' / '),
  (d) => groups(d, 4).join('\n'),
  (d) => groups(d, 4).join('\u00a0'),
  (d) => Array.from(d, (digit) => String.fromCharCode(0xff10 + Number(digit))).join(''),
  asWords,
  asPairs,
  asRepeats,
  (d) => groups(d, 4).map(asWords).join(', '),
  (d) =>
    groups(d, 4)
      .map((group, i) => (i % 2 === 0 ? group : asWords(group)))
      .join(' '),
  (d) =>
    groups(d, 4)
      .map((group, i) => (i % 2 === 0 ? asRepeats(group) : group))
      .join(' um '),
  (d) => groups(d, 4).map(asPairs).join(' and then '),
  (d) => asWords(d).toUpperCase(),
];

/** Sentences without a word about cards: the number alone must give itself away. */
export const PLAIN_FRAMES: readonly ((secret: string) => string)[] = [
  (s) => s,
  (s) => `it is ${s} thanks`,
  (s) => `Sure, here you go: ${s}.`,
  (s) => `(${s})`,
  (s) => `I have it in front of me, ${s}, did you get that?`,
  (s) => `and what happens if I give you ${s} and it fails`,
];

export interface Planted {
  readonly text: string;
  /** Must not be in what is kept; digits are compared as digits, however they are said. */
  readonly secret: string;
  readonly marker: string;
}

const given = (marker: string, ...pairs: readonly (readonly [text: string, secret: string])[]): readonly Planted[] =>
  pairs.map(([text, secret]) => ({ text, secret, marker }));

export const PLANTED_CODES: readonly Planted[] = given(
  '[code]',
  ['the CVV is 123', '123'],
  ['CVV 987', '987'],
  ['cvc: 4821', '4821'],
  ['my security code is one two three', '123'],
  ['security code? it is 739', '739'],
  ['the three digits on the back are 7 3 9', '739'],
  ['the three digits on the back are seven three nine', '739'],
  ['739 is the number on the back', '739'],
  ['on the back of my card it says double two five', '225'],
  ['the last three digits on the back, 404', '404'],
  ['four digits on the front are 1 2 3 4', '1234'],
  ['the CV2 is nine oh nine', '909'],
  ['csc forty two seven', '427'],
  ['the code on the back is triple six', '666'],
  ['expiry is 12/27', '1227'],
  ['expiry date oh nine twenty-seven', '0927'],
  ['it is a Visa card and the expiry is 03 / 2028', '032028'],
  ['the card expires 05/29', '0529'],
  ['my card expires December 2027', '2027'],
  ['exp date 1127', '1127'],
  ['expiration date is month five year twenty nine', '529'],
  ['card valid until 08-30', '0830'],
  ['expiry one one two six and security code six five four', '654'],
  ['verification value 318', '318'],
  ['signature strip shows 562', '562'],
);

export const PLANTED_SECRETS: readonly Planted[] = given(
  '[secret]',
  ['my password is hunter2', 'hunter2'],
  ['my password is hunter2.', 'hunter2'],
  ['My password is correct horse battery staple', 'horse'],
  ['the password is Tr0ub4dor&3, can you check it', 'Tr0ub4dor'],
  ['password: letmein99', 'letmein99'],
  ['password = letmein', 'letmein'],
  ["password's sunflower but it fails", 'sunflower'],
  ['my password for the app is bluebird', 'bluebird'],
  ['my password was winter and now it says invalid', 'winter'],
  ['I use Sunshine42! as my password', 'Sunshine42'],
  ['I set bluebird as the password', 'bluebird'],
  ['bluebird is my password', 'bluebird'],
  ['yes, purple rain is my memorable word', 'purple'],
  ['my memorable word is bluebird', 'bluebird'],
  ['memorable name is Rosalind and I set it last year', 'Rosalind'],
  ['my memorable date is the third of June', 'June'],
  ['my memorable word is s, u, n, n, y', 'u, n'],
  ['my passcode is 998877', '998877'],
  ['passcode nine nine eight eight', '9988'],
  ['pin is 4 7 2 9', '4729'],
  ['my PIN is four seven two nine, thanks', '4729'],
  ['PIN 4729', '4729'],
  ['pin number 4 7 2 9', '4729'],
  ['the pin would be forty-seven twenty-nine', '4729'],
  ["it's my pin, it's 4729", '4729'],
  ['my pin for the phone is 1984', '1984'],
  ['4729 is my pin', '4729'],
  ['the PIN you sent, 83 64, does not work', '8364'],
  ['my pin used to be double four double two', '4422'],
  ['the one time code is 482913', '482913'],
  ['verification code 48 29 13', '482913'],
  ['the verification code I got is four eight two nine one three', '482913'],
  ["my mother's maiden name is Featherstone", 'Featherstone'],
  ['my secret answer is pineapple', 'pineapple'],
  ['security word is Magnolia', 'Magnolia'],
  ['the passphrase is green trains run late', 'trains'],
  ['my password is actually spelled capital S u n four two', 'u n four'],
  ['log in code 55 12 77', '551277'],
  ["password is 'Gr3en'", 'Gr3en'],
  ['my password is “Gr3enT3a”', 'Gr3enT3a'],
  ['My PassWord Is hunter2', 'hunter2'],
  ['access code is 7741', '7741'],
  ['my PIN’s 6612', '6612'],
);

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

/** Must be kept as it is. */
export const INNOCENT: readonly string[] = [
  'My phone number is 0412 345 678',
  'You can call me on +61 3 9876 5432',
  'ring me on oh four one two, three four five, six seven eight',
  'The office is on 1300 655 506 or 13 22 00',
  'My mobile is 0044 20 7946 0958',
  'My bill went from $89.95 to $142.10 this month',
  'I was charged one hundred and twenty dollars',
  'It was twelve hundred dollars for the whole year',
  'The total is 1,234,567.89 dollars',
  'You owe us 45 euros and 20 cents',
  'That is 15 percent off for 24 months',
  'My order number is 1234567890123456',
  'Order 4929 1234 5678 9013 has not arrived',
  'The reference is 4512 8876 2231',
  'My account number is 12345678',
  'account 8812 3456 and BSB 062-000',
  'The parcel number is 99 1234 5678 9012 3453',
  'I was born on 12/05/1984',
  'My date of birth is the twelfth of May nineteen eighty-four',
  'Date of birth 03.11.1976, postcode 3053',
  'The appointment is at 3:30 pm on 14 March 2026',
  'between 8 am and 12 noon on the 21st',
  'The postcode is SW1A 1AA, number 10',
  'I live at 221 Baker Street, flat 4, postcode 2000',
  'The modem has serial number 356938035643808A',
  'The error code is 691 and then 678',
  'We pay for 500 megabits and get 47',
  'It drops 3 or 4 times a day since 2023',
  'My contract expires on 30 June 2026',
  'The offer is valid until 31/12/2026',
  'I have been with you for twenty two years',
  'one of the two boxes shows four lights',
  'There are 7 people and 12 devices in the house',
  'I waited forty-five minutes and then ten more',
  'Oh, four weeks ago I had the same thing',
  'Ten to one it fails again at five past six',
  'I forgot my password',
  'My password is not working',
  'The password is wrong again',
  'my password is incorrect it says',
  'Can you reset my password please',
  'What is your password policy?',
  'I changed my password three times',
  'My PIN is blocked',
  'I never got a PIN for the new SIM',
  'The PIN letter was sent on 12 March 2025',
  'Your PIN arrives within 5 days',
  'My memorable word is always asked twice',
  'The password is in my other notebook',
  'I need a password for the wifi',
  'Do not tell anyone your password',
  'I paid with my credit card on 12 March 2025',
  'My credit card was charged 240 dollars in 2024',
  'I lost my debit card, call me on 0412 345 678',
  'Can I pay by card?',
  'I need a visa for my trip in 2027',
  'The birthday card cost 5 dollars',
  'The sim card has 4 contacts on it',
  'He moved to number 1600 Pennsylvania Avenue',
  'The meter shows 104,233 and last year 98,120',
  'IMSI 505013434619505 is what it says',
  'version 10.15.7 build 20394',
  'IP address is 192.168.100.254',
  'Zero, zero interest, that is what he said',
  'I have a hundred and one questions',
  'The ticket is INC-0048213 from 2025-11-02',
  'Thank you, goodbye',
  '',
  '   ',
  'pin the letter to the door at number 12',
];
