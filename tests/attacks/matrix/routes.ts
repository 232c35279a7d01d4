import { createGovernance } from '@safeguard/access';
import { createAudit } from '@safeguard/audit';
import { resourceTypes } from '@safeguard/fhir';
import type { Principal, Route } from '@safeguard/http';
import { createIdentity } from '@safeguard/identity';
import { inheritanceOperations, programmeOperations, reportOperations } from '@safeguard/programme';
import { createRecords, isServedQuery, scopeParameters } from '@safeguard/records';
import { routesOf } from '@safeguard/server';

/** Anything, as far as making routes goes: nothing is asked of it before a request comes. */
const nothing: unknown = new Proxy(() => nothing, {
  get: (_target, name) => (name === Symbol.toPrimitive ? () => 1 : name === 'then' ? undefined : nothing),
  apply: () => nothing,
});

const absent = (...names: readonly string[]): object => Object.fromEntries(names.map((name) => [name, nothing]));

export type Guarding = (principal: Principal, action: string, target?: { readonly type: string }) => void;

/** Every route of the server, as its composition root makes them, with a guard of the test's and nothing behind. */
export function everyRoute(guard: Guarding = () => undefined): Route[] {
  const deps = nothing as never;
  const clock = { now: () => Date.now() };
  const settings = {
    token_lifetime_s: 300,
    sessions: { idle_s: 900, absolute_s: 43_200 },
    fetch_allow: [],
    mtls: false,
  };
  const identity = createIdentity({
    ...{ segment: { query: async () => [] }, vault: nothing, patients: nothing, scopes: nothing },
    ...{ guard, clock, settings, log: { warn: () => undefined } },
  } as never);
  const access = { guard, decide: guard, visible: nothing, shield: nothing } as never;
  const records = createRecords({
    ...{ identity: deps, clinical: deps, seal: deps, ledger: deps, clock, log: deps },
    ...{ access, settings: { bundle_bytes: 1, bundle_ms: 1 } },
  } as never);
  const vocabulary = { types: new Set(resourceTypes), parameters: scopeParameters, isServedQuery };
  const governance = createGovernance({
    ...absent('segment', 'people', 'access', 'clinical', 'questions', 'log'),
    vocabulary,
    clock,
  } as never);
  const audit = createAudit({
    ...absent('segment', 'ledger', 'people', 'log'),
    vault: nothing,
    clock,
    access,
  } as never);
  const programme = { api: { clock }, operations: () => programmeOperations(deps) };
  const reporting = {
    inheritance: nothing,
    operations: () => [...reportOperations(deps), ...inheritanceOperations(deps)],
  };
  const house = {
    programme,
    reporting,
    identity,
    records,
    governance,
    audit,
    access,
    clock,
    store: nothing,
    seal: nothing,
    base: { url: '' },
    settings: { programme: { trust: 'on', unmet: 'named' } },
  };
  const routes = routesOf(house as never);
  void identity.close();
  return routes;
}
