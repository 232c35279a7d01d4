import { accessOperations, accessPages } from '@safeguard/access';
import { auditPages, createAudit } from '@safeguard/audit';
import { documentRoute, onlyDescribed, type Route, routeOf } from '@safeguard/http';
import { createIdentity } from '@safeguard/identity';
import {
  inheritanceOperations,
  oscalOperations,
  programmeOperations,
  programmePages,
  reportOperations,
  trustPages,
} from '@safeguard/programme';
import { createRecords } from '@safeguard/records';
import { rightsOperations, rightsPages } from '@safeguard/rights';

const nothing = {} as never;

/** The route tables of the server, without a server behind them: nothing of them may be called. */
export function servedRoutes(): Route[] {
  const quiet = { warn: () => undefined };
  const identity = createIdentity({
    segment: { query: async () => [] } as never,
    vault: nothing,
    guard: () => undefined,
    patients: nothing,
    clock: { now: () => 0 },
    scopes: nothing,
    settings: {
      token_lifetime_s: 300,
      sessions: { idle_s: 900, absolute_s: 43_200 },
      fetch_allow: [],
    },
    log: quiet,
  });
  const access = { guard: () => undefined } as never;
  const settings = { bundle_bytes: 1, bundle_ms: 1 };
  const deps = { identity: nothing, clinical: nothing, seal: nothing, ledger: nothing, clock: nothing, log: nothing };
  const records = createRecords({ ...deps, access, settings });
  const audit = createAudit(nothing);
  const programme = [programmeOperations, reportOperations, inheritanceOperations, oscalOperations];
  const operations = [accessOperations, rightsOperations, audit.operations, ...programme].flatMap(onlyDescribed);
  const more = [documentRoute([]), ...operations.map((one) => routeOf(nothing, one)), ...audit.routes()];
  const pages = [
    ...accessPages({ explain: nothing, viewers: nothing } as never),
    ...auditPages(nothing),
    ...rightsPages(nothing),
    ...programmePages({ inheritance: nothing } as never),
    ...trustPages({ clock: { now: () => 0 } } as never),
  ];
  const routes = [...identity.routes(), ...pages, ...more, ...records.routes()];
  void identity.close();
  return routes;
}
