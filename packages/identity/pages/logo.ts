import type { Brand, Route } from '@safeguard/http';
import { fault } from '@safeguard/kernel';
import type { Tenants } from '../types.ts';

const path = (tenant: number): string => `/assets/logo/${tenant}`;

/** How a tenant's pages present themselves: the picture by its address. */
export const brandOf =
  ({ brand }: Pick<Tenants, 'brand'>) =>
  async (tenant: number): Promise<Brand> => {
    const { name, logo } = await brand(tenant);
    return logo === undefined ? { name } : { name, logo: path(tenant) };
  };

/** A tenant's logo, as its administrator gave it: PNG or WebP, checked when it was set. Anybody may see it. */
export const logoRoute = ({ brand }: Pick<Tenants, 'brand'>): Route => ({
  method: 'GET',
  path: path(0).replace('0', ':tenant'),
  action: 'page-asset',
  auth: 'none',
  errors: 'page',
  async handle({ params: { tenant = '' } }) {
    const { logo } = /^[1-9]\d{0,8}$/.test(tenant) ? await brand(Number(tenant)) : {};
    if (logo === undefined) throw fault('missing', 'There is no such picture.');
    return { status: 200, type: logo.type, body: logo.bytes, headers: { 'cache-control': 'public, max-age=300' } };
  },
});
