import { randomBytes } from 'node:crypto';
import { type Check, type CheckResult, isFault, type ProbeAnswer, resultOf } from '@safeguard/kernel';
import { clearTries, subjectOf, subjects, takeTryOf } from '../sign-in/limits.ts';
import { platform } from '../tenants.ts';
import { hour_s, type IdentityCheckDeps } from './deps.ts';

/** Nobody's addresses (RFC 2606 2): there is no such account, and none is made. */
const logins = { locked: 'locked-out@checks.invalid', recorded: 'wrong-password@checks.invalid' } as const;

/** As a browser sends the form of the sign-in page. */
async function signInWrongly(deps: IdentityCheckDeps, tenant: number, login: string): Promise<ProbeAnswer> {
  const name = await deps.identity.tenants.nameOf(tenant);
  const password = randomBytes(12).toString('base64url');
  return deps.probe.ask({
    method: 'POST',
    path: '/sign-in',
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' },
    body: new URLSearchParams({ tenant: name, return: '', login, password }).toString(),
    as: 'nobody',
  });
}

type Work = Parameters<typeof subjectOf>[0];
const workOf = ({ segment, vault, clock, numbers }: IdentityCheckDeps): Work =>
  ({ segment, vault, clock, settings: numbers === undefined ? {} : { attempts: numbers.attempts } }) as Work;

/** Before the first administrator nobody signs in at all: nothing can be tried. */
const notYet: CheckResult = {
  ...{ result: 'unknown', examined: 0, saw: 'Nobody can sign in before there is a first administrator.' },
  todo: 'Open the one-time link that the first start printed.',
};
const isClosed = ({ status }: ProbeAnswer): boolean => status === 503;

const forget = ({ segment }: IdentityCheckDeps, tenant: number, subject: string): Promise<void> =>
  segment.transaction(platform, (connection) => clearTries(connection, tenant, [subject]));

/** How many tries the counter gives, `most` at most; it counts in the database, before anything is hashed. */
async function triesGiven(deps: IdentityCheckDeps, tenant: number, subject: string, most: number): Promise<number> {
  for (let given = 0; given < most; given += 1) {
    try {
      await takeTryOf(workOf(deps), subject, { reason: 'too many failures', tenant });
    } catch (error) {
      if (isFault(error) && error.kind === 'tooMany') return given;
      throw error;
    }
  }
  return most;
}

export const lockOut = (deps: IdentityCheckDeps): Check => ({
  id: 'identity.lock-out',
  title: 'Guessing is locked out',
  query:
    'Counts `signin.attempts` failures against a login of the checks by the counter of the sign-in, ' +
    'and one more; then ' +
    'signs in once with that login at the running server: it must be refused before anything is looked at (429).',
  every_s: hour_s,
  async run({ number }) {
    const attempts = number('signin.attempts');
    const [tenant] = await deps.probe.tenants();
    const subject = await subjectOf(workOf(deps), tenant, subjects.login(logins.locked));
    await forget(deps, tenant, subject);
    const wrong: string[] = [];
    try {
      const given = await triesGiven(deps, tenant, subject, attempts + 1);
      if (given > attempts) wrong.push(`${given} failures in a row were counted, and another try was still given`);
      const answer = await signInWrongly(deps, tenant, logins.locked);
      if (isClosed(answer)) return notYet;
      const { status } = answer;
      if (status !== 429) wrong.push(`a sign-in after ${given} failures was answered ${status}, not 429`);
    } finally {
      await forget(deps, tenant, subject);
    }
    return resultOf({
      examined: attempts + 2,
      wrong,
      met: `After ${attempts} failures in a row no further try was given, and the server refused to look at one (429).`,
      unmet: 'passwords can be guessed further after the allowed failures.',
      todo: 'See that the sign-in counts failures in the database, and that signin.attempts is what it allows.',
    });
  },
});

export const signInsRecorded = (deps: IdentityCheckDeps): Check => ({
  id: 'identity.sign-ins-recorded',
  title: 'Failed sign-ins stand in the log',
  query:
    'Signs in at the running server with a login that nobody has: it must be refused, stand in the ' +
    'log of that tenant ' +
    'as a refused sign-in, and the entry must not hold the login.',
  every_s: hour_s,
  async run() {
    const [tenant] = await deps.probe.tenants();
    const subject = await subjectOf(workOf(deps), tenant, subjects.login(logins.recorded));
    await forget(deps, tenant, subject);
    const answer = await signInWrongly(deps, tenant, logins.recorded);
    const { status, id } = answer;
    if (isClosed(answer)) return notYet;
    const entry = await deps.probe.entryOf(tenant, id);
    await forget(deps, tenant, subject);
    const wrong = [
      ...(status >= 400 ? [] : [`a sign-in with a login that nobody has was answered ${status}`]),
      ...(entry === undefined ? ['a failed sign-in has no entry in the log'] : []),
      ...(entry?.['outcome'] === 'permit' ? ['the log says of a failed sign-in that it was permitted'] : []),
      ...(entry !== undefined && entry['action'] !== 'sign-in' ? ['the log does not call a failed sign-in one'] : []),
      ...(JSON.stringify(entry ?? {}).includes(logins.recorded) ? ['the log holds the login of a failed sign-in'] : []),
    ];
    return resultOf({
      examined: 1,
      wrong,
      met: 'A failed sign-in was refused, and stands in the log as one, without the login.',
      unmet: 'a failed sign-in is not told as it must be.',
      todo:
        'Look why the log took no entry of the sign-in: without it guessing cannot be seen (45 CFR ' +
        '164.308(a)(5)(ii)(C)).',
    });
  },
});
