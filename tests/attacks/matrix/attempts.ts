import { randomUUID } from 'node:crypto';
import type { Asked } from '../../harness/instance.ts';
import type { Asker } from './askers.ts';
import { type Letter, may, mayOfType, type Target } from './expected.ts';
import { bodyOf, ofPatients, type Planted, type World } from './world.ts';

/** One request of somebody, and what the table says of it. */
export interface Attempt {
  readonly asker: Asker;
  /** As the route table names it. */
  readonly route: string;
  readonly asked: Asked;
  /** What it is about, as the ledger is to name it. */
  readonly target?: { readonly type: string; readonly id: string };
  /** `either`: the type is within reach, and nothing of it is. `anything`: what the answer shows is what counts. */
  readonly expected: 'served' | 'refused' | 'either' | 'anything';
  /** What a body that is served may hold: all of these, or at most these. */
  readonly shows?: { readonly canaries: ReadonlySet<string>; readonly exactly: boolean; readonly entries?: number };
}

const none: ReadonlySet<string> = new Set();
const stale = { 'if-match': 'W/"99"' };
const jsonPatch = { 'content-type': 'application/json-patch+json' };
const patch = JSON.stringify([{ op: 'add', path: '/language', value: 'en' }]);

interface Way {
  readonly route: string;
  readonly letter: Letter;
  readonly asked: (at: string, planted: Planted) => Asked;
}

/** On one resource. What would change it comes with the version of another one: let through it is 412. */
const ways: readonly Way[] = [
  { route: 'GET /fhir/R4/:type/:id', letter: 'r', asked: (path) => ({ path }) },
  { route: 'GET /fhir/R4/:type/:id/_history', letter: 'r', asked: (at) => ({ path: `${at}/_history` }) },
  {
    route: 'GET /fhir/R4/:type/:id/_history/:version',
    letter: 'r',
    asked: (at) => ({ path: `${at}/_history/1` }),
  },
  {
    route: 'PUT /fhir/R4/:type/:id',
    letter: 'u',
    asked: (path, { body }) => ({ method: 'PUT', path, headers: stale, body }),
  },
  { route: 'DELETE /fhir/R4/:type/:id', letter: 'd', asked: (path) => ({ method: 'DELETE', path, headers: stale }) },
];
/** It reads what it changes. */
const patching: Way = {
  route: 'PATCH /fhir/R4/:type/:id',
  letter: 'u',
  asked: (path) => ({ method: 'PATCH', path, headers: { ...jsonPatch, ...stale }, body: patch }),
};
const showing: Way = { route: 'GET /fhir/R4/:type/:id/$meta', letter: 'r', asked: (at) => ({ path: `${at}/$meta` }) };

/** In these views resources go by names of the caller's own: by ours there is nothing. */
const isNamed = ({ asking: { view } }: Asker): boolean => view === 'full' || view === 'without-identity';

function onOne(asker: Asker, way: Way, planted: Planted): Attempt {
  const { type, id, canary } = planted;
  const may_it = isNamed(asker) && may(asker.asking, planted, way.letter);
  return {
    ...{ asker, route: way.route, asked: way.asked(`/fhir/R4/${type}/${id}`, planted), target: { type, id } },
    expected: may_it ? 'served' : 'refused',
    shows: { canaries: may_it ? new Set([canary]) : none, exactly: may_it && way.letter === 'r' },
  };
}

const unknown = (type: string): Planted => ({
  ...{ type, id: randomUUID(), kind: 'unknown', tenant: 'here', canary: '', body: {} },
});

/** Every resource by every way; ids that never were. */
export function* onResources(asker: Asker, { planted }: World, types: readonly string[]): Generator<Attempt> {
  for (const one of planted) {
    for (const way of ways) yield onOne(asker, way, one);
    if (one.kind === 'mine' || one.kind === 'other') yield onOne(asker, showing, one);
    if (one.kind === 'refused' || one.kind === 'foreign') yield onOne(asker, patching, one);
  }
  for (const type of types) yield onOne(asker, ways[0] as Way, unknown(type));
}

type Listing = readonly [route: string, asked: (type: string) => Asked];
const form = { 'content-type': 'application/x-www-form-urlencoded' };
const listings: readonly Listing[] = [
  ['GET /fhir/R4/:type', (type) => ({ path: `/fhir/R4/${type}?_count=200` })],
  [
    'POST /fhir/R4/:type/_search',
    (type) => ({ method: 'POST', path: `/fhir/R4/${type}/_search`, headers: form, body: '_count=200' }),
  ],
  ['GET /fhir/R4/:type/_history', (type) => ({ path: `/fhir/R4/${type}/_history?_count=200` })],
];

/** What somebody finds of a type is what they may, neither more nor less. */
export function* onTypes(asker: Asker, { planted }: World, types: readonly string[]): Generator<Attempt> {
  for (const type of types) {
    const found = planted.filter((one) => one.type === type && may(asker.asking, one, 's'));
    const canaries = new Set(found.map(({ canary }) => canary));
    const expected = found.length > 0 ? 'served' : mayOfType(asker.asking, type, 's') ? 'either' : 'refused';
    const shows = { canaries, exactly: isNamed(asker), entries: found.length };
    for (const [route, asked] of listings) {
      // De-identified, only one resource's history is told: what changed when is a way to know somebody.
      const isClosed = asker.asking.view === 'deidentified' && route.endsWith('/_history');
      yield { asker, route, asked: asked(type), expected: isClosed ? 'refused' : expected, shows };
    }
  }
}

/** Makes something of a type: in A's compartment, in B's, in nobody's. These are the last: there is more afterwards. */
export function* onNew(asker: Asker, { patients: { a, b } }: World, types: readonly string[]): Generator<Attempt> {
  for (const type of types) {
    for (const patient of ofPatients.has(type) ? [a, b] : type === 'Patient' ? ['new'] : [undefined]) {
      const of = patient === undefined ? {} : { patient };
      const target: Target = { type, tenant: asker.asking.tenant, kind: 'mine', ...of };
      yield {
        ...{ asker, route: 'POST /fhir/R4/:type' },
        asked: { method: 'POST', path: `/fhir/R4/${type}`, body: bodyOf(type, type === 'Patient' ? {} : of) },
        expected: may(asker.asking, target, 'c') ? 'served' : 'refused',
      };
    }
  }
}
