import { useRef, useState } from 'react';
import type { SentenceView } from '#contract/desk.ts';
import { useSentence } from '../wording/use-sentence.tsx';
import { useText } from '../wording/use-text.ts';

/** What may be said to the customer, or that there is nothing. */
export function Speakable({ sentence }: { readonly sentence: SentenceView | null }) {
  const text = useText();
  return sentence === null ? <p className="muted">{text('why.speakable.none')}</p> : <Quote sentence={sentence} />;
}

/** The sentence: to read out, or to copy into a message. */
function Quote({ sentence }: { readonly sentence: SentenceView }) {
  const text = useText();
  const sentences = useSentence();
  const quote = useRef<HTMLQuoteElement>(null);
  const [copied, setCopied] = useState<'no' | 'yes' | 'marked'>('no');
  const copy = (): void => {
    navigator.clipboard.writeText(sentences.plain(sentence)).then(
      () => setCopied('yes'),
      // The shell may refuse the clipboard: then the text is marked, and the system's own keys copy it.
      () => {
        if (quote.current !== null) getSelection()?.selectAllChildren(quote.current);
        setCopied('marked');
      },
    );
  };
  return (
    <div className="speakable">
      <blockquote ref={quote}>{sentences.nodes(sentence)}</blockquote>
      <div className="speakable-row">
        <button type="button" className="button" onClick={copy}>
          {text('why.copy')}
        </button>
        <span role="status" className="muted">
          {copied === 'yes' ? text('why.copied') : copied === 'marked' ? text('why.copy.failed') : ''}
        </span>
      </div>
    </div>
  );
}
