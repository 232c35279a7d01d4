import type { RowFacts, Shield } from '@safeguard/access';
import type { JsonObject } from '@safeguard/kernel';
import type { Call, Shelf } from '../call.ts';
import { criterionOf } from '../search/rule-query.ts';
import { type Content, contentOf, fulfillingOf, ofPatients } from './judge.ts';
import { judgingOf } from './sight.ts';

/** Which elements of resources are shielded from a caller: by the permits that are for each of them. */

export type Asking = Pick<Call, 'principal'>;

/** Nothing of the resource is. */
export const open: Shield = { hide: [], readonly: [] };

const isSame = (one: Shield, other: Shield): boolean =>
  one.hide.join() === other.hide.join() && one.readonly.join() === other.readonly.join();

/** What rules ask of resources, and which of those at hand answer yes. */
type Kind = 'fulfils' | 'patientFulfils';
type Answers = Map<string, ReadonlySet<Content>>;

const keyOf = (kind: Kind, query: string): string => `${kind} ${query}`;

const labelsOf = (content: Content): string[] => {
  const { security } = (content.resource().meta ?? {}) as { readonly security?: unknown };
  return (Array.isArray(security) ? security : []).map((one: JsonObject) => `${one.system ?? ''}|${one.code ?? ''}`);
};

/** The facts of a resource as far as they are known; what is asked beyond is noted, and answered with no. */
function factsOf(content: Content, answers: Answers, asked: Map<string, readonly [Kind, string]>): RowFacts {
  const answer =
    (kind: Kind) =>
    (query: string): boolean => {
      const yes = answers.get(keyOf(kind, query));
      if (yes === undefined) asked.set(keyOf(kind, query), [kind, query]);
      return yes?.has(content) ?? false;
    };
  return {
    type: content.type,
    id: content.id,
    patients: content.patients(),
    labels: content.mayBeLabelled ? labelsOf(content) : [],
    fulfils: answer('fulfils'),
    patientFulfils: answer('patientFulfils'),
  };
}

/**
 * The shields of some resources of one type, in their order. Where permits differ, each resource is judged: `access`
 * asks, what it asked is answered for all at once, and it is asked again, until it has no question left.
 */
export async function shieldsOf(
  shelf: Shelf,
  { principal }: Asking,
  action: string,
  contents: readonly Content[],
): Promise<readonly Shield[]> {
  const { shield } = shelf.access;
  const type = contents[0]?.type ?? '';
  const any = shield?.(principal, type, action, 'any');
  if (shield === undefined || any === undefined) return contents.map(() => open);
  if (isSame(any, shield(principal, type, action) ?? open)) return contents.map(() => any);
  const judging = judgingOf(shelf, principal, 'any');
  const answers: Answers = new Map();
  for (;;) {
    const asked = new Map<string, readonly [Kind, string]>();
    const found = contents.map((one) => shield(principal, type, action, factsOf(one, answers, asked)) ?? open);
    if (asked.size === 0) return found;
    for (const [key, [kind, query]] of asked) {
      const yes =
        kind === 'fulfils'
          ? await fulfillingOf(judging, query, contents)
          : await ofPatients(judging, criterionOf('Patient', query, true), contents);
      answers.set(key, new Set(yes));
    }
  }
}

const distinct = (one: readonly string[], other: readonly string[]): readonly string[] => [
  ...new Set([...one, ...other]),
];

/** What a writer must leave as it is: by what they read as well as by what they write. */
export async function writersShield(shelf: Shelf, call: Asking, action: string, content: Content): Promise<Shield> {
  const [read = open] = await shieldsOf(shelf, call, 'read', [content]);
  const [write = open] = await shieldsOf(shelf, call, action, [content]);
  return { hide: distinct(read.hide, write.hide), readonly: distinct(read.readonly, write.readonly) };
}

/** A resource at hand, under the id that it has or will have, as what is judged. */
export const contentAt = (resource: JsonObject, type: string, id: string): Content => {
  const own = { ...resource, resourceType: type, id };
  return contentOf(type, id, () => own, true);
};
