/** The words of a phrase as they are compared: letter case and punctuation aside. */
export const wordsOfPhrase = (phrase: string): readonly string[] =>
  phrase.toLowerCase().match(/[\p{L}\p{N}]+(?:['’][\p{L}\p{N}]+)*/gu) ?? [];
