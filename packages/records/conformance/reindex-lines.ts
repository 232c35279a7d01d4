import { isResourceType, resourceTypes } from '@safeguard/fhir';
import { fault } from '@safeguard/kernel';
import type { Call, Outcome, Shelf } from '../call.ts';
import type { ReindexProgress } from '../index-rows/index.ts';
import { bodyOf, bodyTypes } from '../negotiate.ts';
import { asQuery } from '../operations/parameters.ts';
import type { Line } from '../routes/answer.ts';
import type { Reindexing } from './reindexing.ts';

const partOf = ({ type, done, share, started, finished }: ReindexProgress): object => ({
  name: 'run',
  part: [
    ...(type === undefined ? [] : [{ name: 'type', valueCode: type }]),
    { name: 'state', valueCode: finished === undefined ? 'running' : 'finished' },
    { name: 'done', valueInteger: done },
    { name: 'percent', valueInteger: Math.floor(share * 100) },
    { name: 'started', valueInstant: started.toISOString() },
    ...(finished === undefined ? [] : [{ name: 'finished', valueInstant: finished.toISOString() }]),
  ],
});

const told = (runs: readonly ReindexProgress[]): string =>
  JSON.stringify({ resourceType: 'Parameters', ...(runs.length > 0 ? { parameter: runs.map(partOf) } : {}) });

/** The whole system: whoever asks must be permitted every type that it concerns. */
function guardAll(shelf: Shelf, call: Call, types: readonly string[]): void {
  for (const type of types) shelf.guard(call.principal, 'reindex', { type });
}

/** Answers 202 at once: `$reindex-status` tells how far it is. */
async function begin(shelf: Shelf, reindexing: Reindexing, call: Call, types: readonly string[]): Promise<Outcome> {
  const unknown = types.find((type) => !isResourceType(type));
  if (unknown !== undefined) throw fault('invalid', 'type: expected a resource type of FHIR R4');
  guardAll(shelf, call, types.length === 0 ? resourceTypes : types);
  const { tenant } = call.principal;
  reindexing.start(tenant, types.length === 0 ? 'all' : types);
  return { status: 202, text: told(await reindexing.status(tenant)), targets: [] };
}

async function status(shelf: Shelf, reindexing: Reindexing, call: Call): Promise<Outcome> {
  guardAll(shelf, call, resourceTypes);
  return { status: 200, text: told(await reindexing.status(call.principal.tenant)), targets: [] };
}

/** `$reindex` and `$reindex-status`: by the permission `reindex` beside the scope's `u`. */
export const reindexLines = (shelf: Shelf, reindexing: Reindexing): Line[] => [
  [
    'POST',
    '/$reindex',
    'reindex',
    (call, context) => {
      const body = context.body.length === 0 ? undefined : bodyOf(context);
      return begin(shelf, reindexing, call, asQuery(context.query, body).getAll('type'));
    },
    { accepts: bodyTypes, takes: ['type'] },
  ],
  [
    'POST',
    '/:type/$reindex',
    'reindex',
    (call, _, type) => begin(shelf, reindexing, call, [type]),
    { accepts: bodyTypes },
  ],
  ['GET', '/$reindex-status', 'reindex', (call) => status(shelf, reindexing, call)],
];
