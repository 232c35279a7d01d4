import type { Answer, Principal, RequestContext, Route } from '@safeguard/http';
import { fault, isUuid } from '@safeguard/kernel';
import { z } from 'zod';
import type { Account } from '../../accounts/types.ts';
import type { Launches } from './launches.ts';
import { fhirBase } from './parameters.ts';
import { activeAccount, rightsOf } from './person.ts';
import type { SmartClient, SmartDeps } from './types.ts';

const uuid = z.string().refine(isUuid, 'a UUID in lower case');

/** SMART App Launch 2.2, "EHR launch" and "Launch context": what is open in the EHR as the app starts. */
export const launchBody = z
  .strictObject({
    client_id: uuid,
    account: uuid.optional(),
    patient: uuid,
    encounter: uuid.optional(),
    intent: z.string().min(1).max(100).optional(),
    need_patient_banner: z.boolean().optional(),
    smart_style_url: z
      .url({ protocol: /^https$/ })
      .max(500)
      .optional(),
  })
  .describe('An EHR launch of an app, with the patient that is open.');

type LaunchBody = z.infer<typeof launchBody>;

export interface LaunchRouteDeps extends Pick<SmartDeps, 'accounts' | 'clients' | 'patients' | 'guard'> {
  readonly launches: Launches;
}

function bodyOf({ body }: RequestContext): LaunchBody {
  const parsed = launchBody.safeParse(jsonOf(body));
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path }) => ({
    severity: 'error' as const,
    code: 'invalid',
    text: 'The member is not as it must be.',
    at: path.map(String).join('.'),
  }));
  throw fault('invalid', 'The launch is not as it must be.', { issues });
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw fault('malformed', 'The body is no JSON.', { cause });
  }
}

/** At our own pages a session carries no scopes: the person looks with all that the account may. */
async function asThemselves(deps: LaunchRouteDeps, principal: Principal): Promise<Principal> {
  if (principal.kind !== 'user' || principal.client !== undefined) return principal;
  return rightsOf(principal, await activeAccount(deps, principal.tenant, principal.id));
}

type LaunchableClient = SmartClient & { readonly launch_uri: string };

/** The app, of the caller's own tenant. Fault `invalid`: another tenant's app looks like none. */
async function appOf({ clients }: LaunchRouteDeps, tenant: number, client_id: string): Promise<LaunchableClient> {
  const client = await clients.byId(client_id);
  if (client?.tenant !== tenant || client.state !== 'approved' || client.launch_uri === undefined) {
    throw fault('invalid', 'There is no approved app of this client_id that can be launched.');
  }
  return { ...client, launch_uri: client.launch_uri };
}

/** A person launches for themselves; a client for whom it names, or for whoever takes the launch up. */
async function accountOf(deps: LaunchRouteDeps, principal: Principal, body: LaunchBody): Promise<string | null> {
  const named = body.account ?? null;
  if (principal.kind === 'user') {
    if (named !== null && named !== principal.id) throw fault('forbidden', 'A person launches for themselves alone.');
    return principal.id;
  }
  const account: Account | undefined = named === null ? undefined : await deps.accounts.byId(principal.tenant, named);
  if (named !== null && account?.state !== 'active') throw fault('invalid', 'There is no active account of this id.');
  return named;
}

/** Where the browser is sent to: the app's own address with the two parameters that the guide names. */
function launchUrl(launch_uri: string, base: string, launch: string): string {
  const url = new URL(launch_uri);
  url.searchParams.set('iss', fhirBase(base));
  url.searchParams.set('launch', launch);
  return url.href;
}

async function handle(deps: LaunchRouteDeps, context: RequestContext): Promise<Answer> {
  const { principal, base } = context;
  deps.guard(principal, 'launch-create', { type: 'Launch' });
  const body = bodyOf(context);
  const { client_id, launch_uri } = await appOf(deps, principal.tenant, body.client_id);
  const account = await accountOf(deps, principal, body);
  const [patient] = await deps.patients.byIds(await asThemselves(deps, principal), [body.patient]);
  if (patient === undefined) throw fault('invalid', 'There is no patient of this id that you may open.');
  const { intent, need_patient_banner, smart_style_url } = body;
  const { secret, expires_at } = await deps.launches.make({
    tenant: principal.tenant,
    client: client_id,
    account,
    made_by: principal.id,
    context: {
      patient: body.patient,
      encounter: body.encounter ?? null,
      ...(intent === undefined ? {} : { intent }),
      ...(need_patient_banner === undefined ? {} : { need_patient_banner }),
      ...(smart_style_url === undefined ? {} : { smart_style_url }),
    },
  });
  const launch_url = launchUrl(launch_uri, base, secret);
  return {
    status: 201,
    type: 'application/json',
    headers: { 'Cache-Control': 'no-store' },
    body: JSON.stringify({ launch: secret, launch_url, expires_at: new Date(expires_at).toISOString() }),
    targets: [
      { type: 'Client', id: client_id },
      { type: 'Patient', id: body.patient },
    ],
  };
}

/**
 * Starts an app from an EHR: single-use, 5 minutes, for one app of the caller's tenant. `access` says who may: the
 * workforce at our own pages, and whoever holds the scope and is limited to no patient.
 */
export const launchRoute = (deps: LaunchRouteDeps): Route => ({
  method: 'POST',
  path: '/api/v1/launches',
  action: 'launch-create',
  auth: 'either',
  errors: 'problem',
  accepts: ['application/json'],
  limit_bytes: 16_384,
  handle: (context) => handle(deps, context),
});
