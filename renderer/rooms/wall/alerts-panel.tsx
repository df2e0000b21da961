import { useText } from '../../wording/use-text.ts';
import { AlertRules } from './alert-rules.tsx';
import { RaisedAlerts } from './raised-alerts.tsx';
import { SidePanel } from './side-panel.tsx';
import { useSupervision } from './use-supervision.ts';

/** Alerts beside the wall they are raised on. */
export function AlertsPanel({ onClose }: { readonly onClose: () => void }) {
  const text = useText();
  return (
    <SidePanel title={text('wall.alerts')} onClose={onClose}>
      <RaisedAlerts />
      <h3 className="small-title">{text('wall.alerts.defined')}</h3>
      <AlertRules {...useSupervision()} />
    </SidePanel>
  );
}
