import { fault, isFault, isUuid, newId } from '@safeguard/kernel';
import type { Connection } from '@safeguard/store';
import { platform } from '../../tenants.ts';
import { noResource, scimFault } from '../fault.ts';
import type { ScimDeps } from '../ports.ts';
import { isPlainObject, type Stored } from '../values.ts';
import type { Settling } from './settle.ts';
import { type Group, type GroupStore, mostGroups } from './store.ts';

/** A group with the ids of its members. */
export interface FullGroup {
  readonly group: Group;
  readonly members: readonly string[];
}

function bodyOf({ displayName, externalId }: Stored): { displayName: string; externalId?: string } {
  if (typeof displayName !== 'string') throw scimFault('invalidValue', 'A group has a displayName.');
  return { displayName, ...(typeof externalId === 'string' ? { externalId } : {}) };
}

const noMember = () => scimFault('invalidValue', 'A member is no user of this service.');

function membersOf({ members }: Stored): string[] {
  const values = (Array.isArray(members) ? members : []).map((one: unknown) => (isPlainObject(one) ? one : {}));
  const ids = values.map(({ value, type }) => {
    if (typeof type === 'string' && type.toLowerCase() !== 'user') {
      throw scimFault('invalidValue', 'Members of a group are users: groups in groups are not taken.');
    }
    if (typeof value !== 'string' || !isUuid(value)) throw noMember();
    return value;
  });
  return [...new Set(ids)];
}

/** What a directory may change of a group: what PATCH begins with. */
export const changeableGroup = ({ group, members }: FullGroup): Stored => ({
  displayName: group.displayName,
  ...(group.externalId === undefined ? {} : { externalId: group.externalId }),
  ...(members.length === 0 ? {} : { members: members.map((value) => ({ value, type: 'User' })) }),
});

const changedMeanwhile = () => fault('conflict', 'It is being changed by another request: repeat this one.');

/** Directories send changes of one large group side by side. */
const attempts = 10;

/** The groups of a tenant as a directory writes them. */
export function createGroups({ segment, clock }: ScimDeps, store: GroupStore, settling: Settling) {
  const now = (): Date => new Date(clock.now());

  const read = async (tenant: number, id: string): Promise<FullGroup> => {
    const group = isUuid(id) ? await store.read(tenant, id) : undefined;
    if (group === undefined) throw noResource();
    return { group, members: await store.members(tenant, id) };
  };

  const join = async (connection: Connection, tenant: number, id: string, added: readonly string[]): Promise<void> => {
    if (added.length === 0) return;
    if ((await store.join(connection, tenant, id, added)) < added.length) throw noMember();
  };

  const create = async (tenant: number, wanted: Stored): Promise<FullGroup> => {
    const id = newId();
    const members = membersOf(wanted);
    const sealed = await store.seal(tenant, id, 1, bodyOf(wanted), now());
    await segment.transaction(platform, async (connection) => {
      if (!(await store.insert(connection, sealed))) {
        throw scimFault('tooMany', `A tenant has ${mostGroups} groups at most.`);
      }
      await join(connection, tenant, id, members);
    });
    return read(tenant, id);
  };

  /** Names and members in one transaction, which marks whose rights change by it; then they do. */
  const write = async (tenant: number, before: FullGroup, wanted: Stored): Promise<FullGroup> => {
    const { group, members } = before;
    const wantedMembers = membersOf(wanted);
    const [had, has] = [new Set(members), new Set(wantedMembers)];
    const left = members.filter((id) => !has.has(id));
    const added = wantedMembers.filter((id) => !had.has(id));
    const version = group.version + 1;
    const sealed = await store.seal(tenant, group.id, version, bodyOf(wanted), now());
    await segment.transaction(platform, async (connection) => {
      const scopes = await store.hold(connection, tenant, group.id);
      if (scopes === undefined || !(await store.update(connection, sealed, version))) throw changedMeanwhile();
      await store.leave(connection, tenant, group.id, left);
      await join(connection, tenant, group.id, added);
      if (scopes.length > 0) await settling.mark(connection, tenant, [...left, ...added]);
    });
    await settling.settleAll(tenant);
    return read(tenant, group.id);
  };

  return {
    read,
    create,
    replace: write,
    /** Whoever is overtaken by another change begins again from what that left. */
    async patch(tenant: number, before: FullGroup, change: (from: Stored) => Stored): Promise<FullGroup> {
      for (let [attempt, from] = [1, before]; ; [attempt, from] = [attempt + 1, await read(tenant, before.group.id)]) {
        try {
          return await write(tenant, from, change(changeableGroup(from)));
        } catch (error) {
          if (!isFault(error) || error.kind !== 'conflict' || attempt === attempts) throw error;
        }
      }
    },
    async remove(tenant: number, { group }: FullGroup): Promise<void> {
      await segment.transaction(platform, async (connection) => {
        const scopes = await store.hold(connection, tenant, group.id);
        if (scopes !== undefined && scopes.length > 0) await settling.markMembers(connection, tenant, group.id);
        await store.drop(connection, tenant, group.id);
      });
      await settling.settleAll(tenant);
    },
  };
}

export type Groups = ReturnType<typeof createGroups>;
