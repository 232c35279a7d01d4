import { component, type Operation, operation, time, uuid } from '@safeguard/http';
import type { Clock } from '@safeguard/kernel';
import { z } from 'zod';
import { families, productLines, services } from '../content/types.ts';
import { inheritancePdf } from '../inheritance/document.ts';
import type { Inheritance, InheritedControl, Inheriter } from '../inheritance/types.ts';
import { iso, isoOr, momentOf, scope } from './fields.ts';

export interface InheritanceApi {
  readonly inheritance: Inheriter;
  readonly clock: Clock;
}

const inheriting = z
  .enum(['inherited', 'shared', 'yours', 'not-applicable'])
  .describe('Who carries it. How the platform’s part stands is `platform.state`.');
const checkState = z.enum(['met', 'unmet', 'unknown']);

const platform = z.strictObject({
  state: z.enum(['met', 'unmet', 'unknown', 'documented', 'undocumented', 'not-applicable']),
  holds: z.boolean().describe('Whether it can be relied upon now.'),
  because: z.string(),
  policies: z.array(z.string()),
  checks: z.array(
    z.strictObject({
      ...{ check: z.string(), title: z.string(), state: checkState },
      evidence: z.strictObject({ id: uuid, received_at: time, examined: z.int() }).nullable(),
    }),
  ),
});

const control = component(
  'InheritedControl',
  z.strictObject({
    ...{ id: z.string(), citation: z.string(), title: z.string(), family: z.enum(families) },
    ...{ kind: z.string(), level: z.string(), requirement: z.string(), approach: z.string(), inheriting },
    lines: z.array(z.strictObject({ line: z.enum(productLines), by: z.string(), customer: z.string().nullable() })),
    yours: z.array(z.string()).describe('What is left to you.'),
    platform: platform.nullable().describe('Null: the platform carries none of it.'),
  }),
);

export const inheritanceSchema = component(
  'Inheritance',
  z.strictObject({
    at: time,
    organization: z.string().describe('Who runs the platform.'),
    lines: z.array(z.enum(productLines)),
    services: z.array(z.enum(services)),
    set_at: time.nullable(),
    counts: z.strictObject({
      ...{ inherited: z.int(), shared: z.int(), yours: z.int(), 'not-applicable': z.int() },
    }),
    platform: z.strictObject({ holds: z.int(), fails: z.int(), unknown: z.int() }),
    controls: z.array(control),
  }),
);

function controlView({ platform: part, lines, yours, ...rest }: InheritedControl) {
  return {
    ...rest,
    lines: lines.map(({ line, by, customer }) => ({ line, by, customer: customer ?? null })),
    yours: [...yours],
    platform:
      part === undefined
        ? null
        : {
            ...part,
            policies: [...part.policies],
            checks: part.checks.map(({ evidence, ...check }) => ({
              ...check,
              evidence: evidence === undefined ? null : { ...evidence, received_at: iso(evidence.received_at) },
            })),
          },
  };
}

/** As the API and the operator's command tell it. */
export const inheritanceView = ({ at, organization, customer, counts, platform: part, controls }: Inheritance) => ({
  ...{ at: iso(at), organization, lines: [...customer.lines], services: [...customer.services] },
  ...{ set_at: isoOr(customer.at), counts, platform: part, controls: controls.map(controlView) },
});

/** `GET /api/v1/programme/inheritance`: of the caller's own organization. */
export const inheritanceOperations = ({ inheritance, clock }: InheritanceApi): Operation[] => [
  operation({
    method: 'GET',
    path: '/programme/inheritance',
    action: 'inheritance-read',
    type: 'Inheritance',
    scope,
    summary: 'Shows what your organization inherits from the platform',
    description:
      'Computed from the product lines and services of your organization and ' +
      'the state of the platform’s controls: who ' +
      'carries each, how the platform’s part stands now, and what is left to you. As JSON or PDF.',
    query: z.strictObject({
      at: z.iso.datetime({ offset: true }).optional().describe('At this moment; default now.'),
      format: z.enum(['json', 'pdf']).default('json'),
    }),
    status: 200,
    answer: inheritanceSchema,
    files: ['application/pdf'],
    async handle({ principal, query }) {
      const found = await inheritance.read(principal.tenant, momentOf(query.at, clock.now()));
      if (query.format === 'json') return { status: 200, body: inheritanceView(found) };
      const headers = { 'Content-Disposition': 'attachment; filename="inheritance.pdf"' };
      return { status: 200, headers, file: { type: 'application/pdf', body: await inheritancePdf(found) } };
    },
  }),
];
