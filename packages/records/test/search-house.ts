import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createAccess } from '@safeguard/access';
import { parametersOf, resourceTypes } from '@safeguard/fhir';
import type { Principal, RequestEvent } from '@safeguard/http';
import { type JsonObject, newId } from '@safeguard/kernel';
import { createSeal, fileProvider, migrations as sealMigrations } from '@safeguard/seal';
import { type Segment, testStore } from '@safeguard/store';
import type { Call, Shelf } from '../call.ts';
import { scopeParameters } from '../search/criteria.ts';
import { createEngine, type Seeing } from '../search/engine.ts';
import { createFinder } from '../search/find.ts';
import { createOpener } from '../storage/open.ts';
import { createPatientsOf } from '../storage/patients.ts';
import { createRowReader } from '../storage/read.ts';
import type { Write } from '../storage/seal-write.ts';
import { createWriter } from '../storage/write.ts';
import { type SearchScope, searchScope } from '../verbs/search.ts';

const migrations = (['identity', 'clinical'] as const).map((segment) => ({
  package: 'records',
  segment,
  folder: fileURLToPath(new URL(`../migrations/${segment}`, import.meta.url)),
}));

/** A segment that tells how often it was asked. */
export function counted(segment: Segment): Segment & { asked: number } {
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

const event = (id: string): RequestEvent => ({
  id,
  at: 0,
  kind: 'request',
  tenant: 1,
  actor: 'test',
  view: 'full',
  action: 'create',
  outcome: 'permit',
  status: 201,
  from: '',
  targets: [],
});

export interface Bundle {
  readonly total?: number;
  readonly link: readonly { readonly relation: string; readonly url: string }[];
  readonly entry?: readonly { readonly resource: JsonObject; readonly search: { readonly mode: string } }[];
}

/** Storage, index and search on a real PostgreSQL, without ledger and HTTP. `unguarded`: the guard lets all through. */
export async function openSearchHouse(
  options: { readonly unguarded?: boolean; readonly few?: number; readonly access?: Partial<Seeing> } = {},
) {
  const store = await testStore([...sealMigrations, ...migrations]);
  const folder = await mkdtemp(join(tmpdir(), 'safeguard-search-'));
  const clock = { at: Date.now(), now: () => clock.at };
  const identity = counted(store.segment('identity'));
  const clinical = counted(store.segment('clinical'));
  const segments = { identity, clinical, ledger: store.segment('ledger') };
  const provider = await fileProvider({ directory: join(folder, 'keys') });
  const seal = createSeal({ provider, segments, clock });
  const reader = createRowReader(identity, clinical);
  const opener = createOpener(seal, reader, Date.now);
  const real = createAccess({ types: new Set(resourceTypes), parameters: scopeParameters, policies: 'off' });
  const access = { ...real, ...(options.unguarded ? { visible: () => 'all' as const } : {}), ...options.access };
  const engine = createEngine({
    clinical,
    identity,
    seal,
    opener,
    access,
    parameters: () => Promise.resolve((type) => parametersOf(type)),
    now: clock.now,
    ...(options.few === undefined ? {} : { few: options.few }),
  });
  const finder = createFinder({ identity, clinical, seal, reader, opener, engine, now: clock.now });
  const writer = createWriter({
    identity,
    clinical,
    seal,
    ledger: { sealIntent: () => Promise.resolve(Buffer.from('-')), state: () => ({ serving: true }) as never },
    stale: { settle: () => undefined } as never,
  });
  const shelf = {
    clinical,
    seal,
    opener,
    reader,
    finder,
    engine,
    access,
    guard: access.guard,
    clock,
    patientsOf: createPatientsOf(seal),
  } as unknown as Shelf;

  const write = async (writes: readonly Write[]): Promise<void> => {
    const batch = await writer.seal(1, writes, event(newId()));
    await clinical.transaction(1, (connection) => writer.put(1, batch, connection));
  };
  const principal = (more: Partial<Principal> = {}): Principal => ({
    tenant: 1,
    kind: 'client',
    id: newId(),
    scopes: ['system/*.cruds'],
    view: 'full',
    ...more,
  });
  const search = async (
    scope: SearchScope,
    query: string,
    who: Partial<Principal> = {},
    lenient = false,
  ): Promise<Bundle> => {
    const call = { principal: principal(who), base: 'https://test', conditions: {}, lenient } as unknown as Call;
    const outcome = await searchScope(shelf, call, scope, new URLSearchParams(query));
    return JSON.parse(outcome.text ?? '{}');
  };
  return {
    store,
    identity,
    clinical,
    engine,
    finder,
    shelf,
    clock,
    principal,
    write,
    create: async (resource: JsonObject, id = newId()): Promise<string> => {
      await write([{ type: String(resource.resourceType), id, expected: 0, at: clock.at, resource }]);
      return id;
    },
    search,
    /** Follows the links of a relation from a query on. */
    walk: async (scope: SearchScope, query: string, who: Partial<Principal> = {}): Promise<Bundle[]> => {
      const pages: Bundle[] = [];
      let next: string | undefined = query;
      while (next !== undefined) {
        const page: Bundle = await search(scope, next, who);
        pages.push(page);
        next = linkOf(page, 'next');
        if (pages.length > 500) throw new Error('the pages do not end');
      }
      return pages;
    },
    close: async () => {
      seal.close();
      await store.close();
    },
  };
}

/** The query of a link. */
export const linkOf = (page: Bundle, relation: string): string | undefined =>
  page.link.find((link) => link.relation === relation)?.url.split('?')[1];

export const idsOf = (page: Bundle, mode = 'match'): string[] =>
  (page.entry ?? []).filter((entry) => entry.search.mode === mode).map((entry) => String(entry.resource.id));

export const ofType = (type: string): SearchScope => ({ kind: 'type', type });
