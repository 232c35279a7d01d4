import { isResourceType } from '@safeguard/fhir';
import { fault } from '@safeguard/kernel';
import type { ReindexProgress } from '@safeguard/records';
import { type Act, tenantOf } from './admin-acts.ts';
import type { House } from './server.ts';

const told = ({ type, done, share, started, finished }: ReindexProgress): object => ({
  type: type ?? null,
  done,
  percent: Math.floor(share * 100),
  started: started.toISOString(),
  finished: finished?.toISOString() ?? null,
});

/** What an operator can do about the search index: build it anew, and see how far that is. */
export const searchActs = (house: House): readonly Act[] => [
  {
    method: 'POST',
    path: /^\/search\/reindex$/,
    action: 'search-reindex',
    type: 'Search',
    run: async ({ body }) => {
      const tenant = await tenantOf(house, body.tenant);
      const types = Array.isArray(body.types) ? body.types.map(String) : [];
      if (!types.every(isResourceType)) throw fault('invalid', 'types: expected resource types of FHIR R4');
      house.records.reindexing.start(tenant, types.length === 0 ? 'all' : types);
      return { result: { started: true }, tenant };
    },
  },
  {
    method: 'GET',
    path: /^\/search\/reindex$/,
    action: 'search-status',
    type: 'Search',
    run: async ({ query }) => {
      const tenant = await tenantOf(house, query.get('tenant') ?? undefined);
      return { result: { runs: (await house.records.reindexing.status(tenant)).map(told) }, tenant };
    },
  },
];
