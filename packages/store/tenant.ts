import { fault } from '@safeguard/kernel';

const largest = 2 ** 31 - 1;

/** The tenant, when it is one: an int4 that is not negative, so that it may stand in the text of a statement. */
export function tenantNumber(tenant: number): number {
  if (Number.isInteger(tenant) && tenant >= 0 && tenant <= largest) return tenant;
  throw fault('internal', 'A tenant is a whole number from 0 to 2147483647.');
}
