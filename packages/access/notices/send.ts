import type { Clock } from '@safeguard/kernel';
import { isFault } from '@safeguard/kernel';
import type { Segment } from '@safeguard/store';
import type { AccessLog } from '../grants/deps.ts';
import type { PeoplePort } from '../people-port.ts';
import type { NoticeKind } from './types.ts';
import { pathOf, sentenceOf } from './words.ts';

/** What of `@safeguard/mail` is used. Faults `invalid` (never again) and `unavailable`. */
export interface MailPort {
  send(message: {
    readonly to: string;
    readonly subject: string;
    readonly text: string;
    readonly id: string;
  }): Promise<void>;
  /** Whether mail can be sent there at all. */
  isAddress(text: string): boolean;
}

export interface SendDeps {
  readonly segment: Segment;
  readonly clock: Clock;
  readonly people: Pick<PeoplePort, 'byIds' | 'tenants'>;
  readonly mail: MailPort;
  /** Public base of our pages, no trailing slash. */
  readonly base: string;
  readonly log: AccessLog;
}

const batch = 20;
const attempts_most = 12;
/** Longer than a mail server may take: who claimed it has sent it by then, or died. */
const lease_ms = 120_000;
const hour_ms = 3_600_000;

/** Claims some for a while: another replica passes over what is locked, and over what is claimed. */
const claim = {
  name: 'access.notice.claim',
  text: `with due as (select id from access.notice where tenant = $1 and try_at <= $2
        order by try_at, number limit $3 for update skip locked)
    update access.notice n set attempts = n.attempts + 1, try_at = $4 from due
    where n.tenant = $1 and n.id = due.id returning n.id, n.kind, n.account, n.about, n.attempts`,
};
const sent = {
  name: 'access.notice.sent',
  text: 'update access.notice set sent_at = $3, try_at = null where tenant = $1 and id = $2',
};
/** `$3` null: given up. */
const later = {
  name: 'access.notice.later',
  text: 'update access.notice set try_at = $3 where tenant = $1 and id = $2 and sent_at is null',
};

type Claimed = { id: string; kind: NoticeKind; account: string; about: string; attempts: number };

/** 1, 2, 4 … minutes, at most 6 hours. */
const backOff_ms = (attempts: number): number => Math.min(60_000 * 2 ** (attempts - 1), 6 * hour_ms);

const end = 'This message holds nothing of a patient.';

const textOf = (base: string, { kind, about }: Claimed): string =>
  `${sentenceOf(kind)}\n\nSign in to see it: ${base}${pathOf(kind, about)}\n\n${end}\n`;

/** Sends one. Answers whether the mail server took it. */
async function sendOne(deps: SendDeps, tenant: number, notice: Claimed, to: string | undefined): Promise<boolean> {
  const { segment, clock, mail, base, log } = deps;
  const { id, attempts } = notice;
  if (to === undefined) {
    await segment.query(tenant, later, [tenant, id, null]);
    return false;
  }
  try {
    await mail.send({ to, subject: `Safeguard: ${sentenceOf(notice.kind)}`, text: textOf(base, notice), id });
  } catch (error) {
    const over = attempts >= attempts_most || (isFault(error) && error.kind === 'invalid');
    log.warn(over ? 'a notice could not be sent and is given up' : 'a notice could not be sent', { error });
    const next = over ? null : new Date(clock.now() + backOff_ms(attempts));
    await segment.query(tenant, later, [tenant, id, next]);
    return false;
  }
  await segment.query(tenant, sent, [tenant, id, new Date(clock.now())]);
  return true;
}

/** Addresses of active accounts whose login is one. */
async function addressesOf({ people, mail }: SendDeps, tenant: number, accounts: readonly string[]) {
  const found = await people.byIds(tenant, accounts);
  const fit = found.filter(({ state, login }) => state === 'active' && mail.isAddress(login));
  return new Map(fit.map(({ id, login }) => [id, login]));
}

/** One tenant's: all that is due, in batches. */
async function sendOf(deps: SendDeps, tenant: number, goOn: () => boolean): Promise<number> {
  const { segment, clock } = deps;
  let count = 0;
  while (goOn()) {
    const now = clock.now();
    const times = [new Date(now), batch, new Date(now + lease_ms)];
    const claimed = await segment.query<Claimed>(tenant, claim, [tenant, ...times]);
    if (claimed.length === 0) break;
    const addresses = await addressesOf(deps, tenant, [...new Set(claimed.map(({ account }) => account))]);
    for (const notice of claimed) {
      if (await sendOne(deps, tenant, notice, addresses.get(notice.account))) count += 1;
    }
  }
  return count;
}

/** Every tenant's; what fails in one does not keep the others waiting. `goOn`: asked before every batch. */
export async function sendDue(deps: SendDeps, goOn: () => boolean): Promise<number> {
  let count = 0;
  for (const tenant of await deps.people.tenants()) {
    try {
      count += await sendOf(deps, tenant, goOn);
    } catch (error) {
      deps.log.warn('notices of a tenant could not be sent', { error });
    }
  }
  return count;
}
