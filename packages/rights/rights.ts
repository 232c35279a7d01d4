import type { Principal } from '@safeguard/http';
import { type Clock, fault, isUuid, newId } from '@safeguard/kernel';
import type { Vault } from '@safeguard/seal';
import type { Connection, Segment } from '@safeguard/store';
import { checkAnswer, checkRequest, requireText } from './check.ts';
import { remind } from './remind.ts';
import {
  asRequest,
  insert,
  lockById,
  openWritten,
  type RequestRow,
  sealWritten,
  selectById,
  selectPage,
  update,
  type Written,
} from './rows.ts';
import type { NewRightRequest, RightFilter, RightKind, RightRequest, Rights } from './types.ts';

/** Tells people, without a word of what was asked. In the transaction of what it tells of. */
export type TellRight = (
  connection: Connection,
  told: {
    readonly tenant: number;
    readonly kind: 'right-asked' | 'right-answered' | 'right-due';
    /** Id of the request. */
    readonly about: string;
    /** Ids of accounts. */
    readonly to: readonly string[];
    /** Milliseconds since the Unix epoch. */
    readonly at: number;
    /** The same is told again only under another word. */
    readonly again?: string;
  },
) => Promise<void>;

export interface RightsDeps {
  /** The identity segment. */
  readonly segment: Segment;
  readonly vault: (tenant: number) => Promise<Vault>;
  readonly clock: Clock;
  readonly tell: TellRight;
  /** Ids of those who work on requests: asked before the transaction, told in it. */
  readonly officers: (tenant: number) => Promise<readonly string[]>;
  /** A patient's record as this person may see it: FHIR resources, one a line. */
  readonly copy: (principal: Principal, patient: string) => Promise<string>;
}

const day_ms = 86_400_000;
/** Days that the house has (164.524(b)(2), 164.526(b)(2); for objections our own). */
export const clock_days: Readonly<Record<RightKind, number>> = { export: 30, amendment: 60, objection: 30 };
/** By which the clock is extended once. */
export const extension_days = 30;
const [usual, most] = [50, 200];

const noRequest = () => fault('missing', 'There is no such request.');
const closed = () => fault('conflict', 'The request is closed already.');

/** Of whom the person may ask: the patients that the account stands for; the house for anybody. */
const standsFor = ({ within }: Principal, patient: string): boolean => within === undefined || within.includes(patient);

interface Change {
  readonly row?: Partial<RequestRow>;
  readonly written?: Partial<Written>;
}

const rowValues = (row: RequestRow): unknown[] => [
  ...[row.tenant, row.id, row.due_at, row.state, row.extended_at, row.extended_by, row.closed_at, row.closed_by],
  ...[row.fetched, row.version],
];

/** One request changed in one transaction: who comes second finds what the first left. */
async function changeOne(
  { segment, vault }: Pick<RightsDeps, 'segment' | 'vault'>,
  tenant: number,
  id: string,
  work: (found: RightRequest, connection: Connection) => Change | Promise<Change>,
): Promise<RightRequest> {
  if (!isUuid(id)) throw noRequest();
  const doors = await vault(tenant);
  return segment.transaction(tenant, async (connection) => {
    const [row] = await connection.query<RequestRow>(lockById, [tenant, id]);
    if (row === undefined) throw noRequest();
    const [written = {}] = await openWritten(doors, [row]);
    const change = await work(asRequest(row, written), connection);
    const next = { ...row, ...change.row, version: row.version + 1 };
    const text = { ...written, ...change.written };
    const { key_id, sealed } = await sealWritten(doors, row.asked_by, id, next.version, text);
    await connection.query(update, [...rowValues(next), key_id, sealed]);
    return asRequest(next, text);
  });
}

/** Own requests alone for who stands for patients; what is not theirs is not there. */
function requireOwn({ id, within }: Principal, { asked_by, patient }: RightRequest): void {
  if (asked_by !== id || (within !== undefined && !within.includes(patient))) throw noRequest();
}

const requireOpen = ({ state }: RightRequest): void => {
  if (state !== 'open') throw closed();
};

/** Nobody answers what they asked themselves, nor what concerns a patient that they stand for. */
function requireOther({ id }: Principal, { asked_by }: RightRequest): void {
  if (asked_by === id) throw fault('forbidden', 'Nobody answers a request of their own.');
}

async function ask(deps: RightsDeps, by: Principal, wanted: NewRightRequest): Promise<RightRequest> {
  const { segment, vault, clock, tell, officers } = deps;
  const now = clock.now();
  checkRequest(wanted, now);
  if (!standsFor(by, wanted.patient)) throw fault('missing', 'There is no such patient.');
  const { kind, patient, text, about, received_at } = wanted;
  if (received_at !== undefined && by.within !== undefined) throw fault('invalid', 'The clock runs from now.');
  const id = newId();
  const asked_at = new Date(received_at ?? now);
  const due_at = new Date(asked_at.getTime() + clock_days[kind] * day_ms);
  const written = { ...(text === undefined ? {} : { text }), ...(about === undefined ? {} : { about }) };
  const { key_id, sealed } = await sealWritten(await vault(by.tenant), by.id, id, 1, written);
  const to = await officers(by.tenant);
  return segment.transaction(by.tenant, async (connection) => {
    const values = [id, by.tenant, kind, patient, by.id, asked_at, due_at, key_id, sealed, by.within === undefined];
    if ((await connection.query(insert, values)).length === 0) {
      throw fault('conflict', 'A copy was asked for already; that request is open.');
    }
    await tell(connection, { tenant: by.tenant, kind: 'right-asked', about: id, to, at: now });
    const [row] = await connection.query<RequestRow>(selectById, [by.tenant, id]);
    if (row === undefined) throw fault('internal', 'A request that was just made is not there.');
    return asRequest(row, written);
  });
}

