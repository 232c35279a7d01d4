import { linkOf, type Operation, type Outcome, operation, pageOf, present } from '@safeguard/http';
import type { z } from 'zod';
import type { Hold, HoldFilter } from '../holds/types.ts';
import { iso } from './fields.ts';
import * as schemas from './hold-schemas.ts';
import { type NameOf, namesOf } from './names.ts';
import type { AccessApiDeps } from './ports.ts';
import { noSuch } from './reach.ts';

type Deps = Pick<AccessApiDeps, 'holds' | 'people'>;

const path = '/access/holds';
const type = 'AccessHold';
const common = { type, scope: 'safeguard/access', status: 200 } as const;

export const peopleOf = ({ account, by, released }: Hold): string[] => [
  account,
  ...(by.kind === 'user' && by.id !== undefined ? [by.id] : []),
  ...(released === undefined ? [] : [released.by]),
];

const holdView = (
  { id, account, cause, by, made_at, released }: Hold,
  nameOf: NameOf,
): z.output<typeof schemas.hold> => ({
  ...{ id, cause, account: nameOf(account), made_at: iso(made_at) },
  by: { kind: by.kind, id: by.id ?? null, name: by.kind === 'user' && by.id !== undefined ? nameOf(by.id).name : null },
  released: released === undefined ? null : { by: nameOf(released.by), at: iso(released.at), reason: released.reason },
});

async function views(deps: Deps, tenant: number, holds: readonly Hold[]) {
  const nameOf = await namesOf(deps, tenant, holds.flatMap(peopleOf));
  return holds.map((one) => holdView(one, nameOf));
}

const list = (deps: Deps): Operation =>
  operation({
    ...common,
    method: 'GET',
    path,
    action: 'access-hold-list',
    summary: 'Lists accounts whose rights are on hold, because somebody opened a way into them',
    query: schemas.holdQuery,
    answer: schemas.holdPage,
    async handle({ principal: { tenant }, query: { count, released, ...rest }, context }) {
      const wanted = { ...present(rest), all: released, count: count + 1 } as HoldFilter;
      const page = pageOf(await deps.holds.list(tenant, wanted), count);
      const items = await views(deps, tenant, page.items);
      return { status: 200, body: { items, next: page.next }, headers: linkOf(context, page) };
    },
  });

async function told(deps: Deps, hold: Hold, others: readonly Hold[] = []): Promise<Outcome> {
  const [body] = await views(deps, hold.tenant, [hold]);
  const more = others.map(({ id }) => ({ type, id }));
  const targets = [...more, ...[hold, ...others].map(({ account: id }) => ({ type: 'Account', id }))];
  return { status: 200, ...(body && { body }), targets };
}

const read = (deps: Deps): Operation =>
  operation({
    ...common,
    method: 'GET',
    path: `${path}/:id`,
    params: { id: type },
    action: 'access-hold-read',
    summary: 'Reads a hold',
    answer: schemas.hold,
    async handle({ principal: { tenant }, params: { id = '' } }) {
      const found = await deps.holds.byId(tenant, id);
      if (found === undefined) throw noSuch();
      return told(deps, found);
    },
  });

const release = (deps: Deps): Operation =>
  operation({
    ...common,
    method: 'POST',
    path: `${path}/:id/release`,
    params: { id: type },
    action: 'access-hold-release',
    dangerous: true,
    summary: 'Releases a hold, once the person who comes in was identified',
    description:
      'By an officer who is neither the person nor one who opened a way into the account. What a program did is ' +
      'released by a security or privacy officer who is no administrator.',
    body: schemas.newRelease,
    answer: schemas.hold,
    problems: [409],
    async handle({ principal, params: { id = '' }, body: { reason, same_act } }) {
      if (!same_act) return told(deps, await deps.holds.release(principal, id, reason));
      const [hold, ...others] = await deps.holds.releaseAct(principal, id, reason);
      if (hold === undefined) throw noSuch();
      return told(deps, hold, others);
    },
  });

/** What is on hold until somebody else confirms who came in. */
export const holdOperations = (deps: Deps): Operation[] => [list(deps), read(deps), release(deps)];
