import type { Answer, Brand, Guard, Principal, RequestContext, Route } from '@safeguard/http';
import type { Clock } from '@safeguard/kernel';
import type { Vault } from '@safeguard/seal';
import type { Segment } from '@safeguard/store';
import type { interactionPolicy, KoaContextWithOIDC } from 'oidc-provider';
import type { Accounts } from '../../accounts/types.ts';
import type { Sessions } from '../../sessions/types.ts';
import type { ScopeRules } from '../../types.ts';
import type { KeptConsent } from './consents.ts';

/** One patient as a picker shows them: names, not ids, are what a person recognises. */
export interface PatientEntry {
  /** The id of the Patient, a UUID. */
  readonly id: string;
  readonly name: string;
  /** As FHIR writes it: `1980-02-03`, or less of it. */
  readonly birthDate?: string;
  readonly gender?: string;
}

/** One encounter of a patient, in words. */
export interface EncounterEntry {
  readonly id: string;
  /** What it was, of our own making: class, type. */
  readonly label: string;
  /** ISO 8601 date or instant of its beginning. */
  readonly start?: string;
}

/**
 * Patients under the rights of whoever asks, each look in the ledger: filled by the composition root with the FHIR
 * search. What may not be seen is not there.
 */
export interface PatientPort {
  /** By name or identifier; at most 20. */
  search(principal: Principal, text: string): Promise<readonly PatientEntry[]>;
  byIds(principal: Principal, ids: readonly string[]): Promise<readonly PatientEntry[]>;
  /**
   * Encounters of one patient, newest first, at most 20; Fault `forbidden` counts as none. Absent: no standalone
   * encounter context is offered.
   */
  encounters?(principal: Principal, patient: string): Promise<readonly EncounterEntry[]>;
}

/** What a person must know of an app, and what it may be given at most. */
export interface SmartClient {
  readonly client_id: string;
  readonly tenant: number;
  readonly name: string;
  /** Who stands behind the app. */
  readonly publisher?: string;
  /** Who of the tenant let it in, as people know them. */
  readonly approved_by?: string;
  readonly state: 'draft' | 'pending' | 'approved' | 'revoked';
  /** In normal form. */
  readonly scopes: readonly string[];
  /** The EHR launch: where the app begins (`launch_uri`). */
  readonly launch_uri?: string;
}

/** What a prompt of an interaction came to; kept by the authorization server with the interaction, never in a URL. */
export interface InteractionResult {
  readonly login?: {
    readonly accountId: string;
    /** Seconds since the Unix epoch. */
    readonly ts: number;
    readonly acr: string;
    readonly amr: string[];
  };
  readonly patient?: { readonly id: string };
  readonly encounter?: { readonly id: string | null };
  /** As they are answered to the app: within what was asked, in the app's spelling. */
  readonly consent?: { readonly scopes: readonly string[] };
  readonly error?: string;
  readonly error_description?: string;
}

/** One authorization request that waits for a person. */
export interface Interaction {
  readonly uid: string;
  readonly prompt: { readonly name: string; readonly reasons: readonly string[] };
  readonly params: Readonly<Record<string, unknown>>;
  /** The account that the authorization server knew when the interaction began. */
  readonly account?: string;
  /** What earlier prompts of the same request came to. */
  readonly earlier: InteractionResult;
  /** Milliseconds since the Unix epoch. */
  readonly started_at: number;
}

export interface Interactions {
  /**
   * The interaction that the path names, when the browser's own interaction cookie names the same one and it is open.
   * Undefined otherwise: foreign, old and unknown look the same.
   */
  find(context: RequestContext, uid: string): Promise<Interaction | undefined>;
  /** Keeps the result (merged over the earlier ones, unless it is an error) and sends the browser back: 303. */
  finish(context: RequestContext, interaction: Interaction, result: InteractionResult): Promise<Answer>;
}

export interface SmartDeps {
  readonly segment: Segment;
  readonly vault: (tenant: number) => Promise<Vault>;
  readonly clock: Clock;
  readonly scopes: ScopeRules;
  readonly guard: Guard;
  readonly accounts: Pick<Accounts, 'byId'>;
  readonly sessions: Pick<Sessions, 'signedIn'>;
  readonly tenantName: (tenant: number) => Promise<string>;
  readonly brand: (tenant: number) => Promise<Brand>;
  readonly clients: { byId(client_id: string): Promise<SmartClient | undefined> };
  readonly patients: PatientPort;
  readonly interactions: Interactions;
}

type Validator = (ctx: KoaContextWithOIDC, value: string | undefined) => Promise<void>;

/** SMART App Launch 2.2 as parts of oidc-provider's configuration, and routes of ours. */
export interface Smart {
  /**
   * `interactions.policy`: login, patient, encounter, consent; the last one, `grant`, never asks: it makes the Grant
   * (one per authorization; `loadExistingGrant` must answer undefined), sets `params.scope` to what was granted, and
   * keeps the launch context under the Grant's id. The provider's session gets `uid` = the id of our session.
   */
  readonly policy: interactionPolicy.Prompt[];
  /** `extraParams`. `aud` also brings the provider's session in line with ours before anything is judged. */
  readonly extraParams: Readonly<Record<'aud' | 'launch', Validator>>;
  /** Members of the token response beside OAuth's, of the Grant (code and refresh alike): patient, encounter, … */
  extras(tenant: number, grantId: string): Promise<Readonly<Record<string, unknown>>>;
  /** What the Grant is bound to, for the token row; null: nothing. */
  context(tenant: number, grantId: string): Promise<{ patient: string | null; encounter: string | null } | undefined>;
  /** The absolute URL of the account's `fhirUser`, or undefined. */
  fhirUser(base: string, fhir_user: string | null): string | undefined;
  /** What an account agreed to, app by app: for its own list. */
  apps(tenant: number, account: string): Promise<KeptConsent[]>;
  /**
   * Forgets what an account agreed with an app, so that it has to ask again; grants and tokens are the caller's to end.
   */
  endApp(tenant: number, account: string, client_id: string): Promise<boolean>;
  routes(): Route[];
  /** Launches and contexts that ended more than a day ago; returns how many. */
  sweep(): Promise<number>;
}
