import { platform } from '../tenants.ts';
import type { SessionDeps } from './deps.ts';
import type { EndedSession, EndReason, RecordEnd } from './types.ts';

/** Ends that no request's own entry tells of: nobody asked for them, or somebody who asked for something else. */
export const toldByNoRequest: readonly EndReason[] = ['idle', 'too old', 'another browser', 'replaced'];
/** By then the process that noticed has written it, or never will. */
const settled_ms = 30_000;
const slice = 1_000;

const mark = {
  name: 'identity.session.recorded',
  text: 'update identity.session set recorded_at = $2 where id = $1',
};
/** The oldest first. The reasons stand in the text: so the index of 0012, which lists the same, is used. */
const unrecorded = {
  name: 'identity.session.unrecorded',
  text: `select id, tenant, account, reason, ended_at from identity.session
    where reason in ('${toldByNoRequest.join("', '")}') and recorded_at is null and ended_at < $1
    order by ended_at limit ${slice}`,
};
type Row = { id: string; tenant: number; account: string; reason: EndReason; ended_at: Date };

export interface SessionRecord {
  /** For `onEnd`: writes what ended just now. Never throws. */
  heard(ended: EndedSession): void;
  /** Writes what is still not written, of this process or another; returns how many. */
  sweep(): Promise<number>;
  /** Resolves when nothing is being written any more. */
  settled(): Promise<void>;
}

/**
 * Every end of a session stands in the ledger: by the entry of the request that asked for it, or by one of its own.
 * The end is in the database first and marked when its entry is durable: a failure, or a process that was killed in
 * between, leaves it to the sweep. An end may so be written twice (its entry durable, the mark lost), under one id,
 * never not.
 */
export function createSessionRecord({ segment, clock, log, record }: SessionDeps): SessionRecord {
  const underWay = new Map<string, Promise<boolean>>();
  const write = async (tell: RecordEnd, ended: Parameters<RecordEnd>[0]): Promise<boolean> => {
    try {
      await tell(ended);
      await segment.query(platform, mark, [ended.session, new Date(clock.now())]);
      return true;
    } catch (error) {
      log.warn('the end of a session was not recorded; it will be tried again', { error });
      return false;
    }
  };
  const writeOnce = (tell: RecordEnd, ended: Parameters<RecordEnd>[0]): Promise<boolean> => {
    const { session } = ended;
    const writing = underWay.get(session) ?? write(tell, ended).finally(() => underWay.delete(session));
    underWay.set(session, writing);
    return writing;
  };
  return {
    heard(ended) {
      if (record === undefined || !toldByNoRequest.includes(ended.reason)) return;
      void writeOnce(record, { ...ended, at: clock.now() });
    },
    async sweep() {
      if (record === undefined) return 0;
      const rows = await segment.query<Row>(platform, unrecorded, [new Date(clock.now() - settled_ms)]);
      let count = 0;
      for (const { id, tenant, account, reason, ended_at } of rows) {
        const written = await writeOnce(record, { tenant, account, session: id, reason, at: ended_at.getTime() });
        // A ledger that does not answer is not asked a thousand times over.
        if (!written) break;
        count += 1;
      }
      return count;
    },
    settled: async () => void (await Promise.all(underWay.values())),
  };
}
