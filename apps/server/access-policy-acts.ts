import type { PolicyVersion } from '@safeguard/access';
import { fault } from '@safeguard/kernel';
import { policyView, whoIn } from './access-views.ts';
import { type Act, tenantOf } from './admin-acts.ts';
import type { House } from './server.ts';

/** By its number; without one, that in force. Fault `missing`. */
async function versionOf({ governance }: House, tenant: number, asked: string | null): Promise<PolicyVersion> {
  const { policies } = governance;
  const version = asked === null ? (await policies.active(tenant)).version : Number(asked);
  const found = Number.isSafeInteger(version) && version >= 0 ? await policies.byVersion(tenant, version) : undefined;
  if (found === undefined) throw fault('missing', 'No such version; `safeguard access policy list` shows them');
  return found;
}

/** Policies are written, approved and put in force by people of the tenant; the operator looks. */
export const policyActs = (house: House): readonly Act[] => [
  {
    method: 'GET',
    path: /^\/access\/policies$/,
    action: 'policy-list',
    type: 'Policy',
    async run({ query }) {
      const tenant = await tenantOf(house, query.get('tenant') ?? undefined);
      const { policies } = house.governance;
      const own = await policies.list(tenant);
      const ofHouse = await policies.byVersion(tenant, 0);
      const all = [...own, ...(ofHouse === undefined ? [] : [ofHouse])];
      const who = await whoIn(
        house,
        tenant,
        all.flatMap(({ authors }) => authors),
      );
      return { result: { policies: all.map((one) => policyView(one, who)) }, tenant };
    },
  },
  {
    method: 'GET',
    path: /^\/access\/policy$/,
    action: 'policy-read',
    type: 'Policy',
    async run({ query }) {
      const tenant = await tenantOf(house, query.get('tenant') ?? undefined);
      const found = await versionOf(house, tenant, query.get('version'));
      const who = await whoIn(house, tenant, found.authors);
      const result = { ...policyView(found, who), policy: found.policy };
      return { result, tenant, targets: [{ type: 'Policy', id: String(found.version) }] };
    },
  },
];
