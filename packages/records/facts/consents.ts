import type { ConsentSnapshot } from '@safeguard/access';
import { typeNumber } from '@safeguard/fhir';
import type { JsonObject } from '@safeguard/kernel';
import type { Statement } from '@safeguard/store';
import type { StoredRow } from '../storage/rows.ts';
import type { Changes } from './changes.ts';
import { type HeadRow, openRows, type ReadingsDeps, stampOf } from './readings.ts';

const allHeads: Statement = {
  name: 'records-fact-consents',
  text: `select r.id, r.version, r.seq from records.resource r
    where r.tenant = $1 and r.type = $2 and r.body is not null`,
};
const someHeads: Statement = {
  name: 'records-fact-some-consents',
  text: `${allHeads.text} and r.id = any ($3::uuid[])`,
};

interface Kept {
  readonly stamp: string;
  /** Absent: not in force, or not about privacy. */
  readonly consent?: JsonObject;
}

interface State {
  readonly kept: Map<string, Kept>;
  snapshot: ConsentSnapshot;
  /** The last look, done or under way. */
  turn: Promise<unknown>;
}

export interface ConsentDeps extends ReadingsDeps {
  readonly changes: Changes;
  /** With what identity holds: for the few that name an actor by something else than a reference. */
  whole(tenant: number, row: StoredRow): Promise<JsonObject | undefined>;
}

const fieldsOf = (value: unknown): JsonObject =>
  typeof value === 'object' && value !== null ? (value as JsonObject) : {};
const listOf = (value: unknown): JsonObject[] => (Array.isArray(value) ? value.map(fieldsOf) : []);

const scopeSystem = 'http://terminology.hl7.org/CodeSystem/consentscope';
const isInForce = ({ status, scope }: JsonObject): boolean =>
  status === 'active' &&
  listOf(fieldsOf(scope).coding).some(
    ({ system = scopeSystem, code }) => code === 'patient-privacy' && system === scopeSystem,
  );

/** Names an actor by an identifier, perhaps: identity keeps those. */
function isNamedOtherwise(provision: JsonObject): boolean {
  const odd = ({ reference }: JsonObject): boolean => typeof fieldsOf(reference).reference !== 'string';
  return listOf(provision.actor).some(odd) || listOf(provision.provision).some(isNamedOtherwise);
}

const byAge = (one: JsonObject, other: JsonObject): number => {
  const [at, otherAt] = [one, other].map(({ meta }) => String(fieldsOf(meta).lastUpdated));
  return (at ?? '') < (otherAt ?? '') || (at === otherAt && String(one.id) < String(other.id)) ? -1 : 1;
};

const rows_most = 400;
const none: ConsentSnapshot = { version: 0, consents: [] };

/** The Consents in force of each tenant, opened once and kept. */
export function createConsents({
  clinical,
  seal,
  changes,
  whole,
}: ConsentDeps): (tenant: number) => Promise<ConsentSnapshot> {
  const states = new Map<number, State>();
  let versions = 0;

  const open = async (tenant: number, heads: readonly HeadRow[]): Promise<[string, Kept][]> => {
    const opened: [string, Kept][] = [];
    for (let start = 0; start < heads.length; start += rows_most) {
      const some = heads.slice(start, start + rows_most).map(({ id }) => id);
      for (const [row, resource] of await openRows({ clinical, seal }, tenant, 'Consent', some)) {
        const needed = isInForce(resource) && isNamedOtherwise(fieldsOf(resource.provision)) && row.identity !== null;
        const consent = needed ? await whole(tenant, row) : resource;
        const kept = consent !== undefined && isInForce(consent) ? { consent } : {};
        opened.push([row.id, { stamp: stampOf(row), ...kept }]);
      }
    }
    return opened;
  };

  /** Whether the list is another one. */
  const apply = async (tenant: number, { kept }: State, ids: ReadonlySet<string> | 'all'): Promise<boolean> => {
    const values = [tenant, typeNumber('Consent')];
    const heads =
      ids === 'all'
        ? await clinical.query<HeadRow>(tenant, allHeads, values)
        : await clinical.query<HeadRow>(tenant, someHeads, [...values, [...ids]]);
    const there = new Set(heads.map(({ id }) => id));
    const looked = ids === 'all' ? [...kept.keys()] : [...ids];
    const fresh = heads.filter((head) => kept.get(head.id)?.stamp !== stampOf(head));
    const opened = new Map(await open(tenant, fresh));
    // Gone since, or its keys are destroyed.
    const gone = [
      ...looked.filter((id) => !there.has(id)),
      ...fresh.map(({ id }) => id).filter((id) => !opened.has(id)),
    ];
    const before = [...gone, ...opened.keys()].some((id) => kept.get(id)?.consent !== undefined);
    for (const id of gone) kept.delete(id);
    for (const [id, one] of opened) kept.set(id, one);
    return before || [...opened.values()].some(({ consent }) => consent !== undefined);
  };

  const bring = async (tenant: number, state: State): Promise<ConsentSnapshot> => {
    await changes.current(tenant);
    const changed = changes.takeConsents(tenant);
    if (changed !== 'all' && changed.size === 0) return state.snapshot;
    try {
      if ((await apply(tenant, state, changed)) || state.snapshot === none) {
        const consents = [...state.kept.values()].flatMap(({ consent }): JsonObject[] => (consent ? [consent] : []));
        versions += 1;
        state.snapshot = { version: versions, consents: consents.sort(byAge) };
      }
    } catch (error) {
      changes.untakeConsents(tenant);
      throw error;
    }
    return state.snapshot;
  };

  return async (tenant) => {
    const state = states.get(tenant) ?? { kept: new Map(), snapshot: none, turn: Promise.resolve() };
    states.set(tenant, state);
    // One after the other: whoever takes the changes must have put them in before the next one answers.
    const turn = state.turn.then(
      () => bring(tenant, state),
      () => bring(tenant, state),
    );
    state.turn = turn;
    return turn;
  };
}
