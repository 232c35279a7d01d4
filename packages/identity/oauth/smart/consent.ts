import type { Answer } from '@safeguard/http';
import { allOf, needsPatient } from './asked.ts';
import { consentPage, refusedPage } from './consent-page.ts';
import { asSpelled } from './decision.ts';
import type { InteractionDeps, PersonsVisit } from './interaction.ts';
import { patientsOf } from './person.ts';
import { grantedBy, readTicks } from './ticks.ts';
import type { PatientEntry } from './types.ts';

/** The patient in context, in words: looked up under the person's own rights. */
async function patientOf(
  deps: InteractionDeps,
  { request, person, account }: PersonsVisit,
): Promise<PatientEntry | undefined> {
  const { patient } = request.context;
  if (patient === null) return undefined;
  const [entry] = await patientsOf(deps, person.principal, account, [patient]);
  return entry;
}

const notApproved = {
  title: 'This app is not approved',
  text: 'Nobody of your organization has approved it yet. It gets no access; nothing was allowed.',
} as const;

const notYours = {
  title: 'This record is not yours to open',
  text: 'The record that the app wants is not there, or your account may not open it. Nothing was allowed.',
} as const;

/** What the app asks, to be judged by its person. */
export async function showConsent(deps: InteractionDeps, visit: PersonsVisit): Promise<Answer> {
  const { interaction, client, brand, account, request } = visit;
  const { asked, offer, context } = request;
  const shown = { brand, interaction, name: account.name };
  if (client.state !== 'approved') return refusedPage(shown, notApproved);
  const patient = await patientOf(deps, visit);
  if (context.patient !== null && patient === undefined) {
    return refusedPage(shown, notYours);
  }
  return consentPage({
    ...{ ...shown, client, offer, patient },
    less: asked.fhir.length > 0,
    own: account.kind === 'patient' && needsPatient(asked),
    describe: (scope) => deps.scopes.describe(scope),
  });
}

/**
 * The answer: what was ticked of what was offered, remembered for the next time; the grant itself is made when the
 * browser is back at the authorization server, and is held against the rights of that moment.
 */
export async function allow(deps: InteractionDeps, visit: PersonsVisit): Promise<Answer> {
  const { context, interaction, client, account, request } = visit;
  const { offer, asked } = request;
  if (client.state !== 'approved') return showConsent(deps, visit);
  context.found?.({ targets: [{ type: 'Client', id: client.client_id }] });
  const granted = grantedBy(readTicks(new URLSearchParams(context.body.toString('utf8'))), offer);
  const { patient } = request.context;
  const key = { tenant: client.tenant, account: account.id, client: client.client_id, patient };
  await deps.consents.keep(key, { asked: allOf(offer), granted });
  const scopes = asSpelled(granted, asked.fhir, deps.scopes);
  return deps.interactions.finish(context, interaction, { consent: { scopes } });
}

/** No, or not now. What was agreed before stays as it was. */
export function deny(deps: InteractionDeps, { context, interaction, client }: PersonsVisit): Promise<Answer> {
  context.found?.({
    outcome: 'deny',
    reason: 'the person said no',
    targets: [{ type: 'Client', id: client.client_id }],
  });
  const error_description = 'the person said no';
  return deps.interactions.finish(context, interaction, { error: 'access_denied', error_description });
}
