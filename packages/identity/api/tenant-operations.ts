import { checkIfMatch, etagOf, type Operation, operation } from '@safeguard/http';
import type { z } from 'zod';
import type { TenantSettings } from '../types.ts';
import type { ApiDeps } from './ports.ts';
import * as schemas from './schemas.ts';

type Branding = z.output<typeof schemas.branding>;

const viewOf = ({ name, logo }: TenantSettings['brand']): Branding => ({ name: name ?? null, logo: logo ?? null });

/** What is absent stays, null takes it away. */
function merged(brand: TenantSettings['brand'], changes: z.output<typeof schemas.brandingChanges>) {
  const name = changes.name === undefined ? brand.name : changes.name;
  const logo = changes.logo === undefined ? brand.logo : changes.logo;
  return {
    ...(name === undefined || name === null ? {} : { name }),
    ...(logo === undefined || logo === null ? {} : { logo }),
  };
}

/** How a tenant presents itself at sign-in. */
export const tenantOperations = ({ tenants }: ApiDeps): Operation[] => [
  operation({
    method: 'GET',
    path: '/branding',
    action: 'branding-read',
    type: 'Tenant',
    summary: 'Reads the name and logo that the pages show',
    status: 200,
    answer: schemas.branding,
    async handle({ principal: { tenant } }) {
      const body = viewOf((await tenants.settings(tenant)).brand);
      return { status: 200, body, headers: { ETag: etagOf(body) } };
    },
  }),
  operation({
    method: 'PATCH',
    path: '/branding',
    action: 'branding-change',
    type: 'Tenant',
    summary: 'Changes the name and logo that the pages show',
    description: 'A logo is PNG or WebP, 64 KiB at most: no SVG, which may hold scripts. null takes away.',
    body: schemas.brandingChanges,
    limit_bytes: 131_072,
    status: 200,
    answer: schemas.branding,
    problems: [412],
    async handle({ principal: { tenant }, body, context }) {
      const { brand } = await tenants.settings(tenant);
      checkIfMatch(context, etagOf(viewOf(brand)));
      const changed = await tenants.configure(tenant, { brand: merged(brand, body) });
      const view = viewOf(changed.brand);
      return { status: 200, body: view, headers: { ETag: etagOf(view) } };
    },
  }),
];
