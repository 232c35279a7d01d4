import { isUuid } from '@safeguard/kernel';
import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { Sessions, SignedIn } from '../sessions/types.ts';
import { acrOf } from './smart/person.ts';

const seconds = (at_ms: number): number => Math.floor(at_ms / 1000);

/**
 * oidc-provider's session is ours, seen by its eyes: it is made anew from OUR cookie at every request, so that it can
 * neither outlive ours nor contradict it. Of its own it keeps what apps were signed in to, under our session's id, for
 * their back-channel log-out. It has no cookie: what it would set is left out of the answer.
 */
export function bindSessions(provider: Provider, sessions: Pick<Sessions, 'signedIn'>): void {
  const { Session } = provider;
  const of = async ({ session, account, authenticated_at, methods, level }: SignedIn) => {
    const kept = (await Session.adapter.find(session)) ?? {};
    return {
      authorizations: kept.authorizations,
      kind: 'Session',
      uid: session,
      jti: session,
      accountId: account,
      loginTs: seconds(authenticated_at),
      acr: acrOf(level),
      amr: [...methods],
    };
  };
  const get = async (ctx: KoaContextWithOIDC) => {
    const signedIn = await sessions.signedIn(ctx.headers.cookie, ctx.headers['user-agent']);
    const payload = signedIn === undefined ? undefined : await of(signedIn);
    const session = new (Session as unknown as new (payload?: object) => InstanceType<typeof Session>)(payload);
    ctx.oidc.entity('Session', session);
    return session;
  };
  Object.assign(Session, { get });
  // The cookie is renewed by our own sessions, when a factor is shown.
  Session.prototype.resetIdentifier = () => undefined;
  const { save } = Session.prototype;
  Session.prototype.save = async function (this: InstanceType<typeof Session>, ttl: number) {
    return isUuid(this.uid) && this.accountId !== undefined ? save.call(this, ttl) : '';
  };
}
