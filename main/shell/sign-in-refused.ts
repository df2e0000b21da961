import { InWords } from '#contract/fault.ts';

/** Central, or the identity provider, answered, and will not. The message is for the person at the desk. */
export class SignInRefused extends InWords {
  override readonly name = 'SignInRefused';
}
