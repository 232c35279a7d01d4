import { randomInt } from 'node:crypto';

/** Up to `most` of the tenants, others each time: in the end every one is looked at. */
export function someOf(tenants: readonly number[], most: number): number[] {
  const start = tenants.length > most ? randomInt(tenants.length) : 0;
  return [...tenants.slice(start), ...tenants.slice(0, start)].slice(0, most);
}
