import { typeNumber } from '@safeguard/fhir';
import type { Clock } from '@safeguard/kernel';
import type { Row, Segment, Statement } from '@safeguard/store';

export const factTypes = ['CareTeam', 'Consent', 'PractitionerRole'] as const;
export type FactType = (typeof factTypes)[number];

export const isFactType = (type: string): type is FactType => (factTypes as readonly string[]).includes(type);

/** By type a number that grows when something of it was written or erased. */
export type Generations = Readonly<Record<FactType, number>>;

/** Which Consents have changed since they were last taken; `all`: that is not known. */
export type Changed = ReadonlySet<string> | 'all';

/** Knows, by one small query a second at most, whether anything changed that facts are made of. */
export interface Changes {
  /** As of a second ago at most. Asks nothing of the database when it was asked within the last second. */
  current(tenant: number): Promise<Generations>;
  /** The changed Consents; whoever takes them reads them. */
  takeConsents(tenant: number): Changed;
  /** Takes them back: they could not be read. */
  untakeConsents(tenant: number): void;
  /** This process wrote something: the next look is made at once. */
  touched(tenant: number): void;
}

const fresh_ms = 1_000;
/** Changes are kept for an hour; who has not looked for so long reads everything anew. */
const forgotten_ms = 30 * 60_000;
const sweep_ms = 10 * 60_000;

const snapshotNow: Statement = {
  name: 'records-fact-snapshot',
  text: 'select pg_current_snapshot()::text as snapshot',
};
const changedSince: Statement = {
  name: 'records-fact-changes',
  text: `select pg_current_snapshot()::text as snapshot, c.type, c.ids from (select 1) one left join (
      select type, array_agg(distinct id) filter (where type = $3) as ids from records.fact_change
      where tenant = $1 and xid >= pg_snapshot_xmin($2::pg_snapshot)
        and not pg_visible_in_snapshot(xid, $2::pg_snapshot)
      group by type
    ) c on true`,
};
const sweepChanges: Statement = {
  name: 'records-fact-sweep',
  text: `delete from records.fact_change where tenant = $1 and at < now() - interval '1 hour'`,
};

interface SnapshotRow extends Row {
  readonly snapshot: string;
  readonly type?: number | null;
  readonly ids?: readonly string[] | null;
}

interface State {
  snapshot: string | undefined;
  /** When the last look began. */
  looked: number;
  swept: number;
  /** Counts writes of this process: a look that began before one does not tell of it. */
  touches: number;
  seen: number;
  generations: Generations;
  consents: Set<string> | 'all';
  looking: Promise<void> | undefined;
}

/** `xmin:xmax:list`. */
const newestOf = (snapshot: string): bigint => BigInt(snapshot.split(':')[1] ?? '0');

const numbers = new Map(factTypes.map((type) => [typeNumber(type), type]));

export function createChanges({ clinical, clock }: { readonly clinical: Segment; readonly clock: Clock }): Changes {
  const states = new Map<number, State>();
  const stateOf = (tenant: number): State => {
    const known = states.get(tenant);
    if (known !== undefined) return known;
    const state: State = {
      ...{ snapshot: undefined, looked: Number.NEGATIVE_INFINITY, swept: clock.now(), touches: 0, seen: 0 },
      ...{ generations: { CareTeam: 0, Consent: 0, PractitionerRole: 0 }, consents: 'all', looking: undefined },
    };
    states.set(tenant, state);
    return state;
  };

  /** `touches`: the writes of this process that the answer has to know of. */
  const isFresh = ({ looked, seen }: State, touches: number): boolean => {
    const age_ms = clock.now() - looked;
    return seen >= touches && age_ms >= 0 && age_ms < fresh_ms;
  };

  const note = (state: State, types: readonly FactType[], ids: Changed): void => {
    const grown = types.map((type): [FactType, number] => [type, state.generations[type] + 1]);
    state.generations = { ...state.generations, ...Object.fromEntries(grown) };
    if (ids === 'all') state.consents = 'all';
    else if (state.consents !== 'all') for (const id of ids) state.consents.add(id);
  };

  const lookAt = async (tenant: number, state: State, began: number): Promise<void> => {
    const { snapshot } = state;
    const known = snapshot !== undefined && began - state.looked < forgotten_ms;
    const rows = known
      ? await clinical.query<SnapshotRow>(tenant, changedSince, [tenant, snapshot, typeNumber('Consent')])
      : await clinical.query<SnapshotRow>(tenant, snapshotNow);
    const now = rows[0]?.snapshot ?? '';
    // A database that counts fewer transactions than before is another one: put back from a copy.
    if (!known || newestOf(now) < newestOf(snapshot)) note(state, factTypes, 'all');
    else {
      const types = rows.flatMap(({ type }) => numbers.get(type ?? 0) ?? []);
      note(state, types, new Set(rows.flatMap(({ ids }) => ids ?? [])));
    }
    state.snapshot = now;
  };

  const look = async (tenant: number, state: State): Promise<void> => {
    const [began, touches] = [clock.now(), state.touches];
    await lookAt(tenant, state, began);
    state.looked = began;
    state.seen = touches;
    if (began - state.swept < sweep_ms) return;
    state.swept = began;
    await clinical.query(tenant, sweepChanges, [tenant]);
  };

  return {
    current: async (tenant) => {
      const state = stateOf(tenant);
      const { touches } = state;
      while (!isFresh(state, touches)) {
        state.looking ??= look(tenant, state).finally(() => {
          state.looking = undefined;
        });
        await state.looking;
      }
      return state.generations;
    },
    takeConsents: (tenant) => {
      const state = stateOf(tenant);
      const taken = state.consents;
      state.consents = new Set();
      return taken;
    },
    untakeConsents: (tenant) => {
      stateOf(tenant).consents = 'all';
    },
    touched: (tenant) => {
      stateOf(tenant).touches += 1;
    },
  };
}
