import { isUuid } from '@safeguard/kernel';
import type { Segment } from '@safeguard/store';
import type { AccessLog } from '../grants/deps.ts';

const minute_ms = 60_000;
const mostNoted = 200_000;

/** Locked in one order, as everybody locks several grants. */
const note = {
  name: 'access.grant.used',
  text: `with u as (select * from unnest($2::uuid[], $3::timestamptz[]) as u (id, at)),
      held as (select g.id from access.grant g where g.tenant = $1 and g.id in (select u.id from u)
        order by g.id for update)
    update access.grant g set used_at = u.at from u, held
    where g.tenant = $1 and g.id = u.id and held.id = g.id and (g.used_at is null or g.used_at < u.at)`,
};

/** When grants last let something through. */
export interface Uses {
  /** To the minute; in memory until the next flush. */
  note(tenant: number, grant: string, at: number): void;
  /** One statement a tenant. What could not be written waits for the next time. */
  flush(): Promise<void>;
}

export function createUses(segment: Segment, log: AccessLog): Uses {
  const noted = new Map<number, Map<string, number>>();
  const flushOne = async (tenant: number, uses: Map<string, number>): Promise<void> => {
    noted.delete(tenant);
    const times = [...uses.values()].map((at) => new Date(at));
    try {
      await segment.query(tenant, note, [tenant, [...uses.keys()], times]);
    } catch (error) {
      log.warn('the last use of grants could not be written', { error });
      const since = noted.get(tenant) ?? new Map<string, number>();
      noted.set(tenant, new Map([...uses, ...since]));
    }
  };
  return {
    note(tenant, grant, at) {
      const minute = at - (at % minute_ms);
      let uses = noted.get(tenant);
      if (uses === undefined) {
        uses = new Map();
        noted.set(tenant, uses);
      }
      if (uses.get(grant) === minute || (uses.size >= mostNoted && !uses.has(grant)) || !isUuid(grant)) return;
      uses.set(grant, minute);
    },
    async flush() {
      for (const [tenant, uses] of [...noted]) await flushOne(tenant, uses);
    },
  };
}
