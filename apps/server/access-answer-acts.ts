import type { Explained, Question, Viewer } from '@safeguard/access';
import type { Principal } from '@safeguard/http';
import { fault, isUuid } from '@safeguard/kernel';
import { reviewView, useView, whoIn } from './access-views.ts';
import { text } from './act-input.ts';
import { type Act, type Asked, tenantOf } from './admin-acts.ts';
import type { House } from './server.ts';
import { userOf } from './user-acts.ts';

const interaction = /^[a-z][a-z$-]{1,39}$/;
const typeName = /^[A-Z][A-Za-z]{1,59}$/;

function word(value: unknown, name: string, form: RegExp, expected: string): string {
  const said = text(value, name);
  if (form.test(said)) return said;
  throw fault('invalid', `${name}: expected ${expected}`);
}

/** Who asks: no officer of the tenant, so that nothing is told of a resource that is closed to whom it is about. */
const operatorOf = (tenant: number): Principal => ({
  tenant,
  kind: 'operator',
  id: 'operator',
  scopes: [],
  view: 'full',
});

const ofAction = (value: unknown): string => word(value, 'action', interaction, 'an interaction of FHIR, such as read');
const ofType = (value: unknown): string => word(value, 'type', typeName, 'a type of FHIR, such as Observation');

async function questionOf(house: House, tenant: number, { body }: Asked): Promise<Question> {
  const { who, client, id } = body;
  if ((who === undefined) === (client === undefined)) throw fault('invalid', 'Either an account or a client.');
  const whose =
    who === undefined
      ? { client: text(client, 'client') }
      : { account: (await userOf(house, tenant, text(who, 'who'))).id };
  return {
    ...{ tenant, by: operatorOf(tenant), ...whose },
    ...{ action: ofAction(body.action), type: ofType(body.type) },
    ...(id === undefined ? {} : { id: text(id, 'id') }),
  };
}

const aboutQuestion = ({ account, client, type, id }: Question) => [
  ...(account === undefined ? [] : [{ type: 'Account', id: account }]),
  ...(client === undefined ? [] : [{ type: 'Client', id: client }]),
  ...(id === undefined ? [] : [{ type, id }]),
];

const nothingToTell = () =>
  fault('missing', 'There is no such account, client or resource, or the resource is closed to them.');

/**
 * What of an explanation an operator is told. Of one resource only that it is open, and by what: a denial, and why
 * other rules do not let through, would say what labels it bears and whose consents bind it. Fault `missing`.
 */
function toldOf({ id }: Question, found: Explained): Partial<Explained> {
  const { patients: _, granted_by: _by, until: _until, consent: _consent, rules: _rules, ...open } = found;
  if (id === undefined) return { ...open, rules: found.rules };
  if (!found.permit) throw nothingToTell();
  return open;
}

const explaining = (house: House): Act => ({
  method: 'POST',
  path: /^\/access\/explanations$/,
  action: 'access-explain',
  type: 'Explanation',
  async run(asked) {
    const tenant = await tenantOf(house, asked.body.tenant);
    const question = await questionOf(house, tenant, asked);
    const found = await house.governance.answers.explain(question);
    if (found === undefined) throw nothingToTell();
    const told = toldOf(question, found);
    const { granted_by = [], until } = found;
    const who = await whoIn(house, tenant, granted_by);
    const times = until === undefined ? {} : { until: new Date(until).toISOString() };
    const result = { ...told, ...times, granted_by: granted_by.map(who) };
    return { result, tenant, targets: aboutQuestion(question) };
  },
});

const viewerView = ({ until, name: _, ...of }: Viewer) => ({
  ...of,
  ...(until === undefined ? {} : { until: new Date(until).toISOString() }),
});

const viewing = (house: House): Act => ({
  method: 'GET',
  path: /^\/access\/patients\/(?<id>[^/]+)\/viewers$/,
  action: 'who-can-see',
  type: 'Patient',
  async run({ params: { id = '' }, query }) {
    const tenant = await tenantOf(house, query.get('tenant') ?? undefined);
    const found = isUuid(id) ? await house.governance.answers.viewers(tenant, id) : undefined;
    if (found === undefined) throw fault('missing', 'There is no such patient');
    return { result: { viewers: Array.from(found, viewerView) }, tenant, targets: [{ type: 'Patient', id }] };
  },
});

/** Why somebody may, who can see whom, and what is to be looked at again. Ids, roles, rules: nothing of a record. */
export const answerActs = (house: House): readonly Act[] => [
  explaining(house),
  viewing(house),
  {
    method: 'GET',
    path: /^\/access\/break-glass$/,
    action: 'break-glass-list',
    type: 'Grant',
    async run({ query }) {
      const tenant = await tenantOf(house, query.get('tenant') ?? undefined);
      const uses = await house.governance.breakGlass.list(tenant);
      const people = uses.flatMap(({ grant, reviewed }) => [grant.account, ...(reviewed ? [reviewed.by] : [])]);
      const who = await whoIn(house, tenant, people);
      const now = house.clock.now();
      return { result: { uses: uses.map((one) => useView(one, who, now)) }, tenant };
    },
  },
  {
    method: 'GET',
    path: /^\/access\/reviews$/,
    action: 'review-list',
    type: 'Review',
    async run({ query }) {
      const tenant = await tenantOf(house, query.get('tenant') ?? undefined);
      return { result: { reviews: (await house.governance.reviews.list(tenant)).map(reviewView) }, tenant };
    },
  },
];
