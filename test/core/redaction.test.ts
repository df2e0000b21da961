import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRedactor, NOTHING_SAID, redact, redactUtterance } from '../../engine/core/redaction/redact.ts';
import { INNOCENT } from './innocent-speech.ts';
import { asPairs, asRepeats, asWords, CARDS, PLAIN_FRAMES, RENDERINGS } from './planted-cards.ts';
import { ANSWERED, CONVERSATIONS } from './planted-conversations.ts';
import { PLANTED_CODES, PLANTED_SECRETS } from './planted-secrets.ts';

/** A reading of digits that shares nothing with the code under test: number words become digits, everything else goes. */
const digitsIn = (text: string): string => {
  const single: Record<string, string> = {
    zero: '0',
    oh: '0',
    o: '0',
    one: '1',
    two: '2',
    three: '3',
    four: '4',
    five: '5',
    six: '6',
    seven: '7',
    eight: '8',
    nine: '9',
  };
  const teens = ['ten', 'eleven', 'twelve', 'thirteen', 'fourteen', 'fifteen', 'sixteen', 'seventeen', 'eighteen', 'nineteen'];
  const tens = ['twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety'];
  let out = '';
  let times = 1;
  let pending = '';
  for (const word of text
    .normalize('NFKC')
    .toLowerCase()
    .match(/[a-z]+|\d/g) ?? []) {
    const digit = /\d/.test(word) ? word : single[word];
    if (word === 'double') times = 2;
    else if (word === 'triple') times = 3;
    else if (tens.includes(word)) {
      if (pending) out += `${pending}0`;
      pending = String(tens.indexOf(word) + 2);
    } else if (pending && digit !== undefined && digit !== '0' && word !== digit) {
      out += pending + digit;
      pending = '';
    } else {
      if (pending) out += `${pending}0`;
      pending = '';
      if (digit !== undefined) out += digit.repeat(times);
      else if (teens.includes(word)) out += String(10 + teens.indexOf(word));
      times = 1;
    }
  }
  return out + (pending ? `${pending}0` : '');
};

const luhnDigit = (body: string): string => {
  let sum = 0;
  for (let i = 0; i < body.length; i++) {
    const digit = Number(body[body.length - 1 - i]);
    sum += i % 2 === 0 ? (digit * 2 > 9 ? digit * 2 - 9 : digit * 2) : digit;
  }
  return String((10 - (sum % 10)) % 10);
};

const survives = (kept: string, secret: string, piece: number): boolean => {
  const digits = digitsIn(kept);
  for (let i = 0; i + piece <= secret.length; i++) if (digits.includes(secret.slice(i, i + piece))) return true;
  return false;
};

describe('the test can see a secret', () => {
  it('reads digits however they are written or said', () => {
    for (const card of CARDS) for (const render of RENDERINGS) expect(digitsIn(render(card))).toBe(card);
  });
});

describe('card numbers are taken out', () => {
  const planted = CARDS.flatMap((card, i) =>
    RENDERINGS.flatMap((render, j) =>
      PLAIN_FRAMES.filter((_, k) => (i + j + k) % 3 === 0).map((frame) => ({ card, text: frame(render(card)) })),
    ),
  );

  it('no 8 digits of any number survive, without a word about cards', () => {
    expect(planted.length).toBeGreaterThanOrEqual(400);
    const left = planted.filter(
      ({ card, text }) => survives(redact(text).text, card, 8) || redact(text).found === 0 || !redact(text).text.includes('[card]'),
    );
    expect(left).toEqual([]);
  });

  it('any number that passes the check, in any mixture of forms', () => {
    const forms = [
      (d: string) => d,
      asWords,
      asPairs,
      asRepeats,
      (d: string) => Array.from(d).join(' '),
      (d: string) => Array.from(d).join('-'),
    ];
    const separators = [' ', '-', ', ', ' um ', '.', ' / ', ' and then ', '  '];
    fc.assert(
      fc.property(
        fc.stringMatching(/^[0-9]{12,18}$/),
        fc.array(fc.tuple(fc.integer({ min: 1, max: 6 }), fc.nat(forms.length - 1), fc.nat(separators.length - 1)), {
          minLength: 18,
          maxLength: 18,
        }),
        fc.constantFrom(...PLAIN_FRAMES),
        (body, cuts, frame) => {
          const card = body + luhnDigit(body);
          let text = '';
          let at = 0;
          for (const [length, form, separator] of cuts) {
            if (at >= card.length) break;
            text += (at === 0 ? '' : separators[separator]!) + forms[form]!(card.slice(at, at + length));
            at += length;
          }
          const spoken = frame(text);
          // Where the mixture itself is read as another number ("twenty" "five"), it is no test of this one.
          fc.pre(digitsIn(spoken).includes(card));
          const kept = redact(spoken);
          expect(survives(kept.text, card, 8)).toBe(false);
          expect(redact(kept.text)).toEqual({ text: kept.text, found: 0 });
        },
      ),
      { numRuns: 1_000, seed: 20_260_101 },
    );
  });
});

