import { validate } from '@safeguard/fhir';
import { type Fault, fault, type Issue, type JsonObject } from '@safeguard/kernel';
import type { Shelf } from '../call.ts';
import { paced } from './pace.ts';

export const hasErrors = (issues: readonly Issue[]): boolean => issues.some((issue) => issue.severity === 'error');

const invalidResource = (issues: readonly Issue[]): Fault =>
  fault('invalid', 'The resource is not valid FHIR R4', { issues });

export const nonconforming = (issues: readonly Issue[]): Fault =>
  fault('unprocessable', 'The resource does not conform to a profile', { issues });

/**
 * Refuses what is not a valid resource of the type. Base R4: 400 with every finding; a profile that the resource names
 * and that is known here, or that the tenant requires: 422 (FHIR R4 3.1.0.4.2). `id`: of
 * the resource that is replaced.
 */
export async function checkResource(
  shelf: Shelf,
  tenant: number,
  resource: unknown,
  type: string,
  id?: string,
): Promise<JsonObject> {
  const issues = validate(resource, { type });
  if (hasErrors(issues)) throw invalidResource(issues);
  const found = await profileIssues(shelf, tenant, resource as JsonObject, type);
  if (hasErrors(found)) throw nonconforming(found);
  await shelf.conformance.check(tenant, resource as JsonObject, id);
  return resource as JsonObject;
}

const claimed = ({ meta }: JsonObject): string[] =>
  ((meta as { profile?: unknown[] } | undefined)?.profile ?? []).filter((url) => typeof url === 'string');

/**
 * What forbids a write: findings against the profiles that the tenant requires, and those that the resource claims and
 * that are known here.
 */
export async function profileIssues(
  shelf: Shelf,
  tenant: number,
  resource: JsonObject,
  type: string,
): Promise<Issue[]> {
  const required = (await shelf.settings(tenant)).profiles[type] ?? [];
  const named = claimed(resource);
  if (required.length + named.length === 0) return [];
  const known = await shelf.conformance.profiles(tenant);
  return paced(() => known.validate(resource, { required }));
}
