import { recordAround } from '@safeguard/access';
import {
  type Answer,
  type Html,
  html,
  linkButton,
  notice,
  type PageParts,
  type Principal,
  type RequestContext,
  type Route,
  sent,
  shown,
  timeOf,
  type Wrong,
} from '@safeguard/http';
import { fault, isUuid } from '@safeguard/kernel';
import type { RightKind, RightRequest } from '../types.ts';
import type { RightsPagesDeps } from './ports.ts';
import { done, leftOf, stateOf } from './words.ts';

export const record = '/account/record';

export const places: Readonly<Record<RightKind, string>> = {
  export: `${record}/copies`,
  amendment: `${record}/corrections`,
  objection: `${record}/objections`,
};

/** Somebody at the pages of their own record. */
export interface Visit {
  readonly context: RequestContext;
  readonly principal: Principal;
  /** Ids of the patients that they stand for. */
  readonly within: readonly string[];
  /** By id; who is not there is named by the id. */
  readonly nameOf: (patient: string) => string;
}

const noPatient = () => fault('missing', 'There is no such patient.');

async function visitOf(deps: RightsPagesDeps, context: RequestContext, action: string): Promise<Visit> {
  const { principal } = context;
  const { id } = context.params;
  if (id !== undefined && isUuid(id)) context.about?.([{ type: 'PrivacyRequest', id }]);
  deps.guard(principal, action, { type: 'Account', id: principal.id });
  const { within = [] } = principal;
  if (within.length === 0) throw noPatient();
  const names = within.length > 1 ? await deps.names?.(principal, within) : undefined;
  return { context, principal, within, nameOf: (patient) => names?.get(patient) ?? `Record ${patient}` };
}

type Handle = (visit: Visit) => Promise<Answer> | Answer;

/** Pages of one's own requests: the guard first. */
export const ways = (deps: RightsPagesDeps) => ({
  get: (path: string, action: string, then: Handle): Route =>
    shown({ path, action, auth: 'session' }, async (context) => then(await visitOf(deps, context, action))),
  post: (path: string, action: string, then: Handle): Route =>
    sent({ path, action, auth: 'session' }, async (context) => then(await visitOf(deps, context, action))),
});

/** The patient that a form or an address names, where there are several; the only one anyway. */
export function patientOf({ within }: Visit, asked: string): string {
  const patient = asked === '' && within.length === 1 ? (within[0] ?? '') : asked;
  if (!within.includes(patient)) throw noPatient();
  return patient;
}

interface Parts extends Pick<PageParts, 'title' | 'main'> {
  readonly here: string;
  readonly wrong?: readonly Wrong[];
  readonly status?: number;
  /** In whose records it is what is shown. */
  readonly patients?: readonly string[];
}

export async function recordPage(
  { frame }: RightsPagesDeps,
  { context }: Visit,
  { here, wrong = [], status = 200, patients = [], ...parts }: Parts,
): Promise<Answer> {
  const answer = await frame.page(context, {
    ...parts,
    ...(wrong.length === 0 ? {} : { status, wrong: true }),
    here: record,
    around: recordAround(here),
  });
  return patients.length === 0 ? answer : { ...answer, patients };
}

/** Requests of one kind, the newest first. */
export const ownOf = ({ rights }: RightsPagesDeps, { principal }: Visit, kind: RightKind): Promise<RightRequest[]> =>
  rights.list(principal.tenant, { kind, account: principal.id, patients: principal.within ?? [], count: 200 });

const titles: Readonly<Record<RightKind, string>> = { export: 'Copy', amendment: 'Correction', objection: 'Objection' };

const rowOf = (of: RightRequest, visit: Visit, now: number, act: Html | false): Html => {
  const whose = visit.within.length > 1 && html`${visit.nameOf(of.patient)}. `;
  return html`<li class="row"><div><h3>${titles[of.kind]}, asked ${timeOf(of.asked_at)}
<span class="tag">${stateOf(of)}</span></h3>
<p class="hint">${whose}${of.state === 'open' && html`${leftOf(of, now)}.`}</p>
${of.text !== undefined && html`<p class="said">${of.text}</p>`}</div>
<div class="acts">${act}
${linkButton(html`Show<span class="unseen"> this request</span>`, `${record}/requests/${of.id}`)}</div></li>`;
};

export const requestList = (
  list: readonly RightRequest[],
  visit: Visit,
  now: number,
  act: (of: RightRequest) => Html | false = () => false,
): Html =>
  list.length === 0
    ? html`<p class="hint">You have asked for none yet.</p>`
    : html`<ul class="rows">${list.map((of) => rowOf(of, visit, now, act(of)))}</ul>`;

export function doneNotice({ context }: Visit, table: Readonly<Record<string, string>>): Html | false {
  const text = done(table, context.query.get('done'));
  return text !== undefined && notice(html`<p>${text}</p>`, 'good');
}
