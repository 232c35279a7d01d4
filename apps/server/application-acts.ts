import { fault } from '@safeguard/kernel';
import { text, texts } from './act-input.ts';
import { type Act, type Asked, tenantOf } from './admin-acts.ts';
import type { House } from './server.ts';

type Applications = House['identity']['applications'];
type Application = NonNullable<Awaited<ReturnType<Applications['byId']>>>;

/** What a decision is made on: all that the requester wrote, without the picture. */
function shown({ logo: _, ...application }: Application): object {
  return application;
}

const about = (id: string) => [{ type: 'Client', id }];

const deciding = (house: House, approve: boolean): Act => ({
  method: 'POST',
  path: new RegExp(`^/applications/(?<id>[^/]+)/${approve ? 'approve' : 'reject'}$`),
  action: approve ? 'client-approve' : 'client-reject',
  type: 'Client',
  async run({ params: { id = '' }, body }: Asked) {
    const tenant = await tenantOf(house, body.tenant);
    const { applications } = house.identity;
    const version = Number(body.version);
    const granted = body.scopes === undefined ? {} : { scopes: texts(body.scopes, 'scopes') };
    const decision = approve
      ? ({ approve: true, version, ...granted } as const)
      : ({ approve: false, version, reason: text(body.reason, 'reason') } as const);
    const decided = await applications.decide({ kind: 'operator', tenant }, id, decision);
    return { result: shown(decided), tenant, targets: about(id) };
  },
});

/**
 * Applications, at the machine itself: where a tenant has one administrator, who cannot approve what they asked for,
 * the operator is the other one.
 */
export const applicationActs = (house: House): readonly Act[] => [
  {
    method: 'GET',
    path: /^\/applications$/,
    action: 'client-list',
    type: 'Client',
    async run({ query }) {
      const tenant = await tenantOf(house, query.get('tenant') ?? undefined);
      const applications = (await house.identity.applications.list(tenant)).map(shown);
      return { result: { applications }, tenant };
    },
  },
  {
    method: 'GET',
    path: /^\/applications\/(?<id>[^/]+)$/,
    action: 'client-read',
    type: 'Client',
    async run({ params: { id = '' }, query }) {
      const tenant = await tenantOf(house, query.get('tenant') ?? undefined);
      const found = await house.identity.applications.byId(tenant, id);
      if (found === undefined) throw fault('missing', 'No such application; `safeguard application list` shows them');
      return { result: shown(found), tenant, targets: about(id) };
    },
  },
  deciding(house, true),
  deciding(house, false),
];
