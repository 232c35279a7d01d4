import { z } from 'zod';
import { purposesOfUse } from '../purposes.ts';

/** The form of a policy, strictly: what is not here is refused. What names must exist, `read.ts` checks. */

const kebab = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;
/** `constructor` is what every object has: as a key it would be found where nothing was put. */
const isName = (text: string): boolean => text.length <= 60 && kebab.test(text) && text !== 'constructor';
const name = z.string().max(60).refine(isName);
const names = z.array(name).max(200);
/** Controls, line and paragraph ends have no place in one sentence. */
const sentence = (most: number) =>
  z
    .string()
    .min(1)
    .max(most)
    .regex(/^[^\p{C}\p{Zl}\p{Zp}]+$/u);
const purpose = z.enum([...purposesOfUse] as [string, ...string[]]);
const id = z.uuid().regex(/^[0-9a-f-]+$/);
const ids = z.array(id).min(1).max(10_000);
const label = z
  .string()
  .max(300)
  .regex(/^[^\s|\p{C}]+\|[^\s|\p{C}]+$/u);
const labels = z.array(label).min(1).max(100);

const role = z.strictObject({
  title: sentence(100),
  description: sentence(500),
  approvers: names,
  approvals: z.union([z.literal(0), z.literal(1), z.literal(2)]),
  longest_days: z.int().min(1).max(365),
  apart: names,
  purpose,
  patients: z.boolean().exactOptional(),
  elevated: z.boolean().exactOptional(),
  emergency: z.boolean().exactOptional(),
});

const category = z.strictObject({ title: sentence(100), types: z.array(z.string().max(60)).min(1).max(200) });
const sensitive = z.strictObject({ title: sentence(100), labels });
const letters = z
  .string()
  .max(5)
  .regex(/^c?r?u?d?s?$/);

const who = z.strictObject({
  roles: names.min(1).exactOptional(),
  groups: ids.exactOptional(),
  users: ids.exactOptional(),
  clients: ids.exactOptional(),
  everyone: z.literal(true).exactOptional(),
});

const time = z.string().regex(/^(?:[01][0-9]|2[0-3]):[0-5][0-9]$/);
const hours = z.strictObject({
  zone: z.string().min(1).max(60),
  days: z
    .array(z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']))
    .min(1)
    .max(7)
    .exactOptional(),
  from: time,
  to: time,
});

const where = z.strictObject({
  compartment: z.enum(['own', 'care-team', 'organization', 'granted']).exactOptional(),
  query: z.string().min(1).max(2_000).exactOptional(),
  labels: z.strictObject({ any: labels.exactOptional(), none: labels.exactOptional() }).exactOptional(),
  purposes: z.array(purpose).min(1).max(100).exactOptional(),
  networks: z.array(z.string().max(60)).min(1).max(1_000).exactOptional(),
  hours: hours.exactOptional(),
  fresh_s: z.int().min(1).max(86_400).exactOptional(),
  test: z.literal(true).exactOptional(),
});

const elements = z.array(z.string().max(200)).min(1).max(200);
const rule = z.strictObject({
  id: name,
  reason: sentence(300),
  effect: z.enum(['permit', 'forbid']),
  who,
  interactions: z
    .array(z.enum(['create', 'read', 'update', 'delete', 'search']))
    .min(1)
    .max(5),
  types: z.array(z.string().max(80)).min(1).max(200),
  where: where.exactOptional(),
  view: z.enum(['full', 'without-identity', 'limited', 'deidentified']).exactOptional(),
  hide: elements.exactOptional(),
  readonly: elements.exactOptional(),
  opens: names.min(1).exactOptional(),
});

export const policySchema = z.strictObject({
  format: z.literal(1),
  roles: z.record(name, role),
  categories: z.record(name, category),
  sensitive: z.record(name, sensitive),
  matrix: z.record(name, z.record(name, letters)),
  rules: z.array(rule).max(10_000),
});
