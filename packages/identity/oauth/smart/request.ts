import { fault } from '@safeguard/kernel';
import type { Account } from '../../accounts/types.ts';
import { type Asked, needsPatient, type Offer, offerOf, readAsked } from './asked.ts';
import type { Launch, Launches } from './launches.ts';
import { activeAccount } from './person.ts';
import { type LaunchContext, noContext } from './sealed-context.ts';
import type { InteractionResult, SmartClient, SmartDeps } from './types.ts';

/** One authorization request of one person, seen whole: what is asked, what may be given, whose record is open. */
export interface SmartRequest {
  readonly client: SmartClient;
  readonly account: Account;
  readonly asked: Asked;
  readonly offer: Offer;
  readonly launch: Launch | undefined;
  readonly context: LaunchContext;
  /** True when somebody has to say whose record is to be opened. */
  readonly wantsPatient: boolean;
  readonly wantsEncounter: boolean;
}

export interface RequestParts {
  readonly client_id: string;
  readonly account: string;
  /** The request's own parameters: of them `scope` and `launch` are read. */
  readonly params: Readonly<Record<string, unknown>>;
  readonly earlier: InteractionResult;
}

export type ReadRequest = (parts: RequestParts) => Promise<SmartRequest>;

type Deps = Pick<SmartDeps, 'accounts' | 'clients' | 'scopes' | 'patients'> & { readonly launches: Launches };

/** True when the account may have this patient in context at all; workforce is judged at each record. */
const standsFor = (account: Account, patient: string): boolean =>
  account.kind === 'workforce' || account.patients.includes(patient);

/** Whose record it is without asking: of the launch, or the only one that the account stands for. */
function knownPatient(account: Account, launch: Launch | undefined): string | null {
  if (launch !== undefined && launch.context.patient !== null) return launch.context.patient;
  const [only, ...others] = account.patients;
  return account.kind !== 'workforce' && only !== undefined && others.length === 0 ? only : null;
}

function contextOf(account: Account, launch: Launch | undefined, asked: Asked, earlier: InteractionResult) {
  const context = launch?.context ?? noContext;
  const wanted = launch !== undefined || needsPatient(asked);
  const patient = wanted ? (knownPatient(account, launch) ?? earlier.patient?.id ?? null) : null;
  if (patient !== null && !standsFor(account, patient)) {
    throw fault('forbidden', 'This account does not stand for the patient of the request.');
  }
  return { ...context, patient, encounter: context.encounter ?? earlier.encounter?.id ?? null };
}

/** The launch that the request names. Fault `invalid` when it is none of this app and person, or was used up. */
async function launchOf({ launches }: Deps, client: SmartClient, account: Account, { params }: RequestParts) {
  const { launch: secret, scope } = params;
  if (typeof secret !== 'string' || typeof scope !== 'string' || !scope.split(' ').includes('launch')) return undefined;
  const launch = await launches.find(client.tenant, client.client_id, secret);
  const theirs = launch?.account === null || launch?.account === account.id;
  if (launch === undefined || !launch.open || !theirs) throw fault('invalid', wrongLaunch);
  return launch;
}

/** An app that is not launched by an EHR gets nothing by the scope of one. */
const withoutLaunch = (asked: Asked, launch: Launch | undefined): Asked =>
  launch !== undefined ? asked : { ...asked, launch: asked.launch.filter((scope) => scope !== 'launch') };

/** One text whatever is wrong with it: nothing tells whether a launch exists. */
export const wrongLaunch = 'The launch is unknown, expired, was used before, or is not for this app and person.';

/** Faults: `missing` (no such client), `forbidden` (account, patient), `invalid` (launch). */
export const createReadRequest =
  (deps: Deps): ReadRequest =>
  async (parts) => {
    const client = await deps.clients.byId(parts.client_id);
    if (client === undefined) throw fault('missing', 'This app is not known here.');
    const account = await activeAccount(deps, client.tenant, parts.account);
    const launch = await launchOf(deps, client, account, parts);
    const asked = withoutLaunch(readAsked(parts.params['scope'], deps.scopes), launch);
    const context = contextOf(account, launch, asked, parts.earlier);
    const offer = offerOf(asked, client, account, deps.scopes);
    return {
      client,
      account,
      asked,
      offer,
      launch,
      context,
      wantsPatient: context.patient === null && needsPatient(asked),
      wantsEncounter:
        deps.patients.encounters !== undefined &&
        asked.launch.includes('launch/encounter') &&
        context.patient !== null &&
        context.encounter === null &&
        parts.earlier.encounter === undefined,
    };
  };
