/** Limits every boundary shares. Apart from the schemas, so that the core carries no schema library. */

/** Longest identifier any boundary accepts, in UTF-16 code units. */
export const MAX_ID_LENGTH = 128;

/** Most constraints of one revision: desks are told of all of them in one message. */
export const MAX_CONSTRAINTS = 500;

/** Longest single text (an utterance, a note) any boundary accepts, in UTF-16 code units. Longer text is refused, not cut. */
export const MAX_TEXT_LENGTH = 8_000;
