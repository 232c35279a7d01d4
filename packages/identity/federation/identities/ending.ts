import type { Connection } from '@safeguard/store';
import type { EndedSession, SessionSteps } from '../../sessions/types.ts';

/**
 * Whose access hangs on a provider: who is linked there and has no other door, or has signed in by single sign-on and
 * is signed in still. In one order, so that two endings never wait for one another in a ring.
 */
const concerned = {
  name: 'identity.federation_identity.concerned',
  text: `select i.account from identity.federation_identity i
    join identity.account a on a.id = i.account and a.tenant = i.tenant
    where i.provider = $1 and i.tenant = $2 and (a.external or exists
      (select from identity.session s where s.account = i.account and s.tenant = i.tenant and s.ended_at is null
        and 'sso' = any (s.methods)))
    order by i.account`,
};

/** What ends within a transaction of the caller's, as the platform. */
export interface Ends {
  /** Sessions and tokens of whose access hangs on the provider, while its links stand. */
  provider(connection: Connection, of: { readonly tenant: number; readonly id: string }): Promise<void>;
  account(connection: Connection, of: { readonly tenant: number; readonly account: string }): Promise<void>;
}

export interface Ending {
  /** Runs a transaction that ends sessions; after its commit this process forgets them, and apps are told. */
  committed<T>(work: (ends: Ends) => Promise<T>): Promise<T>;
}

type Steps = Pick<SessionSteps, 'endAll' | 'committed'>;

/** Without `steps` there are no sessions to end. */
export const createEnding = (steps: Steps | undefined): Ending => ({
  async committed(work) {
    const ended: EndedSession[] = [];
    const account: Ends['account'] = async (connection, of) => {
      ended.push(...((await steps?.endAll(connection, of)) ?? []));
    };
    const done = await work({
      account,
      async provider(connection, { tenant, id }) {
        const rows = await connection.query<{ account: string }>(concerned, [id, tenant]);
        for (const row of rows) await account(connection, { tenant, account: row.account });
      },
    });
    steps?.committed({ ended });
    return done;
  },
});