describe('codes, end dates, passwords and PINs are taken out', () => {
  it.each(PLANTED_CODES)('$text', ({ text, secret, marker }) => {
    const kept = redact(text);
    expect(kept.text).toContain(marker);
    expect(survives(kept.text.replace(/\b(?:three|four|two) digits?/g, ''), secret, Math.min(secret.length, 3)), kept.text).toBe(false);
  });

  it.each(PLANTED_SECRETS)('$text', ({ text, secret, marker }) => {
    const kept = redact(text);
    expect(kept.text).toContain(marker);
    if (/^\d+$/.test(secret)) expect(survives(kept.text, secret, 3), kept.text).toBe(false);
    else expect(kept.text.toLowerCase()).not.toContain(secret.toLowerCase());
  });
});

describe('what only the conversation gives away is taken out', () => {
  it.each(CONVERSATIONS)('$name', ({ turns, secrets, piece }) => {
    const redactor = createRedactor();
    const kept = turns.map(([speaker, text]) => redactor.redact({ speaker, text }).text);
    for (const secret of secrets) {
      if (/^\d+$/.test(secret))
        expect(survives(kept.join(' \n '), secret, Math.min(piece ?? 3, secret.length)), kept.join(' | ')).toBe(false);
      else expect(kept.join(' ').toLowerCase()).not.toContain(secret.toLowerCase());
    }
  });

  it.each(ANSWERED)('after "$asked": $said', ({ asked, said, kept }) => {
    const redactor = createRedactor();
    redactor.redact({ speaker: 'agent', text: asked });
    const left = said.map((text) => {
      const { text: clean } = redactor.redact({ speaker: 'customer', text });
      redactor.redact({ speaker: 'agent', text: 'mhm' });
      return clean;
    });
    expect(left).toEqual(kept);
  });

  it('keeps no word of a secret that was answered, whatever stands around it', () => {
    const names = ['', 'Kwame Boateng, ', 'Kwame Boateng and ', 'yes, ', 'um, so ', 'sure. ', "I'm Kwame, ", 'Do you need both? '];
    const leads = ['', "it's ", 'it is ', 'the word is ', 'that would be ', 'I think it is ', 'my word is ', 'I use ', 'it was '];
    const tails = ['', '.', ', please', ' I think', ', thanks', '. Is that all?', ', and my postcode is DL7 3QX', ', like the building'];
    const secrets = ['lighthouse', 'Rosalind', 'purple rain', 'Sunshine42'];
    const leaks: string[] = [];
    for (const name of names)
      for (const lead of leads)
        for (const tail of tails)
          for (const secret of secrets) {
            const redactor = createRedactor();
            redactor.redact({ speaker: 'agent', text: 'Can you tell me your name and your memorable word?' });
            const { text } = redactor.redact({ speaker: 'customer', text: `${name}${lead}${secret}${tail}` });
            if (secret.split(' ').some((word) => text.includes(word))) leaks.push(text);
          }
    expect(leaks).toEqual([]);
  });

  it('plants at least 200 different secrets altogether', () => {
    const cards = CARDS.length * RENDERINGS.length;
    expect(cards + PLANTED_CODES.length + PLANTED_SECRETS.length + CONVERSATIONS.length).toBeGreaterThanOrEqual(300);
  });

  it('ends some turns after the last word about cards', () => {
    const redactor = createRedactor();
    redactor.redact({ speaker: 'agent', text: 'Can I have the card number?' });
    for (let i = 0; i < 8; i++) redactor.redact({ speaker: 'customer', text: 'let me look for it' });
    expect(redactor.redact({ speaker: 'customer', text: 'my house is number 1234' })).toEqual({
      text: 'my house is number 1234',
      found: 0,
    });
  });

  it('keeps amounts while a card is being talked about', () => {
    const redactor = createRedactor();
    redactor.redact({ speaker: 'agent', text: 'I will take your card details for the bill' });
    const amount = 'that is $142.10 for 3 months, or 120 dollars';
    expect(redactor.redact({ speaker: 'agent', text: amount })).toEqual({ text: amount, found: 0 });
  });

  it('hears a partial utterance without counting it as a turn', () => {
    const first = redactUtterance(NOTHING_SAID, { speaker: 'agent', text: 'your card num', partial: true });
    expect(first.state).toEqual(NOTHING_SAID);
    const heard = redactUtterance(NOTHING_SAID, { speaker: 'agent', text: 'your card number', partial: true }).state;
    expect(redactUtterance(heard, { speaker: 'customer', text: '4111', partial: true })).toMatchObject({
      text: '[card]',
      found: 1,
      state: heard,
    });
    expect(redactUtterance(heard, { speaker: 'customer', text: '4111' }).text).toBe('[card]');
  });

  it('leaves the state it was given as it was', () => {
    const frozen = structuredClone(NOTHING_SAID);
    redactUtterance(NOTHING_SAID, { speaker: 'customer', text: 'card number 4111 1111 1111 1111' });
    expect(NOTHING_SAID).toEqual(frozen);
  });
});

