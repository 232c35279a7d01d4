import type { Instance } from './instance.ts';

const known = new WeakMap<Instance, Map<string, Promise<unknown>>>();

/** Who approves in a tenant: somebody whom the test has made already, by the name of the tenant. */
export function approversIn(instance: Instance): Map<string, Promise<unknown>> {
  const map = known.get(instance) ?? new Map<string, Promise<unknown>>();
  known.set(instance, map);
  return map;
}
