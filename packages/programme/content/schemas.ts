import { z } from 'zod';
import { conditions } from './regulation.ts';
import { decisionKinds, families, productLines, services } from './types.ts';

/** One line of text. */
const title = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .refine((text) => !text.includes('\n'), { error: 'expected one line' });
const prose = z.string().trim().min(1).max(4_000);
export const controlId = z
  .string()
  .regex(/^[0-9]{3}\.[0-9]{3}(-[0-9A-Za-z]{1,5})*$/, { error: 'not the id of a control' });
const word = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, { error: 'expected lower-case words with hyphens' });
const checkId = z.string().regex(/^[a-z]+\.[a-z][a-z0-9-]*$/, { error: 'not the id of a check' });
export const parameterName = z
  .string()
  .regex(/^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$/, { error: 'not the name of a parameter' });
const section = z.string().regex(/^[a-z][a-z0-9-]*#[a-z0-9][a-z0-9-]*$/, { error: 'expected <policy>#<section>' });

/** Each at most once. */
const list = <T extends z.ZodType>(item: T) =>
  z
    .array(item)
    .max(200)
    .refine((items) => new Set(items).size === items.length, { error: 'something stands there twice' });

const carried = z.preprocess(
  (value) => (typeof value === 'string' ? { by: value } : value),
  z.strictObject({
    by: z.enum(['platform', 'shared', 'customer', 'not-applicable']),
    with: list(z.enum(services)).optional(),
    customer: prose.optional(),
  }),
);

const mechanism = z.strictObject({
  package: word,
  does: prose,
  parameters: list(parameterName).default([]),
});

const control = z.strictObject({
  id: controlId,
  citation: z.string(),
  title,
  kind: z.enum(['standard', 'specification', 'rule']),
  standard: controlId.optional(),
  level: z.enum(['required', 'addressable', 'none']),
  requirement: prose,
  approach: prose,
  policies: list(section).default([]),
  mechanisms: z.array(mechanism).max(50).default([]),
  checks: list(checkId).default([]),
  carried: z.strictObject(
    Object.fromEntries(productLines.map((line) => [line, carried])) as Record<
      (typeof productLines)[number],
      typeof carried
    >,
  ),
  decision: z.strictObject({ default: z.enum(decisionKinds), why: prose }).optional(),
  applies: z.strictObject({ when: z.enum(conditions), otherwise: prose }).optional(),
  verified: z.enum(['yes', 'unverified']),
});

/** `program/controls/<family>.yaml` */
export const controlsFile = z.strictObject({
  family: z.enum(families),
  title,
  controls: z.array(control).max(200),
});
export type ControlEntry = z.output<typeof control>;

const value = z.union([z.number(), z.string().trim().min(1).max(200)], { error: 'expected a number or a word' });

const parameter = z.strictObject({
  title,
  value,
  unit: title.optional(),
  least: z.number().optional(),
  most: z.number().optional(),
  choices: list(value).min(1).optional(),
  setting: z.strictObject({ name: z.string().regex(/^[a-z_]+(\.[a-z_]+)*$/), times: z.number().positive() }).optional(),
  serves: list(z.string()).default([]),
  why: prose,
});
export type ParameterEntry = z.output<typeof parameter>;

const name = z.string().regex(/^[a-z][a-z0-9_]*$/);

/** `program/parameters.yaml` */
export const parametersFile = z.record(name, z.record(name, parameter));

/** Front matter of `program/policies/<id>.md` */
export const frontMatter = z.strictObject({
  title,
  satisfies: list(controlId),
  owner: word,
  approver: list(word).min(1),
  review_months: z.int().min(1).max(36),
  acknowledge: list(word),
  inherited: z.strictObject({
    default: z.enum(['locked', 'editable']),
    locked: list(word).default([]),
    editable: list(word).default([]),
  }),
});

/** `program/profiles/<id>.yaml` */
export const profileFile = z.strictObject({
  title,
  status: z.enum(['in-force', 'proposed', 'framework']),
  note: prose,
  rows: z
    .array(
      z.strictObject({
        citation: title,
        title,
        requirement: prose,
        controls: list(controlId).default([]),
        checks: list(checkId).default([]),
        verified: z.enum(['yes', 'unverified']),
      }),
    )
    .max(1_000),
});

/** `program/crosswalks/<id>.yaml` */
export const crosswalkFile = z.strictObject({
  title,
  source: prose,
  ids: z.record(controlId, list(title)),
});

/** `program/needs.yaml` */
export const needsFile = z.strictObject({
  needs: z
    .array(
      z.strictObject({
        id: word,
        title,
        approach: prose,
        controls: list(controlId),
        checks: list(checkId).default([]),
      }),
    )
    .max(100),
});

/** `program/subprocessors.yaml` */
export const subprocessorsFile = z.strictObject({
  subprocessors: z
    .array(
      z.strictObject({
        name: title,
        purpose: prose,
        country: title,
        ephi: z.boolean(),
        agreement: z.strictObject({ date: z.iso.date(), reference: title }).optional(),
      }),
    )
    .max(500),
});

/** `program/organization.yaml` */
export const organizationFile = z.strictObject({
  name: title,
  contact: title,
  conditions: list(z.enum(conditions)),
  lines: list(z.enum(productLines)).min(1),
});
