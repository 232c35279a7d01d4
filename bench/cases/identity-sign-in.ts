import { type Bench, beside, compare, type Load, load, prepare, type Stand } from '../bench.ts';
import type { Ask, Somebody } from '../generator/plan.ts';
import { refreshTokenIn } from '../generator/redeem.ts';
import { type App, basicOf, exchangeAsk, newApp, requestPath, tokenAsk } from '../instance/apps.ts';
import { newPeople } from '../instance/people.ts';
import type { Row } from '../row.ts';

/** One slow hash at a time: more connections only wait longer. */
const signing_in = 4;

const floorOf = (path: string, units = 1): Load => ({
  script: { name: 'in turn', asks: [{ method: 'POST', path, body: 'x'.repeat(400), expected: 201, units }] },
});

/** Each code of an app works once, and three steps are good at a time: people for two sign-ins each. */
function peopleFor({ options: { seconds, tiny } }: Bench): number {
  return tiny ? 5 : Math.ceil((seconds + Math.max(2, seconds / 4)) * 5) + signing_in;
}

async function signIns(bench: Bench, stand: Stand, people: readonly Somebody[]): Promise<Row> {
  const { origin } = stand.instance;
  const script = { name: 'sign-in', origin, people } as const;
  const wanted: Load = { script, connections: signing_in, once: bench.options.tiny };
  const floor = { ...floorOf('/password'), connections: signing_in };
  const compared = await compare(bench, stand, 'sign-in', wanted, floor);
  const text = 'whole sign-ins with password and code, by the pages; floor: one argon2id, one INSERT';
  const hashes = compared.floor.units_per_s;
  const figures = [{ what: 'hashes a second of the floor', value: hashes, unit: '/s' }];
  return { name: 'sign-in', text, unit: 'requests', ...compared, figures, bars: [] };
}

interface Through {
  readonly row: Row;
  readonly kept: readonly string[];
}

async function row(
  bench: Bench,
  stand: Stand,
  name: string,
  text: string,
  floor: Load,
  wanted: Load,
): Promise<Through> {
  const work = () => load(bench.options, stand.instance, wanted);
  const { kept, ...compared } = await beside(bench, stand, name, floor, work);
  return { row: { name, text, unit: 'requests', ...compared, figures: [], bars: [] }, kept };
}

async function apps(bench: Bench, stand: Stand, people: readonly Somebody[]): Promise<Row[]> {
  const { instance } = stand;
  const { origin } = instance;
  const app = await newApp(instance);
  const cookies = people.slice(0, bench.options.connections).map((person) => person.cookies);
  const path = requestPath(instance, app);
  // The first time people are asked whether they agree, and the server makes the keys that it signs with.
  await prepare(stand, { name: 'authorize', origin, path, cookies, rounds: 1 }, cookies.length);
  const authorizing = await row(
    bench,
    stand,
    'authorize',
    'authorization requests of people who are signed in and agreed before; floor: one INSERT',
    floorOf('/one'),
    { script: { name: 'authorize', origin, path, cookies } },
  );
  const exchanging = await row(
    bench,
    stand,
    'exchange',
    'their codes for tokens, with PKCE; floor: an ID token signed, one INSERT',
    floorOf('/id-token'),
    { script: { name: 'redeem', asks: authorizing.kept.map((code) => exchangeAsk(app, code)) }, once: true },
  );
  const refreshing = await row(
    bench,
    stand,
    'refresh',
    'refresh tokens for tokens, each for the next; floor: an ID token signed, one INSERT',
    floorOf('/id-token'),
    { script: { name: 'refresh', ask: refreshAsk(app), tokens: exchanging.kept.map(refreshTokenIn) } },
  );
  return [authorizing.row, exchanging.row, refreshing.row];
}

const refreshAsk = (app: App): Ask => tokenAsk({}, { authorization: basicOf(app) });

/** People at the pages, and what their apps do after. */
export function identitySignIn(bench: Bench): Promise<Row[]> {
  return bench.on('identity-sign-in', async (stand) => {
    bench.say('identity-sign-in: people set up their accounts');
    const people = await newPeople(stand.instance, peopleFor(bench));
    stand.rows.push(await signIns(bench, stand, people));
    stand.rows.push(...(await apps(bench, stand, people)));
  });
}
