import { at, items, unfit } from './cursor.ts';
import { readFinding } from './finding.ts';
import { readHead, rootOf } from './head.ts';
import { readObservation } from './observation.ts';
import { type OpenItemsModel, openFacts, writeOpenItems } from './open-items.ts';
import { lossless } from './same.ts';

/** What a plan of action was made of. Fault `invalid`, with a JSON pointer, as `readCatalog`. */
export const readPlanOfAction: (document: unknown) => OpenItemsModel = lossless((document) => {
  const root = rootOf(document, 'plan-of-action-and-milestones');
  const definitions = at(root, 'local-definitions');
  const [system] = items(definitions, 'components');
  if (system === undefined) throw unfit(at(definitions, 'components'), 'a component');
  return {
    head: readHead(root),
    ...openFacts.read(system),
    open: items(root, 'findings').map(readFinding),
    evidence: items(root, 'observations').map(readObservation),
  };
}, writeOpenItems);
