import { recordAround } from '@safeguard/access';
import {
  type Answer,
  type Html,
  html,
  linkButton,
  type Principal,
  type RequestContext,
  type Route,
  shown,
} from '@safeguard/http';
import { fault, isUuid } from '@safeguard/kernel';
import { grantsIn, type Reader, rowList } from './list.ts';
import { besideOf, type Month, monthOf, monthWords } from './months.ts';
import type { AuditPagesDeps } from './ports.ts';
import { isOwn } from './row-words.ts';

const here = '/account/record';
const action = 'self-disclosures';

/** One's own account, and the patients that it stands for at this moment. */
function standingFor({ guard }: AuditPagesDeps, { principal }: RequestContext): readonly string[] {
  guard(principal, action, { type: 'Account', id: principal.id });
  return principal.within ?? [];
}

/** Undefined: there are several, and none is named. Fault `missing` for one that they do not stand for. */
function patientOf({ query }: RequestContext, within: readonly string[]): string | undefined {
  const asked = query.get('patient');
  if (asked === null) return within.length === 1 ? within[0] : undefined;
  if (!isUuid(asked) || !within.includes(asked)) throw fault('missing', 'There is no such patient.');
  return asked;
}

const namesOf = async ({ names }: AuditPagesDeps, principal: Principal, patients: readonly string[]) =>
  (await names?.(principal, patients)) ?? new Map<string, string>();

async function chooser(deps: AuditPagesDeps, context: RequestContext, within: readonly string[]): Promise<Answer> {
  const names = await namesOf(deps, context.principal, within);
  const nobody = html`<p>Your account stands for no patient. Here patients, and those who act for them, see who looked
at the record.</p>`;
  const answer = await deps.frame.page(context, {
    title: 'Whose record?',
    here,
    around: recordAround(here),
    main: html`<h1>Who looked at the record</h1>
<section class="sheet slim" aria-labelledby="whose"><h2 id="whose">Whose record?</h2>${
      within.length === 0
        ? nobody
        : html`<ul class="rows stack">${within.map(
            (id) => html`<li>${linkButton(names.get(id) ?? `Record ${id}`, `${here}?patient=${id}`)}</li>`,
          )}</ul>`
    }</section>`,
  });
  return { ...answer, patients: within };
}

const addressOf = (patient: string, month: string, all: boolean): string =>
  `${here}?patient=${patient}&month=${month}${all ? '&show=all' : ''}`;

function months(patient: string, month: Month, all: boolean, now: number): Html {
  const { before, after } = besideOf(month, now);
  return html`<div class="acts">
${before !== undefined && linkButton(html`← ${monthWords(before)}`, addressOf(patient, before, all))}
${after !== undefined && linkButton(html`${monthWords(after)} →`, addressOf(patient, after, all))}</div>`;
}

const downloads = (patient: string, month: string): Html => html`<section class="sheet" aria-labelledby="keep">
<h2 id="keep">To keep</h2><p>The list of six years as a document, or of this month for another program.</p>
<div class="acts">${linkButton('Six years as PDF', `${here}/download?patient=${patient}&format=pdf`)}
${linkButton('This month as PDF', `${here}/download?patient=${patient}&format=pdf&month=${month}`)}
${linkButton('This month as FHIR', `${here}/download?patient=${patient}&format=fhir&month=${month}`)}</div></section>`;

/** Rows of one page; a month with more is told to be cut. */
const rows_most = 1_000;

async function list(deps: AuditPagesDeps, context: RequestContext, patient: string): Promise<Answer> {
  const { principal, query } = context;
  const now = deps.clock.now();
  const month = monthOf(query.get('month'), now);
  const all = query.get('show') === 'all';
  const asked = { from: month.from, to: Math.min(month.to, now + 1), only: principal.within ?? [] };
  const accounting = await deps.audit.accounting(principal.tenant, patient, asked);
  const [names, roles] = await Promise.all([
    namesOf(deps, principal, [patient]),
    deps.roles?.(principal.tenant, grantsIn(accounting)) ?? new Map<string, string>(),
  ]);
  const found = accounting.rows.filter((row) => all || !isOwn(row, principal.id));
  const rows = found.slice(0, rows_most);
  const reader: Reader = { own: principal.id, patient, roles, objects: deps.objects === true };
  const own = accounting.rows.length - accounting.rows.filter((row) => !isOwn(row, principal.id)).length;
  const answer = await deps.frame.page(context, {
    title: 'Who looked at your record',
    here,
    around: recordAround(here),
    main: html`<h1>Who looked at your record</h1>
<p class="lead">${names.get(patient) ?? html`Record <code>${patient}</code>`}, ${monthWords(month.name)}: everybody who
looked at it, changed it, or tried to.</p>
${months(patient, month, all, now)}
${
  rows.length === 0
    ? html`<section class="sheet" aria-label="Nobody"><p>Nobody${!all && ' but you'} looked at it in this
month.</p></section>`
    : rowList(rows, reader)
}
${(accounting.cut || found.length > rows.length) && html`<p class="hint">There were more: the PDF has them.</p>`}
<p>${
      all
        ? linkButton('Leave out what you did yourself', addressOf(patient, month.name, false))
        : own > 0 && linkButton(html`Show also what you did yourself (${own})`, addressOf(patient, month.name, true))
    }</p>
${principal.within !== undefined && principal.within.length > 1 && html`<p>${linkButton('Another record', here)}</p>`}
${downloads(patient, month.name)}`,
  });
  return { ...answer, patients: [patient] };
}

async function download(deps: AuditPagesDeps, context: RequestContext): Promise<Answer> {
  const within = standingFor(deps, context);
  const patient = patientOf(context, within);
  if (patient === undefined) throw fault('missing', 'There is no such patient.');
  const now = deps.clock.now();
  const asked = context.query.get('month');
  const month = asked === null ? {} : monthOf(asked, now);
  const { from, to } = { ...month } as Partial<Month>;
  const period = {
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to: Math.min(to, now + 1) }),
  };
  const file = { tenant: context.principal.tenant, patient, period: { ...period, only: within } };
  return downloadOf(deps, context, file);
}

interface File {
  readonly tenant: number;
  readonly patient: string;
  readonly period: { readonly from?: number; readonly to?: number; readonly only?: readonly string[] };
}

/** PDF, or FHIR where it is asked for. */
export async function downloadOf(
  { audit }: AuditPagesDeps,
  { base, query }: RequestContext,
  { tenant, patient, period }: File,
): Promise<Answer> {
  const headers = (name: string) => ({
    'Content-Disposition': `attachment; filename="${name}"`,
    'Cache-Control': 'no-store',
  });
  if (query.get('format') === 'fhir') {
    const bundle = await audit.bundle(tenant, patient, { ...period, base: `${base}/fhir/R4` });
    const body = JSON.stringify(bundle);
    return { status: 200, type: 'application/fhir+json', headers: headers('accesses.json'), body, patients: [patient] };
  }
  const body = await audit.pdf(await audit.accounting(tenant, patient, period));
  return { status: 200, type: 'application/pdf', headers: headers('accesses.pdf'), body, patients: [patient] };
}

/** For patients and those who act for them. */
export const recordRoutes = (deps: AuditPagesDeps): Route[] => [
  shown({ path: here, action, auth: 'session' }, (context) => {
    const within = standingFor(deps, context);
    const patient = patientOf(context, within);
    return patient === undefined ? chooser(deps, context, within) : list(deps, context, patient);
  }),
  shown({ path: `${here}/download`, action, auth: 'session' }, (context) => download(deps, context)),
];
