import type { CompiledConsents, Shape as ConsentShape } from '../../consent/compile.ts';
import { effectsFor } from '../../consent/effects.ts';
import type { Node } from '../../consent/provision.ts';
import type { Term } from '../../consent/terms.ts';
import { letters } from '../../interactions.ts';
import { isExcepted } from '../../policy/shows.ts';
import type { ConsentExceptions } from '../../policy/sights-consents.ts';
import type { Holding } from '../../standing/types.ts';
import { bitOf, type Rows } from './rows.ts';
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
  readonly purpose: string;
}

/** What the patients' consents take from somebody who asks for a purpose; undefined: there are none. */
export function createWithheld(
  consents: CompiledConsents,
  exceptionsOf: ConsentExceptions,
  { byType }: Rows,
  at: number,
): ((caller: Caller) => Mask) | undefined {
  if (consents.shapes.length === 0) return undefined;
  const isAsked = (token: string): boolean => consents.tokens.has(token);
  const known = new Map<string, Mask>();

  function find({ id, shape, holdings, purpose }: Caller): Mask {
    const { kind, fhir_user, organizations, within } = shape;
    const roles = holdings.map(({ role }) => role);
    const client = kind === 'client' ? id : undefined;
    const effects = effectsFor(consents, { client, fhir_user, roles, organizations, purpose, at });
    let mask = 0n;
    for (const [type, rows] of byType) {
      for (const [place, letter] of letters.split('').entries()) {
        const exceptions = exceptionsOf(effects, within, { type, letter });
        for (const { row, index } of rows) {
          if (exceptions.some(({ exception }) => isExcepted(exception, row))) mask |= bitOf(index, place);
        }
      }
    }
    return mask;
  }

  return (caller) => {
    const { id, shape, holdings, purpose } = caller;
    const roles = holdings.map(({ role }) => role).filter((role) => isAsked(`role ${role}`));
    const client = shape.kind === 'client' && isAsked(`is Device/${id}`) ? id : '';
    const key = [purpose, client, shape.fhir_user, shape.organizations, shape.within, shape.kind, roles.sort()].join(
      '|',
    );
    const mask = known.get(key) ?? find(caller);
    known.set(key, mask);
    return mask;
  };
}
