import { agent } from '../generator/browser.ts';
import type { NewPerson, Somebody } from '../generator/plan.ts';
import { generate } from '../generator/run.ts';
import { askOperator } from './admin.ts';
import type { Instance } from './open.ts';

type Link = { readonly url: string };

const pathOf = ({ url }: Link): string => new URL(url).pathname;

async function administrator({ data }: Instance): Promise<NewPerson> {
  const made = await askOperator<Link>(data, '/users/links', { purpose: 'administrator' });
  return { path: pathOf(made), login: 'ada@clinic.example' };
}

async function member({ data }: Instance, number: number): Promise<NewPerson & { readonly id: string }> {
  const login = `member${number}@clinic.example`;
  const account = { login, name: `Member ${number}`, kind: 'workforce', scopes: ['user/*.rs'] };
  type Made = { readonly account: { readonly id: string }; readonly invitation: Link };
  const { account: made, invitation } = await askOperator<Made>(data, '/users', account);
  return { path: pathOf(invitation), login, id: made.id };
}

async function join(instance: Instance, links: readonly NewPerson[]): Promise<Somebody[]> {
  const { origin, target, watch } = instance;
  const script = { name: 'join', origin, links } as const;
  const connections = Math.min(links.length, 8);
  const { errors, told, kept } = await generate({ target, watch, script, connections, warmup_ms: 0 });
  if (errors > 0) throw new Error(`somebody could not set up an account: ${told[0]}`);
  return kept.map((text) => JSON.parse(text) as Somebody);
}

/** JSON to `/api/v1` by people who are signed in, each once, in order; their answers. */
async function api(
  instance: Instance,
  asks: readonly { path: string; cookie: string; body: object; expected: number }[],
) {
  const { origin, target, watch } = instance;
  const headers = (cookie: string) => ({ origin, cookie, 'user-agent': agent, 'content-type': 'application/json' });
  const script = {
    name: 'redeem',
    asks: asks.map(({ path, cookie, body, expected }) => ({
      ...({ method: 'POST', units: 1 } as const),
      path: `/api/v1${path}`,
      body: JSON.stringify(body),
      headers: headers(cookie),
      expected,
    })),
  } as const;
  const { errors, told, kept } = await generate({ target, watch, script, connections: 1, warmup_ms: 0 });
  if (errors > 0) throw new Error(`a role was not given: ${told[0]}`);
  return kept.map((text) => JSON.parse(text) as { id: string });
}

const hour_ms = 3_600_000;

/** The role of a clinician of a practice: asked for by each, approved by the administrator. */
async function giveRoles(instance: Instance, chief: Somebody, people: readonly (Somebody & { readonly id: string })[]) {
  const until = new Date(Date.now() + hour_ms).toISOString();
  const wanted = (account: string) => ({ account, role: 'practice-clinician', reason: 'For a benchmark.', until });
  const asks = people.map(({ id, cookies }) => ({
    ...{ path: '/access/requests', cookie: cookies, body: wanted(id), expected: 201 },
  }));
  const asked = await api(instance, asks);
  const decisions = asked.map(({ id }) => ({
    ...{ path: `/access/requests/${id}/decision`, cookie: chief.cookies, body: { verdict: 'approve' }, expected: 200 },
  }));
  await api(instance, decisions);
}

/**
 * The first administrator, without whom nobody gets in, and so many of the workforce with password, app and the role
 * of a clinician.
 */
export async function newPeople(instance: Instance, count: number): Promise<Somebody[]> {
  const [chief] = await join(instance, [await administrator(instance)]);
  const links: (NewPerson & { readonly id: string })[] = [];
  for (let number = 0; number < count; number += 1) links.push(await member(instance, number));
  if (links.length === 0 || chief === undefined) return [];
  const people = await join(instance, links);
  const ids = new Map(links.map(({ login, id }) => [login, id]));
  await giveRoles(
    instance,
    chief,
    people.map((one) => ({ ...one, id: ids.get(one.login) ?? '' })),
  );
  return people;
}
