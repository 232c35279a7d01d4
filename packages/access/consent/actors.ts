import { codesOf, type Fields, fieldsOf, listOf, localOf, textOf } from './shape.ts';
import type { ConsentAsking } from './types.ts';
import { purposesAbove, recipientRoles, systems } from './vocabulary.ts';

/** Who is meant: any of the alternatives, each of which is a list of tokens that the caller must have all of. */
export type Actors = readonly (readonly string[])[];

/** An attribute as it is read: at least what it surely means, and whether something of it is unclear. */
export interface Read<T> {
  readonly clear: readonly T[];
  readonly unclear: boolean;
}

const actorTypes: ReadonlySet<string> = new Set([
  ...['CareTeam', 'Device', 'Organization', 'Patient', 'Practitioner', 'PractitionerRole', 'RelatedPerson'],
]);
/** What the caller's facts may not tell. */
const untold: ReadonlySet<string> = new Set(['CareTeam', 'PractitionerRole']);

const unknownToken = (type: string): string => `unknown ${type}`;

const hasReference = (reference: Fields): boolean =>
  ['reference', 'identifier', 'type'].some((key) => reference[key] !== undefined);

/** What the caller must have; undefined: not understood. */
function tokensOf({ role, reference }: Fields): string[] | undefined {
  const codes = codesOf(role);
  const own = codes.find(({ system }) => system === systems.role);
  if (own !== undefined && !hasReference(fieldsOf(reference))) return [`role ${own.code}`];
  const local = localOf(reference);
  if (local === undefined || !actorTypes.has(local.slice(0, local.indexOf('/')))) return undefined;
  if (own !== undefined) return [`role ${own.code}`, `is ${local}`];
  return codes.some(({ system = '', code }) => recipientRoles[system]?.includes(code)) ? [`is ${local}`] : undefined;
}

export function readActors(value: unknown): Read<readonly string[]> {
  const actors = listOf(value);
  const read = actors?.map((actor) => (actor.modifierExtension === undefined ? tokensOf(actor) : undefined)) ?? [];
  return {
    clear: read.flatMap((one) => (one === undefined ? [] : [one])),
    unclear: !actors || read.includes(undefined),
  };
}

/** The same alternatives, and those that may apply because the caller's facts do not tell. */
export function withUntold(actors: Actors): Actors {
  return actors.flatMap((tokens) => {
    const type = [...untold].find((one) => tokens.some((token) => token.startsWith(`is ${one}/`)));
    if (type === undefined) return [tokens];
    return [tokens, tokens.map((token) => (token.startsWith('is ') ? unknownToken(type) : token))];
  });
}

/** Who is no person that a CareTeam or a PractitionerRole can name is on none. */
function membershipsOf({ fhir_user, careTeams, practitionerRoles }: ConsentAsking): {
  readonly careTeams: readonly string[] | undefined;
  readonly practitionerRoles: readonly string[] | undefined;
} {
  const otherwise = fhir_user === undefined ? [] : undefined;
  return { careTeams: careTeams ?? otherwise, practitionerRoles: practitionerRoles ?? otherwise };
}

/** What a caller is, in the words that consents use. */
export function askingTokens(asking: ConsentAsking): string[] {
  const { client, fhir_user, roles, organizations, purpose } = asking;
  const { careTeams, practitionerRoles } = membershipsOf(asking);
  const refs = (type: string, ids: readonly string[] | undefined): string[] =>
    ids === undefined ? [unknownToken(type)] : ids.map((id) => `is ${type}/${id}`);
  return [
    ...(client === undefined ? [] : [`is Device/${client}`]),
    ...(textOf(fhir_user) === undefined ? [] : [`is ${fhir_user}`]),
    ...roles.map((role) => `role ${role}`),
    ...refs('Organization', organizations),
    ...refs('CareTeam', careTeams),
    ...refs('PractitionerRole', practitionerRoles),
    ...purposesAbove(purpose).map((code) => `for ${code}`),
  ];
}
