import assert from 'node:assert/strict';
import { after } from 'node:test';
import { createHttp, createLog, type Principal, type RequestEvent, type Route } from '@safeguard/http';
import { type CheckContext, type CheckResult, fault, type Probe } from '@safeguard/kernel';
import * as verifier from '@safeguard/verifier';
import { type Ledger, type LedgerCheckDeps, type LedgerDeps, ledgerChecks } from '../index.ts';
import { openFixture } from './fixture.ts';

/** The checks' two tenants. */
export const [first, second] = [8, 9];

const route: Route = {
  method: 'GET',
  path: '/fhir/R4/Patient',
  action: 'search-type',
  auth: 'token',
  errors: 'fhir',
  handle: () => ({ status: 200, body: '{}' }),
};

const client = (tenant: number): Principal => ({
  ...{ tenant, kind: 'client', id: `client-${tenant}`, scopes: [], view: 'full' },
});

/** What becomes of an event on its way to the log; the sound one changes nothing. */
type Way = (event: RequestEvent) => RequestEvent | undefined;

/** A running server whose requests go into the ledger, and a probe that asks it. */
async function serving(
  ledger: Ledger,
  way: { through: Way },
): Promise<{ probe: LedgerCheckDeps['probe']; close(): Promise<void> }> {
  const http = createHttp({
    routes: [route],
    ports: {
      authenticate: ({ authorization }) => {
        const tenant = Number(/^Bearer (\d+)$/.exec(authorization ?? '')?.[1]);
        if (tenant > 0) return client(tenant);
        throw fault('unauthenticated', 'A bearer token is required');
      },
      record: async (event) => {
        const kept = way.through(event);
        if (kept !== undefined) await ledger.append(kept.tenant, [kept]);
      },
    },
    settings: {
      ...{ host: '127.0.0.1', port: 0 },
      limits: { body_bytes: 4096, header_bytes: 4096, url_bytes: 1024, connections: 64, inflight_bytes: 1_000_000 },
      deadlines: {
        ...{ request_ms: 2000, ledger_ms: 1000, headers_ms: 600, idle_ms: 400, keep_alive_ms: 2000, stop_ms: 1000 },
      },
    },
    tls: 'off',
    log: createLog({ level: 'error' }),
    health: { ready: async () => undefined },
  });
  const { url } = await http.listen();
  const tokens = { first, second, nobody: 0, deidentified: first };
  const ask: Probe['ask'] = async ({ path, as = 'nobody' }) => {
    const headers: Record<string, string> = as === 'nobody' ? {} : { authorization: `Bearer ${tokens[as]}` };
    const answer = await fetch(`${url}${path}`, { headers: { ...headers, connection: 'close' } });
    const told = Object.fromEntries(answer.headers);
    return { status: answer.status, headers: told, text: await answer.text(), id: told['x-request-id'] ?? '' };
  };
  const entryOf: Probe['entryOf'] = async (tenant, id) => {
    for await (const event of ledger.recent(tenant, Date.now() - 60_000)) {
      if ('id' in event && event.id === id) return event as Readonly<Record<string, unknown>>;
    }
    return undefined;
  };
  return { probe: { ask, entryOf, tenants: async () => [first, second] }, close: () => http.close() };
}

/** A ledger with its checks. `change`: of the ledger, `checkpoint_interval_ms` say. */
export async function openChecks(change: Partial<LedgerDeps> = {}) {
  const fixture = await openFixture();
  const ledger = await fixture.open({ checkpoint_interval_ms: 100, ...change });
  const way: { through: Way } = { through: (event) => event };
  const { probe, close } = await serving(ledger, way);
  after(close);
  const { segment, signer, anchors, store } = fixture;
  const deps: LedgerCheckDeps = { ledger, segment, reader: store.reader(), signer, anchors, probe, verifier };
  const numbers: Readonly<Record<string, number>> = {
    'audit.verify_hours': 24,
    'audit.retention_years': 6,
    'audit.checkpoint_seconds': 1,
  };
  const number = (name: string): number => {
    const found = numbers[name];
    assert.ok(found !== undefined, `the parameter ${name}`);
    return found;
  };
  const contextAt = (at: number): CheckContext => ({ at, number, signal: new AbortController().signal });
  let checks = ledgerChecks(deps);
  /** As a start of the server: what checks remember is gone. */
  const forget = (more: Partial<LedgerCheckDeps> = {}): void => {
    checks = ledgerChecks({ ...deps, ...more });
  };
  const run = (id: string, at = Date.now()): Promise<CheckResult> => {
    const check = checks.find((one) => one.id === `ledger.${id}`);
    assert.ok(check !== undefined, id);
    return check.run(contextAt(at));
  };
  const sql = (text: string) => store.sql('ledger', text);
  return { ...fixture, ledger, way, deps, run, forget, sql };
}
