import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAccess } from '@safeguard/access';
import { resourceTypes } from '@safeguard/fhir';
import type { Answer, Principal, RequestContext, Route } from '@safeguard/http';
import { newId } from '@safeguard/kernel';
import { createLedger, ed25519Signer, migrations as ledgerMigrations } from '@safeguard/ledger';
import { createSeal, fileProvider, migrations as sealMigrations } from '@safeguard/seal';
import { type Segment, testStore } from '@safeguard/store';
import { createRecords, migrations, type RecordsDeps, scopeParameters } from '../index.ts';

const migrationSets = [...sealMigrations, ...ledgerMigrations, ...migrations];

/** The real packages on a real PostgreSQL, without HTTP: routes are called as `http` calls them. */
export async function openHouse(more: Partial<RecordsDeps> = {}) {
  const store = await testStore(migrationSets);
  const folder = await mkdtemp(join(tmpdir(), 'safeguard-records-'));
  const clock = { at: Date.now(), now: () => clock.at };
  const segments = {
    identity: counted(store.segment('identity')),
    clinical: counted(store.segment('clinical')),
    ledger: counted(store.segment('ledger')),
  };
  const provider = await fileProvider({ directory: join(folder, 'keys') });
  const seal = createSeal({ provider, segments, clock });
  const log = { info() {}, warn() {}, error() {} };
  const signer = ed25519Signer('test', generateKeyPairSync('ed25519').privateKey);
  const ledger = await createLedger({
    segment: segments.ledger,
    vault: (tenant) => seal.vault('ledger', tenant),
    clock,
    signer,
    anchors: join(folder, 'anchors'),
    log,
  });
  const records = createRecords({
    ...segments,
    seal,
    ledger,
    access: createAccess({ types: new Set(resourceTypes), parameters: scopeParameters, policies: 'off' }),
    clock,
    log,
    settings: { bundle_bytes: 1 << 26, bundle_ms: 60_000 },
    ...more,
  });
  const routes = records.routes();
  return {
    store,
    segments,
    seal,
    ledger,
    records,
    clock,
    call: (asked: Asked) => callRoute(routes, clock, asked),
    close: async () => {
      await records.close();
      await ledger.close();
      seal.close();
      await store.close();
    },
  };
}

export interface Asked {
  readonly action: string;
  readonly params?: Record<string, string>;
  readonly query?: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  readonly view?: Principal['view'];
  /** Id of who asks; absent: somebody new. */
  readonly who?: string;
}

/** A segment that tells how often it was asked. */
function counted(segment: Segment): Segment & { asked: number } {
  return {
    name: segment.name,
    asked: 0,
    query(tenant, statement, values) {
      this.asked += 1;
      return segment.query(tenant, statement, values);
    },
    transaction(tenant, work) {
      this.asked += 1;
      return segment.transaction(tenant, work);
    },
  };
}

async function callRoute(routes: readonly Route[], clock: { now(): number }, asked: Asked): Promise<Answer> {
  const { action, params = {}, query = '', body, headers = {}, view = 'full', who = newId() } = asked;
  const route = routes.find((one) => one.action === action);
  if (route === undefined) throw new Error(`no route for ${action}`);
  const principal: Principal = { tenant: 1, kind: 'client', id: who, scopes: ['system/*.cruds'], view };
  const id = newId();
  const at = clock.now();
  const context: RequestContext = {
    id,
    at,
    principal,
    method: route.method,
    params,
    query: new URLSearchParams(query),
    headers,
    body: body === undefined ? Buffer.alloc(0) : Buffer.from(JSON.stringify(body)),
    remote: '127.0.0.1',
    base: 'https://test',
    signal: new AbortController().signal,
    event: (status, targets) => ({
      id,
      at,
      kind: 'request',
      tenant: 1,
      actor: principal.id,
      view,
      action,
      outcome: status < 400 ? 'permit' : 'fail',
      status,
      from: '127.0.0.1',
      targets,
    }),
  };
  return route.handle(context);
}
