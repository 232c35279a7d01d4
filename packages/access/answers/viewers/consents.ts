import type { CompiledConsents, Shape as ConsentShape } from '../../consent/compile.ts';
import { effectsFor } from '../../consent/effects.ts';
import type { Node } from '../../consent/provision.ts';
import type { Term } from '../../consent/terms.ts';
import type { ConsentAsking } from '../../consent/types.ts';
import { letters } from '../../interactions.ts';
import { isExcepted } from '../../policy/shows.ts';
import type { ConsentExceptions } from '../../policy/sights-consents.ts';
import type { Holding } from '../../standing/types.ts';
import { bitsOf, type Rows } from './rows.ts';
import type { Mask, Shape } from './types.ts';

/** Only what these patients say. */
export function consentsOf(all: CompiledConsents, patients: readonly string[]): CompiledConsents {
  const shapes = all.shapes.flatMap((shape): ConsentShape[] => {
    const places = [...shape.patients.keys()].filter((place) => patients.includes(shape.patients[place] ?? ''));
    const pick = (list: readonly string[]): string[] => places.flatMap((place) => list[place] ?? []);
    if (places.length === 0) return [];
    return [{ roots: shape.roots, patients: pick(shape.patients), consents: shape.consents.map(pick) }];
  });
  const tokens = new Set(shapes.flatMap(({ roots }) => roots).flatMap(tokensIn));
  return { ...all, shapes, tokens };
}

const sidesIn = ({ may, must }: Node) => (must === undefined ? [may] : [may, must]);

const tokensIn = (node: Node): string[] => [
  ...sidesIn(node).flatMap(({ actors = [], purposes = [] }) => [...actors.flat(), ...purposes]),
  ...node.children.flatMap(tokensIn),
];

const termsIn = (node: Node): Term[] => [
  ...node.path,
  ...sidesIn(node).flatMap(({ terms }) => terms),
  ...node.children.flatMap(termsIn),
];

const queriesIn = ({ queries = [], except = [] }: Term): string[] => [...queries, ...except.flatMap(queriesIn)];
const isNaming = ({ instances, except = [] }: Term): boolean => instances !== undefined || except.some(isNaming);

/** What the consents ask of resources: queries, and whether they mean some by name. */
export function askedBy({ shapes }: CompiledConsents): { readonly queries: readonly string[]; readonly byId: boolean } {
  const terms = shapes.flatMap(({ roots }) => roots.flatMap(termsIn));
  return { queries: [...new Set(terms.flatMap(queriesIn))], byId: terms.some(isNaming) };
}

/** Ids of what consents name as actors. */
export const namedIn = ({ tokens }: CompiledConsents, type: string): string[] =>
  [...tokens].filter((one) => one.startsWith(`is ${type}/`)).map((one) => one.slice(`is ${type}/`.length));

interface Caller {
  readonly id: string;
  readonly shape: Shape;
  readonly holdings: readonly Holding[];
}

/** What the patients' consents take. */
export interface Withheld {
  /** The number of a class: from callers of one class the same is taken, whatever the purpose. */
  classOf(caller: Caller): number;
  from(caller: number, purpose: string): Mask;
}

/** Callers in classes: within one, no consent tells them apart. */
function createClasses({ tokens }: CompiledConsents) {
  const callers: Caller[] = [];
  const numbers = new Map<string, number>();
  const usual = new Map<Shape, number>();
  const roles = new Set([...tokens].flatMap((one) => (one.startsWith('role ') ? one.slice('role '.length) : [])));

  function numberOf(key: string, caller: Caller): number {
    const before = numbers.get(key);
    if (before !== undefined) return before;
    numbers.set(key, callers.length);
    return callers.push(caller) - 1;
  }

  /** Whoever is not named, and holds no role that is. */
  function usualOf(caller: Caller): number {
    const before = usual.get(caller.shape);
    if (before !== undefined) return before;
    const made = numberOf(`usual ${usual.size}`, caller);
    usual.set(caller.shape, made);
    return made;
  }

  return {
    callers,
    of(caller: Caller): number {
      const { id, shape, holdings } = caller;
      const named = shape.kind === 'client' && tokens.has(`is Device/${id}`) ? id : '';
      const own = roles.size === 0 ? [] : holdings.flatMap(({ role }) => (roles.has(role) ? role : []));
      if (named === '' && own.length === 0) return usualOf(caller);
      return numberOf([usualOf({ ...caller, id: '', holdings: [] }), named, ...own.sort()].join('|'), caller);
    },
  };
}

type Membership = Pick<ConsentAsking, 'careTeams' | 'practitionerRoles'>;
const nowhere: Membership = { careTeams: [], practitionerRoles: [] };

/** Of more teams and roles than these it is not worked out who may be on which. */
const named_most = 4;

const subsets = (all: readonly string[]): string[][] =>
  Array.from({ length: 2 ** all.length }, (_, bits) => all.filter((_one, place) => ((bits >> place) & 1) === 1));

/**
 * The teams and roles that somebody may be on, of those that Consents name: nobody tells of many people at once who is.
 * None: there are too many, and nothing can be said of what is taken.
 */
function membershipsIn(consents: CompiledConsents): Membership[] {
  const [teams, roles] = [namedIn(consents, 'CareTeam'), namedIn(consents, 'PractitionerRole')];
  if (teams.length + roles.length > named_most) return [];
  return subsets(teams).flatMap((careTeams) =>
    subsets(roles).map((practitionerRoles) => ({ careTeams, practitionerRoles })),
  );
}

/** Undefined: there are no consents, or nothing is surely taken. `consents`: of these patients alone. */
export function createWithheld(
  consents: CompiledConsents,
  exceptionsOf: ConsentExceptions,
  { byType }: Rows,
  at: number,
): Withheld | undefined {
  if (consents.shapes.length === 0 || membershipsIn(consents).length === 0) return undefined;
  const classes = createClasses(consents);
  const known = new Map<string, Mask>();

  const memberships = membershipsIn(consents);

  /** What is taken from the caller for a purpose, whoever they are: on no team, on this one, on both. */
  const find = (caller: Caller, purpose: string): Mask =>
    memberships
      .map((one) => taken(caller, purpose, caller.shape.fhir_user === undefined ? nowhere : one))
      .reduce((all, mask) => all & mask);

  function taken({ id, shape, holdings }: Caller, purpose: string, membership: Membership): Mask {
    const { kind, fhir_user, organizations, within } = shape;
    const roles = holdings.map(({ role }) => role);
    const client = kind === 'client' ? id : undefined;
    const effects = effectsFor(consents, { client, fhir_user, roles, organizations, ...membership, purpose, at });
    let mask = 0n;
    for (const [type, rows] of byType) {
      for (const [place, letter] of letters.split('').entries()) {
        const exceptions = exceptionsOf(effects, within, { type, letter });
        for (const { row, index } of rows) {
          if (exceptions.some(({ exception }) => isExcepted(exception, row))) mask |= bitsOf(index, 1 << place);
        }
      }
    }
    return mask;
  }

  return {
    classOf: classes.of,
    from(number, purpose) {
      const key = `${number} ${purpose}`;
      const before = known.get(key);
      if (before !== undefined) return before;
      const caller = classes.callers[number];
      const made = caller === undefined ? 0n : find(caller, purpose);
      known.set(key, made);
      return made;
    },
  };
}