describe('what is no secret is kept', () => {
  it.each(INNOCENT.map((text) => ({ text })))('$text', ({ text }) => {
    expect(redact(text)).toEqual({ text, found: 0 });
  });

  it('looks at 60 sentences or more', () => {
    expect(INNOCENT.length).toBeGreaterThanOrEqual(60);
  });

  it('keeps at least 97 of 100 long numbers that fail the check when written together', () => {
    let kept = 0;
    for (let i = 0; i < 1_000; i++) {
      const body = `1${String(i * 7_919_317 + 10 ** 14).slice(0, 14)}`;
      const wrong = String((Number(luhnDigit(body)) + 1 + (i % 9)) % 10);
      if (redact(`Order ${body}${wrong} is late`).found === 0) kept++;
    }
    expect(kept).toBeGreaterThanOrEqual(970);
  });
});

describe('redacting what was redacted changes nothing', () => {
  const everything = [...PLANTED_CODES, ...PLANTED_SECRETS]
    .map(({ text }) => text)
    .concat(
      INNOCENT,
      CARDS.flatMap((card) => RENDERINGS.map((render) => render(card))),
    );

  it('for every planted and every innocent sentence', () => {
    for (const text of everything) {
      const { text: kept } = redact(text);
      expect(redact(kept)).toEqual({ text: kept, found: 0 });
    }
  });

  it('for any mixture of them', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...everything), { maxLength: 5 }), fc.constantFrom(' ', ', ', '. ', ' and '), (parts, by) => {
        const { text: kept } = redact(parts.join(by));
        expect(redact(kept)).toEqual({ text: kept, found: 0 });
      }),
      { numRuns: 2_000, seed: 7 },
    );
  });

  it('for any text at all, which never makes it throw', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        const { text: kept } = redact(text);
        expect(redact(kept)).toEqual({ text: kept, found: 0 });
      }),
      { numRuns: 1_000, seed: 11 },
    );
  });
});

it('never makes a text too long for the next boundary', () => {
  const redactor = createRedactor();
  redactor.redact({ speaker: 'agent', text: 'the three digits on the back' });
  expect(redactor.redact({ speaker: 'customer', text: '12x '.repeat(2_000) }).text.length).toBeLessThanOrEqual(8_000);
  expect(redactor.redact({ speaker: 'customer', text: '12 x '.repeat(1_600) })).toEqual({ text: '[secret]', found: 1_600 });
});

it('takes time in proportion to the text: the longest allowed in bounded time', () => {
  const hostile = [
    '1 ',
    'pin ',
    'password is ',
    ':',
    'a b c ',
    'double ',
    'no, ',
    'four ',
    'pin 123 ',
    'password is a, ',
    'forty ',
    '4111 ',
    'it is my pin ',
    '[card] ',
  ];
  for (const piece of hostile) {
    const text = piece.repeat(Math.floor(8_000 / piece.length));
    const redactor = createRedactor();
    redactor.redact({ speaker: 'agent', text: 'what is your password and card number' });
    const start = process.cpuUsage();
    redactor.redact({ speaker: 'customer', text });
    // Milliseconds on any machine; with the square of the text it would be minutes.
    expect(process.cpuUsage(start).user / 1_000, piece).toBeLessThan(2_000);
  }
});
