/** The core's redaction, which is the same on every device. */
export { NOTHING_SAID, redact, type RedactionState, redactUtterance } from '../../engine/core/redaction/redact.ts';
