import { fault } from '@safeguard/kernel';
import type { Ledger } from '@safeguard/ledger';
import {
  compareStated,
  filenameOf,
  inheritancePdf,
  inheritanceView,
  makingView,
  type Reporting,
  reportView,
  wantedOf,
} from '@safeguard/programme';
import { text } from '../act-input.ts';
import type { Act, Asked } from '../admin-acts.ts';

export interface ReportActDeps {
  readonly reporting: Pick<Reporting, 'reports' | 'inheritance'>;
  readonly ledger: Pick<Ledger, 'readAt'>;
  /** The number of the tenant of a name; Fault `missing`. */
  readonly tenantOf: (name: string) => Promise<number>;
}

const operator = { tenant: 1, id: 'operator', roles: ['operator'] } as const;

const missing = () => fault('missing', 'There is no such report; `safeguard report list` shows them');

const time = (value: unknown, name: string): string => {
  const given = text(value, name);
  if (Number.isNaN(Date.parse(given))) throw fault('invalid', `${name}: expected a time, such as 2026-11-22T10:00:00Z`);
  return given;
};

const kinds = ['audit', 'bundle'] as const;
const formats = ['pdf', 'html'] as const;

function oneOf<T extends string>(value: unknown, all: readonly T[], name: string): T {
  const found = all.find((one) => one === value);
  if (found === undefined) throw fault('invalid', `${name}: expected one of ${all.join(', ')}`);
  return found;
}

/** What is wanted; families are held against those that there are where the report is begun. */
function wanted({ kind, from, until, families, format, notes }: Asked['body']) {
  return wantedOf({
    ...{ kind: oneOf(kind, kinds, 'kind'), from: time(from, 'from'), until: time(until, 'until') },
    ...(Array.isArray(families) ? { families: families.map((one) => text(one, 'families')) as never[] } : {}),
    ...(format === undefined ? {} : { format: oneOf(format, formats, 'format') }),
    ...(notes === true ? { notes } : {}),
  });
}

const ofReports = ({ reports }: ReportActDeps['reporting']): readonly Act[] => [
  {
    method: 'POST',
    path: /^\/reports$/,
    action: 'report-make',
    type: 'Report',
    async run({ body }) {
      const started = reports.start(operator, wanted(body));
      return { result: makingView(started), targets: [{ type: 'Report', id: started.id }] };
    },
  },
  {
    method: 'GET',
    path: /^\/reports$/,
    action: 'report-list',
    type: 'Report',
    run: async () => ({ result: { items: (await reports.list()).map(reportView) } }),
  },
  {
    method: 'GET',
    path: /^\/reports\/(?<id>[^/]+)$/,
    action: 'report-read',
    type: 'Report',
    async run({ params: { id = '' } }) {
      const targets = [{ type: 'Report', id }];
      const found = await reports.byId(id);
      if (found !== undefined) {
        const result = { ...reportView(found), state: 'made', filename: filenameOf(found), parts: found.parts };
        return { result, targets };
      }
      const making = reports.making(id);
      if (making === undefined) throw missing();
      return { result: makingView(making), targets };
    },
  },
  {
    method: 'GET',
    path: /^\/reports\/(?<id>[^/]+)\/parts\/(?<n>\d{1,6})$/,
    action: 'report-read',
    type: 'Report',
    async run({ params: { id = '', n = '' } }) {
      const bytes = await reports.part(id, Number(n));
      return { result: { data: bytes.toString('base64') }, targets: [{ type: 'Report', id }] };
    },
  },
];

const ofCustomers = ({ reporting: { inheritance }, tenantOf }: ReportActDeps): readonly Act[] => [
  {
    method: 'GET',
    path: /^\/inheritance$/,
    action: 'inheritance-read',
    type: 'Inheritance',
    async run({ query }) {
      const tenant = await tenantOf(query.get('tenant') ?? 'default');
      const found = await inheritance.read(tenant);
      const pdf = query.get('format') === 'pdf' ? { pdf: (await inheritancePdf(found)).toString('base64') } : {};
      return { result: { ...inheritanceView(found), ...pdf }, tenant };
    },
  },
  {
    method: 'POST',
    path: /^\/inheritance\/(?<tenant>[^/]+)$/,
    action: 'inheritance-set',
    type: 'Inheritance',
    async run({ params, body }) {
      const tenant = await tenantOf(decodeURIComponent(params['tenant'] ?? ''));
      const list = (value: unknown, name: string): string[] => {
        if (Array.isArray(value)) return value.map((one) => text(one, name));
        throw fault('invalid', `${name}: expected a list`);
      };
      const asked = { lines: list(body['lines'], 'lines'), services: list(body['services'] ?? [], 'services') };
      const { lines, services } = await inheritance.setCustomer(operator, tenant, asked);
      return { result: { lines, services }, tenant, targets: [{ type: 'Tenant', id: String(tenant) }] };
    },
  },
];

/** What the operator at the machine does of reports and inheritance. */
export const reportActs = (deps: ReportActDeps): readonly Act[] => [
  ...ofReports(deps.reporting),
  ...ofCustomers(deps),
  {
    method: 'POST',
    path: /^\/evidence\/compare$/,
    action: 'evidence-read',
    type: 'Evidence',
    run: async ({ body }) => ({ result: { wrong: await compareStated(deps.ledger, body['items']) } }),
  },
];
