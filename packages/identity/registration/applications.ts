import { fault, isUuid } from '@safeguard/kernel';
import type { Connection } from '@safeguard/store';
import { platform } from '../tenants.ts';
import { changeLocked, setState } from './change.ts';
import { checkedFields, halves } from './content.ts';
import { insertApplication } from './create.ts';
import { checkReason, decideLocked } from './decide.ts';
import { revokeLocked } from './end.ts';
import { actorId, historyOf, tell } from './events.ts';
import { keyUses, rotated, secretUses, writeJwks } from './proofs.ts';
import {
  type ApplicationRow,
  asApplication,
  currentOf,
  lockOne,
  missing,
  openSealer,
  type Sealer,
  selectAll,
  selectOne,
} from './rows.ts';
import type { Actor, Application, Applications, CoreDeps } from './types.ts';

interface Held {
  readonly connection: Connection;
  readonly row: ApplicationRow;
  readonly sealer: Sealer;
  readonly at: Date;
}

export type Locked = (tenant: number, id: string, work: (held: Held) => Promise<void>) => Promise<Application>;

const findWith =
  ({ segment, vault }: CoreDeps) =>
  async (tenant: number, id: string) => {
    if (!isUuid(id)) return undefined;
    const [row] = await segment.query<ApplicationRow>(platform, selectOne, [tenant, id]);
    return row === undefined ? undefined : { row, sealer: await openSealer(await vault(tenant)) };
  };

/** One application at a time, whole or not at all; keys are at hand before. Fault `missing`: another tenant's too. */
export const createLocked = (deps: CoreDeps): Locked => {
  const { segment, vault, clock } = deps;
  const find = findWith(deps);
  return async (tenant, id, work) => {
    if (!isUuid(id)) throw missing();
    const sealer = await openSealer(await vault(tenant));
    await segment.transaction(platform, async (connection) => {
      const [row] = await connection.query<ApplicationRow>(lockOne, [tenant, id]);
      if (row === undefined) throw missing();
      await work({ connection, row, sealer, at: new Date(clock.now()) });
    });
    const found = await find(tenant, id);
    if (found === undefined) throw missing();
    return asApplication(sealer, found.row);
  };
};

export const checkOpen = ({ row }: Pick<Held, 'row'>): void => {
  if (row.client_state === 'revoked') throw fault('conflict', 'The application is revoked: it cannot be changed.');
};

async function submit({ connection, row, at }: Held, actor: Actor): Promise<void> {
  const { id, proposed } = row;
  checkOpen({ row });
  if (row.state !== 'draft') throw fault('conflict', 'Only a draft is submitted: change it first.');
  await tell(connection, { id, at, kind: 'submit', actor, version: proposed });
  await setState(connection, { id, proposed, at }, 'pending');
}

async function withdraw({ connection, row, at }: Held, actor: Actor): Promise<void> {
  const { id, proposed } = row;
  checkOpen({ row });
  const current = currentOf(row);
  if (row.state !== 'pending' && (current === null || row.state === 'approved')) {
    throw fault('conflict', 'Nothing waits that could be withdrawn.');
  }
  await tell(connection, { id, at, kind: 'withdraw', actor, version: proposed });
  await setState(connection, { id, proposed: current ?? proposed, at }, current === null ? 'draft' : 'approved');
}

function verbs(deps: CoreDeps, locked: Locked) {
  const { segment, vault, clock, scopes: rules, clients } = deps;
  return {
    async create(actor: Actor, given) {
      const { tenant } = actor;
      const fields = checkedFields(given, { rules, tenant });
      const sealer = await openSealer(await vault(tenant));
      const wanted = { actor, source: 'portal', requester: actorId(actor), state: 'draft', ...halves(fields) } as const;
      const id = await segment.transaction(platform, (connection) =>
        insertApplication(connection, sealer, { ...wanted, at: new Date(clock.now()) }),
      );
      return locked(tenant, id, async () => undefined);
    },
    change: (actor, id, changes, version) =>
      locked(actor.tenant, id, async (held) => {
        checkOpen(held);
        if (version !== undefined && version !== held.row.proposed) {
          throw fault('stale', 'It was changed since it was shown: look at it again.');
        }
        await changeLocked(deps, held.sealer, held.connection, held.row, { actor, changes, at: held.at });
      }),
    submit: (actor, id) => locked(actor.tenant, id, (held) => submit(held, actor)),
    withdraw: (actor, id) => locked(actor.tenant, id, (held) => withdraw(held, actor)),
    decide: (actor, id, decision) =>
      locked(actor.tenant, id, ({ sealer, connection, row, at }) =>
        decideLocked(deps, sealer, connection, row, { actor, decision, at }),
      ),
    async revoke(actor, id, reason) {
      checkReason(reason);
      const ended = await locked(actor.tenant, id, ({ sealer, connection, row, at }) =>
        revokeLocked(sealer, connection, row, { actor, reason, at }),
      );
      // What this process remembers of its tokens.
      await clients.revoke(id);
      return ended;
    },
  } satisfies Partial<Applications>;
}

/** What was asked for, what of it is in force, and who decided. See README.md. */
export function createApplications(deps: CoreDeps): Applications {
  const { segment, vault, clock, clients } = deps;
  const locked = createLocked(deps);
  const find = findWith(deps);
  const found = async (tenant: number, id: string) => {
    const one = await find(tenant, id);
    if (one === undefined) throw missing();
    return one;
  };
  return {
    ...verbs(deps, locked),
    async byId(tenant, id) {
      const one = await find(tenant, id);
      return one === undefined ? undefined : asApplication(one.sealer, one.row);
    },
    async list(tenant, requester) {
      const rows = await segment.query<ApplicationRow>(platform, selectAll, [tenant, requester ?? null]);
      const sealer = await openSealer(await vault(tenant));
      return rows.map((row) => asApplication(sealer, row));
    },
    async rotateSecret(tenant, id, overlap_s) {
      const { row } = await found(tenant, id);
      const { auth_method } = row.content;
      if (row.client_state !== 'approved' || !auth_method.startsWith('client_secret')) {
        throw fault('conflict', 'Only an application in force that proves itself by a secret gets one.');
      }
      return clients.rotateSecret(id, overlap_s === undefined ? {} : { overlap_s });
    },
    async rotateKey(tenant, id, jwk, overlap_s) {
      await locked(tenant, id, ({ connection, row }) =>
        writeJwks(connection, id, rotated(row.jwks, jwk, clock.now(), overlap_s)),
      );
      return keyUses(segment, (await found(tenant, id)).row, clock.now());
    },
    keys: async (tenant, id) => keyUses(segment, (await found(tenant, id)).row, clock.now()),
    secrets: async (tenant, id) => secretUses(segment, tenant, (await found(tenant, id)).row.id, clock.now()),
    async history(tenant, id) {
      const { sealer } = await found(tenant, id);
      return historyOf(segment, sealer, tenant, id);
    },
  };
}
