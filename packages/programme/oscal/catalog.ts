import { words as inWords } from '../content/render.ts';
import { type Control, type Family, families, type Parameter } from '../content/types.ts';
import { type Head, metadata, sealed } from './head.ts';
import type { OscalInput } from './input.ts';
import { headOf } from './input-parts.ts';
import { type JsonObject, node } from './json.ts';
import { insertedIn, line, text, wordsParam } from './markup.ts';
import { controlToken, familyTitles, statementToken } from './names.ts';
import { maybe, number, oneOf, prose, record, scalar, scalars, word, words } from './props.ts';
import { toValue } from './values.ts';

/** What a catalog says of a specification or a rule: what is asked, not what is done. */
export type CatalogSpecification = Pick<
  Control,
  'id' | 'citation' | 'title' | 'kind' | 'level' | 'requirement' | 'applies' | 'verified'
>;
export interface CatalogControl extends CatalogSpecification {
  readonly specifications: readonly CatalogSpecification[];
}
export interface CatalogParameter extends Omit<Parameter, 'place'> {
  /** With its unit, where a text asks for that: `15 minutes`. */
  readonly worded?: string;
}
export interface CatalogModel {
  readonly head: Head;
  readonly groups: readonly { readonly family: Family; readonly controls: readonly CatalogControl[] }[];
  readonly parameters: readonly CatalogParameter[];
}

export const controlFacts = record({
  level: oneOf('level', ['required', 'addressable', 'none']),
  verified: oneOf('citation-verified', ['yes', 'unverified']),
  applies: maybe(record({ when: word('applies-when'), otherwise: prose('applies-otherwise') })),
});
export const parameterFacts = record({
  value: scalar('value'),
  unit: maybe(word('unit')),
  least: maybe(number('least')),
  most: maybe(number('most')),
  choices: maybe(scalars('choice')),
  setting: maybe(record({ name: word('setting'), times: number('setting-times') })),
  formula: maybe(word('formula')),
  serves: words('serves'),
});

function parameter(one: CatalogParameter): JsonObject[] {
  const { name, title, value, why, worded } = one;
  const plain = {
    id: name,
    props: parameterFacts.write(one),
    label: line(title),
    usage: text(why),
    values: [toValue(String(value))],
  };
  const worder = { id: wordsParam(name), class: 'words', label: line(title), values: [toValue(worded ?? '')] };
  return [plain, ...(worded === undefined ? [] : [worder])];
}

function control(one: CatalogSpecification, specifications: readonly CatalogSpecification[] = []): JsonObject {
  const { id, citation, title, kind, requirement } = one;
  return node({
    id: controlToken(id),
    class: kind,
    title: line(title),
    props: [
      { name: 'label', value: toValue(citation) },
      { name: 'sort-id', value: controlToken(id) },
      ...controlFacts.write(one),
    ],
    parts: [{ id: statementToken(id), name: 'statement', prose: text(requirement) }],
    controls: specifications.map((specification) => control(specification)),
  });
}

export function writeCatalog({ head, groups, parameters }: CatalogModel): JsonObject {
  const remarks =
    'Requirements in our own words; the regulation itself counts. No authority certifies compliance with HIPAA.';
  return sealed(
    'catalog',
    node({
      metadata: metadata(head, { title: 'HIPAA: standards, specifications and rules', remarks }),
      params: parameters.flatMap(parameter),
      groups: groups.map(({ family, controls }) =>
        node({
          id: family,
          class: 'family',
          title: line(familyTitles[family]),
          controls: controls.map((one) => control(one, one.specifications)),
        }),
      ),
    }),
  );
}

const catalogued = ({ id, citation, title, kind, level, requirement, applies, verified }: Control) => ({
  ...{ id, citation, title, kind, level, requirement, verified },
  ...(applies === undefined ? {} : { applies }),
});

function catalogControls(all: readonly Control[], family: Family): CatalogControl[] {
  const tops = all.filter((one) => one.family === family && one.standard === undefined);
  return tops.map((top) => ({
    ...catalogued(top),
    specifications: all.filter(({ standard }) => standard === top.id).map(catalogued),
  }));
}

export function catalogOf(input: OscalInput): CatalogModel {
  const all = [...input.content.controls.values()];
  const inserted = new Set(all.flatMap(({ approach }) => insertedIn(approach)));
  const groups = families.map((family) => ({ family, controls: catalogControls(all, family) }));
  return {
    head: headOf(input),
    groups: groups.filter(({ controls }) => controls.length > 0),
    parameters: [...input.content.parameters.values()].map(({ place: _, ...one }) => ({
      ...one,
      ...(inserted.has(wordsParam(one.name)) ? { worded: inWords(one) } : {}),
    })),
  };
}