function filterValues(tenant: number, filter: RightFilter, now: number): unknown[] {
  const { kind, state, account, patients, overdue, after, count = usual } = filter;
  if (after !== undefined && !isUuid(after)) throw fault('invalid', 'A page begins after the id of a request.');
  if (!Number.isSafeInteger(count) || count < 1) throw fault('invalid', 'A page has 1 to 200 requests.');
  const late = overdue === true ? new Date(now) : null;
  return [
    ...[tenant, kind ?? null, state ?? null, account ?? null, patients ?? null, late, after ?? null],
    Math.min(count, most),
  ];
}

/** Patients' rights over their record: asked, timed, answered, kept. */
export function createRights(deps: RightsDeps): Rights {
  const { segment, vault, clock, tell, copy } = deps;
  const now = (): Date => new Date(clock.now());
  const read = async (tenant: number, rows: readonly RequestRow[]): Promise<RightRequest[]> => {
    if (rows.length === 0) return [];
    const written = await openWritten(await vault(tenant), rows);
    return rows.map((row, at) => asRequest(row, written[at] ?? {}));
  };
  const byId = async (tenant: number, id: string): Promise<RightRequest | undefined> =>
    isUuid(id) ? (await read(tenant, await segment.query<RequestRow>(tenant, selectById, [tenant, id])))[0] : undefined;
  // Who asked on paper is answered on paper.
  const tellAsker = async (connection: Connection, { tenant, id, asked_by, on_paper }: RightRequest): Promise<void> =>
    on_paper
      ? undefined
      : tell(connection, { tenant, kind: 'right-answered', about: id, to: [asked_by], at: clock.now() });
  return {
    remind: (tenant) => remind(deps, tenant),
    ask: (by, wanted) => ask(deps, by, wanted),
    byId,
    list: async (tenant, filter = {}) =>
      read(tenant, await segment.query<RequestRow>(tenant, selectPage, filterValues(tenant, filter, clock.now()))),
    withdraw: (by, id) =>
      changeOne(deps, by.tenant, id, (found) => {
        requireOwn(by, found);
        requireOpen(found);
        return { row: { state: 'withdrawn', closed_at: now(), closed_by: by.id } };
      }),
    extend(by, id, reason) {
      requireText('reason', reason);
      return changeOne(deps, by.tenant, id, async (found, connection) => {
        requireOpen(found);
        if (found.extension !== undefined) throw fault('conflict', 'A request is extended once.');
        if (found.due_at < clock.now()) throw fault('conflict', 'The time was over already.');
        await tellAsker(connection, found);
        const due_at = new Date(found.due_at + extension_days * day_ms);
        return { row: { due_at, extended_at: now(), extended_by: by.id }, written: { extension: reason } };
      });
    },
    answer(by, id, { verdict, text, basis }) {
      return changeOne(deps, by.tenant, id, async (found, connection) => {
        checkAnswer(found.kind, verdict, text, basis);
        requireOpen(found);
        requireOther(by, found);
        await tellAsker(connection, found);
        const answer = basis === undefined ? { text } : { text, basis };
        return { row: { state: verdict, closed_at: now(), closed_by: by.id }, written: { answer } };
      });
    },
    disagree(by, id, text) {
      requireText('text', text);
      return changeOne(deps, by.tenant, id, (found) => {
        requireOwn(by, found);
        if (found.kind !== 'amendment' || found.state !== 'denied') {
          throw fault('conflict', 'A statement of disagreement stands beside a denied amendment.');
        }
        if (found.disagreement !== undefined) throw fault('conflict', 'There is a statement already.');
        return { written: { disagreement: { at: clock.now(), text } } };
      });
    },
    async fetch(by, id) {
      const asked = await byId(by.tenant, id);
      if (asked === undefined) throw noRequest();
      requireOwn(by, asked);
      if (asked.kind !== 'export' || asked.state === 'withdrawn' || asked.state === 'denied') throw closed();
      const lines = await copy(by, asked.patient);
      const request = await changeOne(deps, by.tenant, id, (found) => {
        if (found.state !== 'open' && found.state !== 'fulfilled') throw closed();
        const fetched = [...(found.fetched ?? []), clock.now()].slice(-most).map((at) => new Date(at));
        const first = found.state === 'open' ? { state: 'fulfilled' as const, closed_at: now(), closed_by: by.id } : {};
        return { row: { fetched, ...first } };
      });
      return { request, lines };
    },
  };
}
