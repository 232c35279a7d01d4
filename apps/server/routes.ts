import { documentRoute, type Operation, type Route, routeOf } from '@safeguard/http';
import { rightsOperations } from '@safeguard/rights';
import { pagesOf } from './pages.ts';
import { oscalOf } from './programme/open.ts';
import type { House } from './server.ts';

/** Operations of `/api/v1` beside identity's, which makes routes of its own. */
const operationsOf = (house: House): readonly Operation[] => [
  ...house.governance.operations({ guard: house.access.guard }),
  ...house.audit.operations(),
  ...house.programme.operations(),
  ...house.reporting.operations(),
  ...oscalOf(house),
  ...rightsOperations(house),
];

/** Everything that is served. */
export function routesOf(house: House): Route[] {
  const { identity, records, audit, access, clock } = house;
  const operations = operationsOf(house);
  return [
    ...identity.routes(),
    ...pagesOf(house),
    ...operations.map((one) => routeOf({ guard: access.guard, clock }, one)),
    documentRoute([...identity.operations(), ...operations]),
    ...audit.routes(),
    ...records.routes(),
  ];
}
