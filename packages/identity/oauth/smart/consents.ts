import { type Clock, newId } from '@safeguard/kernel';
import type { Segment } from '@safeguard/store';

const columns = 'asked, granted, decided_at';
const select = {
  name: 'identity.consent.find',
  text: `select ${columns} from identity.consent
    where tenant = $1 and account = $2 and client = $3 and patient is not distinct from $4 and ended_at is null`,
};
const keep = {
  name: 'identity.consent.keep',
  text: `insert into identity.consent (id, tenant, account, client, patient, asked, granted, decided_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8)
    on conflict (account, client, coalesce(patient, '00000000-0000-0000-0000-000000000000'::uuid))
      where ended_at is null
    do update set asked = excluded.asked, granted = excluded.granted, decided_at = excluded.decided_at`,
};
const list = {
  name: 'identity.consent.list',
  text: `select client, patient, ${columns} from identity.consent
    where tenant = $1 and account = $2 and ended_at is null order by decided_at desc, id`,
};
const end = {
  name: 'identity.consent.end',
  text: `update identity.consent set ended_at = $4
    where tenant = $1 and account = $2 and client = $3 and ended_at is null returning id`,
};

/** Whose decision, on what app, for which patient's record (null: none in context). */
export interface ConsentKey {
  readonly tenant: number;
  readonly account: string;
  readonly client: string;
  readonly patient: string | null;
}

/** What a person decided. Scopes in normal form. */
export interface Decision {
  readonly asked: readonly string[];
  readonly granted: readonly string[];
}

export interface KeptConsent extends Decision {
  readonly client: string;
  readonly patient: string | null;
  /** Milliseconds since the Unix epoch. */
  readonly decided_at: number;
}

export interface Consents {
  find(key: ConsentKey): Promise<Decision | undefined>;
  /** Takes the place of an earlier decision on the same key. */
  keep(key: ConsentKey, decision: Decision): Promise<void>;
  /** The newest first: for the person's own list of apps. */
  list(tenant: number, account: string): Promise<KeptConsent[]>;
  /**
   * Forgets what was agreed with an app: it has to ask again. Grants and tokens that exist are the caller's to end.
   * False when there was nothing.
   */
  end(tenant: number, account: string, client: string): Promise<boolean>;
}

type ConsentRow = { client: string; patient: string | null; asked: string[]; granted: string[]; decided_at: Date };

export const createConsents = ({ segment, clock }: { segment: Segment; clock: Clock }): Consents => ({
  async find({ tenant, account, client, patient }) {
    const [row] = await segment.query<ConsentRow>(tenant, select, [tenant, account, client, patient]);
    return row === undefined ? undefined : { asked: row.asked, granted: row.granted };
  },
  async keep({ tenant, account, client, patient }, { asked, granted }) {
    const at = new Date(clock.now());
    await segment.query(tenant, keep, [newId(), tenant, account, client, patient, asked, granted, at]);
  },
  async list(tenant, account) {
    const rows = await segment.query<ConsentRow>(tenant, list, [tenant, account]);
    return rows.map(({ decided_at, ...row }) => ({ ...row, decided_at: decided_at.getTime() }));
  },
  end: async (tenant, account, client) =>
    (await segment.query(tenant, end, [tenant, account, client, new Date(clock.now())])).length > 0,
});
