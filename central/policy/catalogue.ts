/** What the published revision calls its actions, for whoever is shown them. */
import type { NamedAction, Revisions } from './revisions.ts';

/** What a request is told with. */
export interface CatalogueWords {
  /** What the catalogue calls an action. */
  readonly nameOf: (actionId: string) => string;
  readonly currency: string | null;
}

export class Catalogue {
  readonly #revisions: Pick<Revisions, 'actions' | 'currency'>;

  constructor(revisions: Pick<Revisions, 'actions' | 'currency'>) {
    this.#revisions = revisions;
  }

  /** By id; empty while nothing is published. */
  actions(): Promise<ReadonlyMap<string, NamedAction>> {
    return this.#revisions.actions();
  }

  /** Its name; its id where the published revision has none of that id. */
  async names(): Promise<(actionId: string) => string> {
    const actions = await this.actions();
    return (actionId) => actions.get(actionId)?.name ?? actionId;
  }

  async words(): Promise<CatalogueWords> {
    return { nameOf: await this.names(), currency: await this.#revisions.currency() };
  }
}
