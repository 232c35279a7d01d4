import { hash, randomBytes } from 'node:crypto';
import { type Bench, load, measuredOf, type Stand, sendOnce } from '../bench.ts';
import { newToken } from '../instance/admin.ts';
import { exchangeAsk, newApp, requestPath } from '../instance/apps.ts';
import { fhirBase, type Instance } from '../instance/open.ts';
import { newPeople } from '../instance/people.ts';
import { type Part, sharesOf } from '../profile/share.ts';
import { atMost, type Figure, type Row } from '../row.ts';
import { loadPatients } from './clinic.ts';

const inAccess: Part = ({ url }) => url.includes('/packages/access/');
/** The functions of a part of access by the files that hold their doors; whatever they call counts for them. */
const by =
  (...files: readonly string[]): Part =>
  ({ url }) =>
    files.some((file) => url.endsWith(`/packages/access/${file}`));

/**
 * From the header to the principal, with background checks; everything of `access`: what is held, what is permitted,
 * what a statement is told, what let it through. Its parts are told besides: they overlap where one calls another.
 */
const parts = {
  authenticate: ({ url, functionName }) =>
    url.includes('/packages/identity/') || (functionName === 'principalOf' && url.includes('/packages/http/')),
  access: inAccess,
  entitle: by('standing/entitle.ts', 'standing/later.ts'),
  guard: by('guard.ts'),
  visible: by('visible.ts'),
  shield: by('access.ts'),
} satisfies Record<string, Part>;

/** A token of somebody of the workforce, through an app. */
async function userToken(stand: Stand): Promise<string> {
  const { instance } = stand;
  const [person] = await newPeople(instance, 1);
  const app = await newApp(instance);
  const path = requestPath(instance, app);
  const cookies = [person?.cookies ?? ''];
  const script = { name: 'authorize', origin: instance.origin, path, cookies, rounds: 1 } as const;
  const { kept, told } = await sendOnce(stand, script, 1);
  const [code] = kept;
  if (code === undefined) throw new Error(`no code: ${told[0]}`);
  const redeemed = await sendOnce(stand, { name: 'redeem', asks: [exchangeAsk(app, code)] }, 1);
  return (JSON.parse(redeemed.kept[0] ?? '{}') as { access_token: string }).access_token;
}

const principals = [
  {
    name: 'lookup-client',
    text: 'reads with a client’s token',
    token: async ({ instance }: Stand) => instance.target.token,
  },
  { name: 'lookup-user', text: 'reads with the token of a person, through an app', token: userToken },
  {
    name: 'lookup-limited',
    text: 'reads with a token whose scope has a condition, that each patient fulfils',
    token: ({ instance }: Stand) => newToken(instance.data, 'system/Patient.rs?gender=female,male,other,unknown'),
  },
] as const;

/** What no look-up can do without: the SHA-256 of the token, and a map. CPU microseconds. */
function floor_us(): Figure {
  const token = `sgt_${randomBytes(32).toString('base64url')}`;
  const known = new Map([[hash('sha256', token, 'base64'), token]]);
  const count = 200_000;
  const began = process.cpuUsage();
  let found = 0;
  for (let turn = 0; turn < count; turn += 1) found += known.has(hash('sha256', token, 'base64')) ? 1 : 0;
  const { user, system } = process.cpuUsage(began);
  if (found !== count) throw new Error('a token was not found');
  return { what: 'floor: SHA-256 of the token, a look into a map', value: (user + system) / count, unit: 'µs' };
}

async function reads({ options }: Bench, instance: Instance, token: string, patients: readonly string[]) {
  const get = (path: string) => ({ method: 'GET', path: `${fhirBase}/${path}`, expected: 200, units: 1 }) as const;
  const script = { name: 'random', asks: patients.map(get) } as const;
  return measuredOf(await load(options, { ...instance, target: { ...instance.target, token } }, { script }));
}

async function finish(row: Row, profile: string): Promise<Row> {
  const { measured } = row;
  if (measured === undefined) return row;
  const shares = await sharesOf(profile, measured.window_us, parts);
  const whole_us = (measured.cpu_ms.server / measured.requests) * 1000;
  const each = Object.entries(shares).map(([what, share]) => ({ what, value: whole_us * share, unit: 'µs' }));
  const both = { what: 'authenticate and access', value: 100 * (shares.authenticate + shares.access), unit: '%' };
  const figures = [{ what: 'a whole read', value: whole_us, unit: 'µs' }, ...each, both, ...row.figures];
  const bars = [
    atMost(`${row.name}: authenticate, of a read`, 100 * shares.authenticate, 3, '%'),
    atMost(`${row.name}: access, of a read`, 100 * shares.access, 5, '%'),
  ];
  return { ...row, figures, bars };
}

/** What looking up the token and access add to a read: their shares of the server’s profile while it reads. */
export function identityLookup(bench: Bench): Promise<Row[]> {
  const work = async (stand: Stand): Promise<void> => {
    const patients = await loadPatients(stand, bench.options.tiny ? 20 : 1000);
    for (const { name, text, token } of principals) {
      bench.say(`${name}: reads under the profiler`);
      const measured = await reads(bench, stand.instance, await token(stand), patients);
      stand.rows.push({ name, text, unit: 'requests', measured, figures: [floor_us()], bars: [] });
    }
  };
  return bench.on('identity-lookup', work, { finish });
}
