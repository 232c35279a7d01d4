import { button, form, type Html, type Principal, type RequestContext, timeOf } from '@safeguard/http';
import { namesOf } from '../api/names.ts';
import { noSuch } from '../api/reach.ts';
import { policyApprovers } from '../policies/approvals.ts';
import type { PolicyVersion } from '../policies/types.ts';
import { roleHeld } from '../roles-held.ts';
import { policyStates } from './policy-states.ts';
import type { AccessPagesDeps } from './ports.ts';
import { type Call, callerOf, capital, fact, facts, said } from './words.ts';

export const path = '/access/policies';

/** A version, whoever is named in it, and which one is in force. */
export interface Look {
  readonly of: PolicyVersion;
  readonly call: Call;
  readonly active: number;
}

export async function lookOf(deps: AccessPagesDeps, { principal, params }: RequestContext): Promise<Look> {
  const { tenant } = principal;
  const of = await deps.policies.byVersion(tenant, Number(params['version']));
  if (of === undefined) throw noSuch();
  const people = [...of.authors, of.submitted_by, of.activated_by, ...of.decisions.map(({ by }) => by)];
  const call = callerOf(await namesOf(deps, tenant, people), principal);
  return { of, call, active: (await deps.policies.active(tenant)).version };
}

/** For what is offered: whether it counts is for the service to say. */
export const mayDecide = (principal: Principal, { state, authors, submitted_by, decisions }: PolicyVersion): boolean =>
  state === 'submitted' &&
  ![...authors, submitted_by, ...decisions.map(({ by }) => by)].includes(principal.id) &&
  roleHeld(principal, policyApprovers) !== undefined;

export const stand = ({ of, call }: Look): Html =>
  facts([
    fact('State', policyStates[of.state]),
    of.version > 0 && fact('Written by', of.authors.map((id) => capital(call(id))).join(', ')),
    of.version > 0 && fact('Changed', timeOf(of.changed_at)),
    of.version > 0 && fact('Based on', `Version ${of.based_on}`),
    of.submitted_by !== undefined && fact('Submitted by', capital(call(of.submitted_by))),
    fact('Approvals needed', of.needed),
    of.activates_at !== undefined && fact('Begins, or began', timeOf(of.activates_at)),
    of.note !== undefined && fact('What changed, and why', said(of.note)),
  ]);

/** A step without a form of its own. */
export const act = (of: PolicyVersion, step: string, text: string, kind: 'main' | 'quiet' | 'danger' = 'quiet'): Html =>
  form(`${path}/${of.version}/${step}`, button(text, kind));
