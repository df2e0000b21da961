/** Limits every boundary shares. Apart from the schemas, so that the core carries no schema library. */

/** Longest identifier any boundary accepts, in UTF-16 code units. */
export const MAX_ID_LENGTH = 128;

/** Longest single text (an utterance, a note) any boundary accepts, in UTF-16 code units. Longer text is refused, not cut. */
export const MAX_TEXT_LENGTH = 8_000;
