import { fault, isUuid } from '@safeguard/kernel';
import type { SignedCheckpoint } from '@safeguard/ledger';
import type { Audited } from '../event.ts';
import { shownEvents } from '../fhir/shown.ts';
import { clientOf } from '../index/tokens.ts';
import { agentsOf } from '../people.ts';
import { idOf } from '../place.ts';
import { findEvents } from '../search/find-events.ts';
import { bundleOf } from '../search/search.ts';
import type { House } from '../types.ts';
import { disclosureOf } from './disclosure.ts';
import { type AccessRow, rowOf } from './rows.ts';

/** What is accounted for. Times in milliseconds since the Unix epoch. */
export interface Asked {
  /** Default: six years before `to` (45 CFR 164.528(a)(1)). */
  readonly from?: number;
  /** Exclusive. Default: now. */
  readonly to?: number;
  /** Present: the reader may know of these patients alone (the patient, a proxy). Absent: an officer. */
  readonly only?: readonly string[];
}

/** Who accessed a patient's record, newest first. */
export interface Accounting {
  readonly patient: string;
  readonly from: number;
  readonly to: number;
  readonly generated_at: number;
  readonly rows: readonly AccessRow[];
  /** True: there are older accesses in the period than those that are listed; ask for a shorter one. */
  readonly cut: boolean;
  /** The newest checkpoint of each of the tenant's logs: against these the entries can be verified. */
  readonly checkpoints: readonly Pick<SignedCheckpoint, 'origin' | 'size' | 'root' | 'note'>[];
}

/** Rows of one accounting. */
const rows_most = 20_000;
const years = 6;

const sixYearsBefore = (to: number): number => {
  const date = new Date(to);
  date.setUTCFullYear(date.getUTCFullYear() - years);
  return Math.max(0, date.getTime());
};

interface Gathered {
  readonly found: readonly Audited[];
  readonly more: boolean;
  readonly from: number;
  readonly to: number;
}

async function gather(house: House, tenant: number, patient: string, asked: Asked): Promise<Gathered> {
  if (!isUuid(patient)) throw fault('invalid', 'Expected the id of a Patient');
  const to = asked.to ?? house.clock.now() + 1;
  const from = asked.from ?? sixYearsBefore(to);
  if (!(from < to)) throw fault('invalid', 'The period ends before it begins');
  await house.fresh(tenant);
  const query = { from, to, patients: [patient], count: rows_most };
  return { ...(await findEvents(house, tenant, query, undefined, rows_most)), from, to };
}

async function checkpointsOf({ ledger }: House, tenant: number): Promise<Accounting['checkpoints']> {
  const logs = await ledger.sizes(tenant);
  const found = await Promise.all(logs.map(({ shard }) => ledger.checkpoint(tenant, shard)));
  return found.filter((one) => one !== undefined);
}

/** Everything that touched a patient's record, each access marked as 45 CFR 164.528 sees it. */
export async function accountingOf(house: House, tenant: number, patient: string, asked: Asked): Promise<Accounting> {
  const { found, more, from, to } = await gather(house, tenant, patient, asked);
  const keys = await house.vault(tenant);
  const ids = found.flatMap(({ event }) => [event.actor, clientOf(event) ?? []].flat());
  const agents = await agentsOf(house.people, tenant, ids);
  const rows = found.map((one) => rowOf(one, idOf(keys, one.place), agents, asked.only));
  const checkpoints = await checkpointsOf(house, tenant);
  return { patient, from, to, generated_at: house.clock.now(), rows, cut: more, checkpoints };
}

/** The same as FHIR: a searchset of AuditEvents; what counts as a disclosure in the form of one. */
export async function accountingBundle(
  house: House,
  tenant: number,
  patient: string,
  { base, ...asked }: Asked & { readonly base: string },
): Promise<object> {
  const { found } = await gather(house, tenant, patient, asked);
  const agents = await agentsOf(
    house.people,
    tenant,
    found.flatMap(({ event }) => [event.actor, clientOf(event) ?? []].flat()),
  );
  const shown = found.map((one) => {
    const form = disclosureOf(one.event, agents).counts ? ('disclosure' as const) : ('event' as const);
    return { ...one, form };
  });
  const showing = { tenant, base, ...(asked.only === undefined ? {} : { only: asked.only }) };
  const events = await shownEvents(house, showing, shown);
  return bundleOf(base, [{ relation: 'self', url: `${base}/AuditEvent` }], events);
}
