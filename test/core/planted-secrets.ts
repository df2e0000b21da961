/** Codes and passwords that one utterance gives away. */

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
