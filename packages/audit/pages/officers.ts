import { accessAround } from '@safeguard/access';
import { type Answer, html, linkButton, type RequestContext, type Route, shown, timeOf } from '@safeguard/http';
import { fault, isUuid } from '@safeguard/kernel';
import type { AccessRow } from '../accounting/rows.ts';
import { disclosureWords, purposeOf, whatWords, whoWords } from '../accounting/words.ts';
import { grantsIn } from './list.ts';
import { besideOf, type Month, monthOf, monthWords } from './months.ts';
import type { AuditPagesDeps } from './ports.ts';
import { downloadOf } from './record.ts';

const here = '/access/patients';
const action = 'who-did';

function patientOf({ guard }: AuditPagesDeps, { principal, params, about }: RequestContext): string {
  const { id = '' } = params;
  if (isUuid(id)) about?.([{ type: 'Patient', id }]);
  guard(principal, action, { type: 'Patient' });
  if (!isUuid(id)) throw fault('missing', 'There is nothing of this kind under this id.');
  return id;
}

const rows_most = 500;

const line = (row: AccessRow, roles: ReadonlyMap<string, string>) => {
  const role = row.grant === null ? undefined : roles.get(row.grant);
  return html`<tr><td>${timeOf(row.at)}</td><td>${whoWords(row)}${role !== undefined && ` (${role})`}</td>
<td>${purposeOf(row)}</td><td>${whatWords(row)}</td><td>${disclosureWords(row)}</td></tr>`;
};

const table = (rows: readonly AccessRow[], roles: ReadonlyMap<string, string>) => html`<div class="scroll cells"
 role="region" aria-label="Accesses" tabindex="0"><table>
<thead><tr>${['When', 'Who', 'Purpose', 'What', 'Disclosure (45 CFR 164.528)'].map(
  (title) => html`<th scope="col">${title}</th>`,
)}</tr></thead>
<tbody>${rows.map((row) => line(row, roles))}</tbody></table></div>`;

async function show(deps: AuditPagesDeps, context: RequestContext): Promise<Answer> {
  const patient = patientOf(deps, context);
  const { tenant } = context.principal;
  const now = deps.clock.now();
  const month: Month = monthOf(context.query.get('month'), now);
  const { before, after } = besideOf(month, now);
  const asked = { from: month.from, to: Math.min(month.to, now + 1) };
  const accounting = await deps.audit.accounting(tenant, patient, asked);
  const roles = (await deps.roles?.(tenant, grantsIn(accounting))) ?? new Map<string, string>();
  const isCut = accounting.cut || accounting.rows.length > rows_most;
  const at = `${here}/${patient}/accesses`;
  const answer = await deps.frame.page(context, {
    title: 'Who did',
    here: '/access',
    around: accessAround(deps.guard, context.principal, here),
    main: html`<h1>Who looked at this record</h1>
<p class="lead">Patient <code>${patient}</code>, ${monthWords(month.name)}.</p>
<div class="acts">${before !== undefined && linkButton(html`← ${monthWords(before)}`, `${at}?month=${before}`)}
${after !== undefined && linkButton(html`${monthWords(after)} →`, `${at}?month=${after}`)}
${linkButton('Six years as PDF', `${at}/download?format=pdf`)}
${linkButton('This month as FHIR', `${at}/download?format=fhir&month=${month.name}`)}
${linkButton('Who can see it', `${here}/${patient}`)}</div>
${accounting.rows.length === 0 ? html`<p>Nobody in this month.</p>` : table(accounting.rows.slice(0, rows_most), roles)}
${isCut && html`<p class="hint">There were more: the PDF has them.</p>`}`,
  });
  return { ...answer, targets: [{ type: 'Patient', id: patient }] };
}

function download(deps: AuditPagesDeps, context: RequestContext): Promise<Answer> {
  const patient = patientOf(deps, context);
  const now = deps.clock.now();
  const asked = context.query.get('month');
  const { from, to } = monthOf(asked, now);
  const period = asked === null ? {} : { from, to: Math.min(to, now + 1) };
  return downloadOf(deps, context, { tenant: context.principal.tenant, patient, period });
}

/** For officers: the same, as 45 CFR 164.528 wants it. */
export const officerRoutes = (deps: AuditPagesDeps): Route[] => [
  shown({ path: `${here}/:id/accesses`, action, auth: 'session' }, (context) => show(deps, context)),
  shown({ path: `${here}/:id/accesses/download`, action, auth: 'session' }, (context) => download(deps, context)),
];
