import { fault } from '@safeguard/kernel';
import type { Connection } from '@safeguard/store';
import type { PolicyState, PolicySummary } from './types.ts';

type StoredState = 'draft' | 'submitted' | 'approved' | 'rejected' | 'withdrawn' | 'activated';

export type PolicyRow = {
  id: string;
  tenant: number;
  version: number;
  state: StoredState;
  edition: number;
  authors: string[];
  based_on: number;
  rolls_back: boolean;
  undoes: boolean;
  drafted_at: Date;
  changed_at: Date;
  key_id: number;
  sealed: Buffer;
  submitted_by: string | null;
  submitted_at: Date | null;
  needed: number | null;
  activates_at: Date | null;
  activated_by: string | null;
  activation: number | null;
};

/** The columns of a PolicyRow, of `access.policy p`. */
export const policyColumns = `p.id, p.tenant, p.version, p.state, p.edition, p.authors, p.based_on, p.rolls_back,
  p.undoes, p.drafted_at, p.changed_at, p.key_id, p.sealed, p.submitted_by, p.submitted_at, p.needed, p.activates_at,
  p.activated_by, p.activation`;

export const noPolicy = () => fault('missing', 'There is no such version of the policy.');

/** What turns the state of a row into what it is at this moment. */
export interface Moment {
  readonly at: number;
  /** The version in force. */
  readonly active: number;
}

function stateAt({ state, version, activates_at }: PolicyRow, { at, active }: Moment): PolicyState {
  if (state !== 'activated') return state;
  if ((activates_at?.getTime() ?? 0) > at) return 'scheduled';
  return version === active ? 'active' : 'superseded';
}

export function summaryOf(row: PolicyRow, moment: Moment): PolicySummary {
  const { tenant, version, edition, authors, based_on, rolls_back, submitted_by, submitted_at, needed } = row;
  const { activates_at, activated_by } = row;
  return {
    ...{ tenant, version, state: stateAt(row, moment), edition, authors, based_on, rolls_back },
    drafted_at: row.drafted_at.getTime(),
    changed_at: row.changed_at.getTime(),
    ...(submitted_by === null ? {} : { submitted_by }),
    ...(submitted_at === null ? {} : { submitted_at: submitted_at.getTime() }),
    ...(needed === null ? {} : { needed }),
    ...(activates_at === null ? {} : { activates_at: activates_at.getTime() }),
    ...(activated_by === null ? {} : { activated_by }),
  };
}

const lock = {
  name: 'access.policy.lock',
  text: `select ${policyColumns} from access.policy p where p.tenant = $1 and p.version = $2 for update`,
};

/** A version, locked against every other step. Fault `missing`. */
export async function lockPolicy(connection: Connection, tenant: number, version: number): Promise<PolicyRow> {
  if (!isVersion(version)) throw noPolicy();
  const [row] = await connection.query<PolicyRow>(lock, [tenant, version]);
  if (row === undefined) throw noPolicy();
  return row;
}

/** The number of a version that may have a row. */
export const isVersion = (version: number): boolean =>
  Number.isSafeInteger(version) && version > 0 && version < 2 ** 31;

/** Fault `conflict` unless the version is in one of the states. */
export function mustBe(row: PolicyRow, ...states: readonly StoredState[]): void {
  if (states.includes(row.state)) return;
  throw fault('conflict', `The version cannot take this step: it is ${row.state}.`);
}
