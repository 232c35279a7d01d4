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

async function member({ data }: Instance, number: number): Promise<NewPerson> {
  const login = `member${number}@clinic.example`;
  const account = { login, name: `Member ${number}`, kind: 'workforce', scopes: ['user/*.rs'] };
  const { invitation } = await askOperator<{ invitation: Link }>(data, '/users', account);
  return { path: pathOf(invitation), login };
}

async function join(instance: Instance, links: readonly NewPerson[]): Promise<Somebody[]> {
  const { origin, target, watch } = instance;
  const script = { name: 'join', origin, links } as const;
  const connections = Math.min(links.length, 8);
  const { errors, told, kept } = await generate({ target, watch, script, connections, warmup_ms: 0 });
  if (errors > 0) throw new Error(`somebody could not set up an account: ${told[0]}`);
  return kept.map((text) => JSON.parse(text) as Somebody);
}

/** The first administrator, without whom nobody gets in, and so many of the workforce with password and app. */
export async function newPeople(instance: Instance, count: number): Promise<Somebody[]> {
  await join(instance, [await administrator(instance)]);
  const links: NewPerson[] = [];
  for (let number = 0; number < count; number += 1) links.push(await member(instance, number));
  return links.length === 0 ? [] : join(instance, links);
}
