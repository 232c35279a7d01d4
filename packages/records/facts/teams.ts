import type { JsonObject } from '@safeguard/kernel';

/** What facts keep of a CareTeam (R4). */
export interface Team {
  readonly id: string;
  readonly active: boolean;
  readonly period: unknown;
  /** The Patient that it is the team of. No other patient's record is opened by it, whoever takes part. */
  readonly patient: string | undefined;
  /** `Type/id` of who takes part. For whom somebody acts (`onBehalfOf`) plays no part. */
  readonly members: readonly { readonly reference: string; readonly period: unknown }[];
}

/** What facts keep of a PractitionerRole. */
export interface PractitionerRole {
  readonly id: string;
  readonly active: boolean;
  readonly period: unknown;
  readonly practitioner: string | undefined;
  /** Id. */
  readonly organization: string | undefined;
}

const form = /^([A-Z][A-Za-z]+)\/([A-Za-z0-9.-]{1,64})(?:\/_history\/[A-Za-z0-9.-]{1,64})?$/;

/** `Type/id` of a Reference to this server; undefined: another kind, or another type than asked. */
export function localOf(reference: unknown, of?: string): string | undefined {
  const [, type, id] = form.exec(String((reference as { reference?: unknown } | undefined)?.reference)) ?? [];
  return type === undefined || (of !== undefined && type !== of) ? undefined : `${type}/${id}`;
}

export const idOf = (local: string | undefined): string | undefined => local?.slice(local.indexOf('/') + 1);

const isOdd = ({ modifierExtension, implicitRules }: JsonObject): boolean =>
  modifierExtension !== undefined || implicitRules !== undefined;

export function readTeam(resource: JsonObject): Team {
  const participants = Array.isArray(resource.participant) ? (resource.participant as JsonObject[]) : [];
  return {
    id: String(resource.id),
    active: resource.status === 'active' && !isOdd(resource),
    period: resource.period,
    patient: idOf(localOf(resource.subject, 'Patient')),
    members: participants.flatMap((one) => {
      const reference = isOdd(one) ? undefined : localOf(one.member);
      return reference === undefined ? [] : [{ reference, period: one.period }];
    }),
  };
}

/** R4: a PractitionerRole is active where it does not say otherwise. */
export const readRole = (resource: JsonObject): PractitionerRole => ({
  id: String(resource.id),
  active: resource.active !== false && !isOdd(resource),
  period: resource.period,
  practitioner: localOf(resource.practitioner, 'Practitioner'),
  organization: idOf(localOf(resource.organization, 'Organization')),
});
