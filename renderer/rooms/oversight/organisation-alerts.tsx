import { useText } from '../../wording/use-text.ts';
import { AlertRules } from '../wall/alert-rules.tsx';
import { useSupervision } from '../wall/use-supervision.ts';

/** For whoever defines them for everybody; supervisors have those of their teams beside the wall. */
export function OrganisationAlerts() {
  const text = useText();
  const supervision = useSupervision();
  if (supervision.view?.mayDefineForAll !== true) return null;
  return (
    <section aria-label={text('wall.alerts')}>
      <h2 className="small-title">{text('wall.alerts')}</h2>
      <AlertRules {...supervision} />
    </section>
  );
}
