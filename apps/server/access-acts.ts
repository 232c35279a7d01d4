import type { AccessRequest } from '@safeguard/access';
import { fault, isUuid } from '@safeguard/kernel';
import { answerActs } from './access-answer-acts.ts';
import { policyActs } from './access-policy-acts.ts';
import { grantView, holdView, idsOfHold, idsOfRequest, requestView, whoIn } from './access-views.ts';
import { inOneLine, text } from './act-input.ts';
import { type Act, tenantOf } from './admin-acts.ts';
import type { House } from './server.ts';
import { userOf } from './user-acts.ts';

const page = 200;

const states = ['open', 'approved', 'rejected', 'withdrawn', 'lapsed'] as const;
type State = (typeof states)[number];

function stateOf(value: string | null): { state?: State } {
  if (value === null) return {};
  const state = states.find((one) => one === value);
  if (state === undefined) throw fault('invalid', `state: expected one of ${states.join(', ')}`);
  return { state };
}

const told = async (house: House, tenant: number, request: AccessRequest) =>
  requestView(request, await whoIn(house, tenant, idsOfRequest(request)));

const aboutRequest = ({ id, account, grant }: AccessRequest) => [
  { type: 'AccessRequest', id },
  { type: 'Account', id: account },
  ...(grant === undefined ? [] : [{ type: 'Grant', id: grant }]),
];

const deciding = (house: House, verdict: 'approve' | 'reject'): Act => ({
  method: 'POST',
  path: new RegExp(`^/access/requests/(?<id>[^/]+)/${verdict}$`),
  action: 'access-bootstrap',
  type: 'AccessRequest',
  async run({ params: { id = '' }, body }) {
    const tenant = await tenantOf(house, body.tenant);
    const reason = body.reason === undefined ? undefined : text(body.reason, 'reason');
    const decided = await inOneLine(house.governance.requests.decideAsOperator(tenant, id, verdict, reason));
    return { result: await told(house, tenant, decided), tenant, targets: aboutRequest(decided) };
  },
});

const requestActs = (house: House): readonly Act[] => [
  {
    method: 'GET',
    path: /^\/access\/requests$/,
    action: 'access-request-list',
    type: 'AccessRequest',
    async run({ query }) {
      const tenant = await tenantOf(house, query.get('tenant') ?? undefined);
      const after = query.get('after');
      const wanted = { ...stateOf(query.get('state')), count: page, ...(after === null ? {} : { after }) };
      const found = await house.governance.requests.list(tenant, wanted);
      const who = await whoIn(house, tenant, found.flatMap(idsOfRequest));
      return { result: { requests: found.map((one) => requestView(one, who)) }, tenant };
    },
  },
  deciding(house, 'approve'),
  deciding(house, 'reject'),
];

const grantActs = (house: House): readonly Act[] => [
  {
    // Whose they are may be told by a login, which stands in a body, not in an address.
    method: 'POST',
    path: /^\/access\/grants\/find$/,
    action: 'grant-list',
    type: 'Grant',
    async run({ body: { who, role, after, ...body } }) {
      const tenant = await tenantOf(house, body.tenant);
      const account = who === undefined ? undefined : await userOf(house, tenant, text(who, 'who'));
      const found = await house.governance.grants.list(tenant, {
        ...{ count: page, all: body.all === true },
        ...(account === undefined ? {} : { account: account.id }),
        ...(role === undefined ? {} : { role: text(role, 'role') }),
        ...(after === undefined ? {} : { after: text(after, 'after') }),
      });
      const whoIs = await whoIn(
        house,
        tenant,
        found.map((one) => one.account),
      );
      const targets = account === undefined ? [] : [{ type: 'Account', id: account.id }];
      return { result: { grants: found.map((one) => grantView(one, whoIs)) }, tenant, targets };
    },
  },
  {
    method: 'POST',
    path: /^\/access\/grants\/(?<id>[^/]+)\/end$/,
    action: 'grant-end',
    type: 'Grant',
    async run({ params: { id = '' }, body }) {
      const tenant = await tenantOf(house, body.tenant);
      if (!isUuid(id)) throw fault('missing', 'There is no such grant; `safeguard access grants` shows them');
      const ended = await house.governance.grants.end(tenant, id, 'operator', 'ended');
      const targets = [
        { type: 'Grant', id },
        { type: 'Account', id: ended.account },
      ];
      return { result: grantView(ended, await whoIn(house, tenant, [ended.account])), tenant, targets };
    },
  },
];

const holdActs = (house: House): readonly Act[] => [
  {
    method: 'GET',
    path: /^\/access\/holds$/,
    action: 'access-hold-list',
    type: 'AccessHold',
    async run({ query }) {
      const tenant = await tenantOf(house, query.get('tenant') ?? undefined);
      const after = query.get('after');
      const wanted = { count: page, all: query.get('all') === 'true', ...(after === null ? {} : { after }) };
      const found = await house.governance.holds.list(tenant, wanted);
      const who = await whoIn(house, tenant, found.flatMap(idsOfHold));
      return { result: { holds: found.map((one) => holdView(one, who)) }, tenant };
    },
  },
  {
    method: 'POST',
    path: /^\/access\/holds\/(?<id>[^/]+)\/release$/,
    action: 'access-hold-release',
    type: 'AccessHold',
    async run({ params: { id = '' }, body }) {
      const tenant = await tenantOf(house, body.tenant);
      const released = await inOneLine(
        house.governance.holds.releaseAsOperator(tenant, id, text(body.reason, 'reason')),
      );
      const targets = [
        { type: 'AccessHold', id: released.id },
        { type: 'Account', id: released.account },
      ];
      return { result: holdView(released, await whoIn(house, tenant, idsOfHold(released))), tenant, targets };
    },
  },
];

/**
 * Access, at the machine itself: who asked, who holds what, by which policy. Nothing of a patient is told, and nothing
 * is decided here that somebody of the tenant may decide.
 */
export const accessActs = (house: House): readonly Act[] => [
  ...requestActs(house),
  ...grantActs(house),
  ...holdActs(house),
  ...policyActs(house),
  ...answerActs(house),
];
