import { type Operation, operation } from '@safeguard/http';
import { fault } from '@safeguard/kernel';
import { z } from 'zod';
import { oscalVersions } from '../oscal/names.ts';
import { checkHouse, iso, momentOf, scope, word } from './fields.ts';
import { house } from './ports.ts';

/** What a document is asked for. */
export interface OscalWanted {
  readonly oscal: (typeof oscalVersions)[number];
  /** Of assessment results: evidence received in [from, until), milliseconds since the Unix epoch. */
  readonly from: number;
  readonly until: number;
  /** Of `customer-system-security-plan`: number of the customer's tenant. */
  readonly customer?: number;
}

export interface OscalApi {
  readonly clock: { now(): number };
  /** Makes a document. Fault `missing` for a name or a customer that is none. */
  readonly oscal: (document: string, wanted: OscalWanted) => Promise<object>;
}

const day_ms = 86_400_000;
const at = z.iso.datetime({ offset: true }).optional();
/** What customers read: their own plan, and what it rests on. */
const forCustomers = ['catalog', 'profile', 'customer-system-security-plan'];

const query = z.strictObject({
  version: z.enum(oscalVersions).default('1.1.3').describe('Of OSCAL. Mappings are written in 1.2.2 alone.'),
  from: at.describe('Of assessment results: evidence received from then on; default a day before `until`.'),
  until: at.describe('Of assessment results: until then; default now.'),
  customer: z.coerce
    .number()
    .int()
    .min(2)
    .max(2_147_483_647)
    .optional()
    .describe("Of a customer's plan: their tenant; customers read their own."),
});

const noPeriod = () => {
  const text = 'A period begins before it ends.';
  return fault('invalid', text, { issues: [{ severity: 'error', code: 'invalid', text, at: 'from' }] });
};

const file = (name: string) => ({ 'Content-Disposition': `attachment; filename="${name}.json"` });

export const oscalOperations = ({ oscal, clock }: OscalApi): Operation[] => [
  operation({
    method: 'GET',
    path: '/programme/oscal/:document',
    params: { document: word('Oscal') },
    action: 'oscal-read',
    type: 'Oscal',
    scope,
    summary: 'The programme as an OSCAL document (NIST): catalog, profile, plans, results, open items, mappings',
    description:
      'Documents: `catalog`, `profile`, `profile-<id>`, `component-definition`, `system-security-plan`, ' +
      '`customer-system-security-plan`, `assessment-results`, `plan-of-action-and-milestones`, `mapping-collection`.',
    query,
    status: 200,
    files: ['application/json'],
    async handle({ principal, params: { document = '' }, query: asked }) {
      const isHouse = principal.tenant === house;
      if (!isHouse && !forCustomers.includes(document)) checkHouse(principal);
      const customer = isHouse ? asked.customer : principal.tenant;
      const until = momentOf(asked.until, clock.now());
      const from = asked.from === undefined ? until - day_ms : Date.parse(asked.from);
      if (from >= until) throw noPeriod();
      const made = await oscal(document, {
        ...{ oscal: asked.version, from, until },
        ...(customer === undefined ? {} : { customer }),
      });
      const body = JSON.stringify(made);
      return {
        status: 200,
        file: { type: 'application/json', body },
        headers: file(`${document}-${iso(until).slice(0, 10)}`),
      };
    },
  }),
];
