import { isUuid } from '@safeguard/kernel';
import { platform } from '../tenants.ts';
import { cookies } from './cookies.ts';
import type { SessionDeps } from './deps.ts';
import { endAllOf, endSession } from './end.ts';
import { createKnownSessions, type KnownSessions } from './known.ts';
import { listSessions } from './list.ts';
import { insertSession, prepareSession } from './open.ts';
import { createSessionRecord } from './record.ts';
import { lockSession, renewSession } from './renew.ts';
import { createSignedIn } from './signed-in.ts';
import { sweepSessions } from './sweep.ts';
import type { EndedSession, SessionCookies, SessionSteps, Sessions } from './types.ts';

/** About 700 bytes each. */
const mostKnown = 10_000;

type Listener = (ended: EndedSession) => void;

/** A listener that throws is a mistake of ours: what is ended stays ended, and the others are told. */
function tell(deps: SessionDeps, listeners: readonly Listener[], ended: readonly EndedSession[]): void {
  for (const one of ended) {
    for (const listener of listeners) {
      try {
        listener(one);
      } catch (error) {
        deps.log.warn('the end of a session was not heard', { error });
      }
    }
  }
}

function stepsOf(deps: SessionDeps, known: KnownSessions, listeners: readonly Listener[]): SessionSteps {
  return {
    prepare: (opening) => prepareSession(deps, opening),
    insert: (connection, prepared) => insertSession(deps, connection, prepared),
    lock: (connection, of, secret) => lockSession(deps, connection, of, secret),
    renew: (connection, session, how) => renewSession(deps, connection, session, how),
    endAll: (connection, of, except) => endAllOf(deps, connection, of, except),
    committed({ ended = [], renewed }) {
      const gone = new Set([...ended.map(({ session }) => session), ...(renewed === undefined ? [] : [renewed])]);
      if (gone.size > 0) known.forget(({ session }) => gone.has(session));
      tell(deps, listeners, ended);
    },
  };
}

export type OpenSessions = Sessions & {
  readonly cookies: SessionCookies;
  readonly steps: SessionSteps;
  /** Forgets all that this process knew of an account's sessions: for `Accounts.onChange`. */
  forget(tenant: number, account: string): void;
  /** Waits for ends that are being written to the ledger. */
  close(): Promise<void>;
};

/** Sign-in sessions: see types.ts for what each verb promises. */
export function createSessions(deps: SessionDeps): OpenSessions {
  const known = createKnownSessions(mostKnown);
  const record = createSessionRecord(deps);
  const listeners: Listener[] = [record.heard];
  const steps = stepsOf(deps, known, listeners);
  const end: Sessions['end'] = async (tenant, account, session, reason = 'ended by the person') => {
    const ended = await endSession(deps, { tenant, account }, session, reason);
    steps.committed({ ended });
    return ended.length > 0;
  };
  return {
    async open(opening) {
      const prepared = await steps.prepare(opening);
      const ended = await deps.segment.transaction(platform, (connection) => steps.insert(connection, prepared));
      steps.committed({ ended });
      return { secret: prepared.secret, id: prepared.id };
    },
    signedIn: createSignedIn(deps, known, ({ tenant, account, session }, why) => end(tenant, account, session, why)),
    async renew(session, how) {
      const renewed = await deps.segment.transaction(platform, (one) => steps.renew(one, session, how));
      steps.committed({ renewed: session });
      return renewed;
    },
    list: (tenant, account) => listSessions(deps, tenant, account),
    end,
    async endAll(tenant, account, except) {
      if (!isUuid(account) || (except !== undefined && !isUuid(except))) return 0;
      const reason = except === undefined ? 'ended by the service' : 'ended by the person';
      const of = { tenant, account, reason } as const;
      const ended = await deps.segment.transaction(platform, (one) => steps.endAll(one, of, except));
      steps.committed({ ended });
      return ended.length;
    },
    async sweep() {
      const { ended, rows } = await sweepSessions(deps);
      steps.committed({ ended });
      return rows + (await record.sweep());
    },
    onEnd: (listener) => void listeners.push(listener),
    cookies,
    steps,
    forget: (tenant, account) => known.forget((who) => who.account === account && who.tenant === tenant),
    async close() {
      known.clear();
      await record.settled();
    },
  };
}
