import { useId, useState } from 'react';
import type { ReactNode } from 'react';
import { useIntl } from 'react-intl';
import { type ApprovalView, EVIDENCE, type Evidence } from '#contract/approval.ts';
import { isMessageId, useRichText, useText } from '../../wording/use-text.ts';
import { FactList } from '../fact-list.tsx';

interface Props {
  readonly evidence: ApprovalView['evidence'];
  readonly onOpen: (evidence: Evidence) => void;
}

/** What is known, a part at a time: what was opened is kept with the verdict. */
export function ApprovalEvidence({ evidence, onOpen }: Props) {
  const text = useText();
  return (
    <section aria-label={text('approvals.evidence')}>
      <h3 className="small-title">{text('approvals.evidence')}</h3>
      <ul className="evidence">
        {EVIDENCE.map((part) => (
          <li key={part}>
            <Part part={part} evidence={evidence} onOpen={() => onOpen(part)} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Part({ part, evidence, onOpen }: { readonly part: Evidence; readonly evidence: Props['evidence']; readonly onOpen: () => void }) {
  const text = useText();
  const bodyId = useId();
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <button
        type="button"
        className="button evidence-part"
        aria-expanded={isOpen}
        aria-controls={isOpen ? bodyId : undefined}
        onClick={() => {
          setOpen(!isOpen);
          if (!isOpen) onOpen();
        }}
      >
        <span>{text(`approvals.evidence.${part}`)}</span>
        {part !== 'policy' && <span className="muted">{evidence[part].length}</span>}
      </button>
      {isOpen && (
        <div className="evidence-body" id={bodyId}>
          <Body part={part} evidence={evidence} />
        </div>
      )}
    </>
  );
}

function Body({ part, evidence }: { readonly part: Evidence; readonly evidence: Props['evidence'] }): ReactNode {
  const text = useText();
  const rich = useRichText();
  const none = <p className="muted">{text('approvals.evidence.none')}</p>;
  switch (part) {
    case 'facts':
      return evidence.facts.length === 0 ? none : <FactList facts={evidence.facts} />;
    case 'call':
      return evidence.call.length === 0 ? (
        none
      ) : (
        <Moments
          all={evidence.call.map(({ atMs, kind, words }) => ({
            atMs,
            what: words === null ? named(text, kind.replace('sotto.', '')) : <bdi>{words}</bdi>,
          }))}
        />
      );
    case 'history':
      return evidence.history.length === 0 ? (
        none
      ) : (
        <Moments
          all={evidence.history.map(({ atMs, kind, actionName }) => ({
            atMs,
            what: (
              <>
                {named(text, `prompt.${kind}`)}
                {actionName !== null && (
                  <>
                    {' '}
                    · <bdi>{actionName}</bdi>
                  </>
                )}
              </>
            ),
          }))}
        />
      );
    case 'policy':
      return evidence.policy === null ? (
        none
      ) : (
        <p>
          {rich('approvals.policy', { revision: <bdi key="revision">{evidence.policy.revision}</bdi> })}
          {evidence.policy.action !== null && (
            <>
              {' · '}
              <bdi>{evidence.policy.action}</bdi>
            </>
          )}
        </p>
      );
  }
}

function Moments({ all }: { readonly all: readonly { readonly atMs: number; readonly what: ReactNode }[] }) {
  const intl = useIntl();
  return (
    <ol className="moments">
      {all.map(({ atMs, what }, i) => (
        <li key={`${atMs} ${i}`}>
          <time className="muted" dateTime={new Date(atMs).toISOString()}>
            {intl.formatDate(atMs, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })}
          </time>
          <span>{what}</span>
        </li>
      ))}
    </ol>
  );
}

const named = (text: (id: string) => string, kind: string): string => (isMessageId(`timeline.${kind}`) ? text(`timeline.${kind}`) : kind);
