import { randomBytes, randomInt } from 'node:crypto';
import { type Check, newId, type Probe, resultOf } from '@safeguard/kernel';
import { hour_s, type IdentityCheckDeps, type ServedRoute } from './deps.ts';

/** Asked each time; beside them `drawn` others of the table. */
const always: readonly { readonly method: string; readonly path: string }[] = [
  { method: 'GET', path: '/fhir/R4/Patient' },
  { method: 'GET', path: '/fhir/R4/Patient/:id' },
  { method: 'POST', path: '/fhir/R4/Observation/_search' },
  { method: 'GET', path: '/api/v1/accounts' },
];
const drawn = 4;

/** What a program meets: a page sends a browser to the sign-in instead, and a form of another site is refused first. */
const isForPrograms = ({ method, auth, errors }: ServedRoute): boolean =>
  ['fhir', 'problem', 'scim'].includes(errors) && (auth === 'token' || (auth === 'either' && method === 'GET'));

function sample(routes: readonly ServedRoute[]): readonly { readonly method: string; readonly path: string }[] {
  const left = routes.filter(isForPrograms);
  const some = Array.from({ length: Math.min(drawn, left.length) }, () => left.splice(randomInt(left.length), 1)[0]);
  return some.filter((one) => one !== undefined);
}

const madeUp = (): string => `Bearer sgt_${randomBytes(32).toString('base64url')}`;

async function ask(probe: Probe, { method, path }: { method: string; path: string }, token: boolean) {
  const how = `${method} ${path} ${token ? 'with a made-up token' : 'without a token'}`;
  const headers = token ? { authorization: madeUp() } : {};
  const target = path.replaceAll(/:\w+/g, () => newId());
  const { status, id } = await probe.ask({ method, path: target, headers, as: 'nobody' });
  if (status !== 401) return [`${how}: answered ${status}, not 401`];
  const entry = await probe.entryOf(0, id);
  if (entry === undefined) return [`${how}: refused, and no entry of it stands in the log`];
  return entry['outcome'] === 'permit' ? [`${how}: the log says that it was permitted`] : [];
}

export const anonymousRefused = ({ probe, routes }: IdentityCheckDeps): Check => ({
  id: 'identity.anonymous-refused',
  title: 'Nobody gets in without credentials',
  query:
    'Asks protected routes of the health data and management APIs (four fixed, four drawn from the ' +
    'route table) without ' +
    'a token and with one that was made up: each must be 401 and stand in the log as refused.',
  every_s: hour_s,
  async run() {
    const asked = [...always, ...sample(routes())];
    const tries = asked.flatMap((one) => [false, true].map((token) => ask(probe, one, token)));
    return resultOf({
      examined: tries.length,
      wrong: (await Promise.all(tries)).flat(),
      met: `${tries.length} requests without valid credentials were refused with 401, each with its entry in the log.`,
      unmet: 'requests without valid credentials were answered, or left no entry in the log.',
      todo:
        'Take the server off the network and look which route lost its authentication, or why the log ' +
        'took no entry.',
    });
  },
});
