import { Tab, TabList, TabPanel, Tabs } from 'react-aria-components/Tabs';
import type { CallView } from '#contract/desk.ts';
import { useText } from '../wording/use-text.ts';
import { CallHeader } from './call-header.tsx';
import { Timeline } from './timeline.tsx';
import { Transcript } from './transcript.tsx';

/** The call so far: beside the card where there is room, behind tabs where there is not. */
export function CallContext({ call, wide }: { readonly call: CallView; readonly wide: boolean }) {
  const text = useText();
  return (
    <aside className="context" aria-label={text('call.label')}>
      <CallHeader call={call} />
      {wide ? (
        <div className="context-pair">
          <section className="pane" aria-labelledby="transcript-title">
            <h2 className="pane-title" id="transcript-title">
              {text('transcript.title')}
            </h2>
            <Transcript call={call} />
          </section>
          <section className="pane" aria-labelledby="timeline-title">
            <h2 className="pane-title" id="timeline-title">
              {text('timeline.title')}
            </h2>
            <Timeline entries={call.timeline} />
          </section>
        </div>
      ) : (
        <Tabs className="tabs">
          <TabList className="tab-list" aria-label={text('context.tabs')}>
            <Tab id="transcript" className="tab">
              {text('transcript.title')}
            </Tab>
            <Tab id="timeline" className="tab">
              {text('timeline.title')}
            </Tab>
          </TabList>
          <TabPanel id="transcript" className="tab-panel">
            <Transcript call={call} />
          </TabPanel>
          <TabPanel id="timeline" className="tab-panel">
            <Timeline entries={call.timeline} />
          </TabPanel>
        </Tabs>
      )}
    </aside>
  );
}
