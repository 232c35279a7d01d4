import { families } from '../content/types.ts';
import {
  type CatalogControl,
  type CatalogModel,
  type CatalogParameter,
  type CatalogSpecification,
  controlFacts,
  parameterFacts,
  writeCatalog,
} from './catalog.ts';
import { at, type Cursor, firstOf, items, stringAt, textAt, unfit, valueAt } from './cursor.ts';
import { readHead, rootOf } from './head.ts';
import { controlOf } from './names.ts';
import { lossless } from './same.ts';

/** The id of a control where a token of one is expected. */
export function controlIdAt(cursor: Cursor, ...keys: readonly string[]): string {
  const id = controlOf(stringAt(cursor, ...keys));
  if (id === undefined) throw unfit(at(cursor, ...keys), 'the id of a control, cfr-164.…');
  return id;
}

/** One of these words. */
export function among<W extends string>(words: readonly W[], cursor: Cursor, ...keys: readonly string[]): W {
  const given = stringAt(cursor, ...keys);
  const found = words.find((word) => word === given);
  if (found === undefined) throw unfit(at(cursor, ...keys), `one of ${words.join(', ')}`);
  return found;
}

const kinds = ['standard', 'specification', 'rule'] as const;

function specification(of: Cursor): CatalogSpecification {
  const props = items(of, 'props');
  const label = firstOf(props, (prop) => at(prop, 'name').value === 'label', at(of, 'props'), 'a property label');
  const parts = items(of, 'parts');
  const statement = firstOf(parts, (part) => at(part, 'name').value === 'statement', at(of, 'parts'), 'a statement');
  return {
    id: controlIdAt(of, 'id'),
    citation: valueAt(label, 'value'),
    title: textAt(of, 'title'),
    kind: among(kinds, of, 'class'),
    requirement: textAt(statement, 'prose'),
    ...(controlFacts.read(of) as Pick<CatalogSpecification, 'level' | 'verified' | 'applies'>),
  };
}

const control = (of: Cursor): CatalogControl => ({
  ...specification(of),
  specifications: items(of, 'controls').map(specification),
});

function parameters(root: Cursor): CatalogParameter[] {
  const isWorded = (of: Cursor): boolean => at(of, 'class').value === 'words';
  const all = items(root, 'params');
  const worded = new Map(all.filter(isWorded).map((of) => [stringAt(of, 'id'), firstValue(of)]));
  return all
    .filter((of) => !isWorded(of))
    .map((of) => {
      const name = stringAt(of, 'id');
      const inWords = worded.get(`${name}.words`);
      return {
        ...{ name, title: textAt(of, 'label'), why: textAt(of, 'usage') },
        ...(parameterFacts.read(of) as Pick<CatalogParameter, 'value' | 'serves'>),
        ...(inWords === undefined ? {} : { worded: inWords }),
      };
    });
}

function firstValue(of: Cursor): string {
  const [value] = items(of, 'values');
  if (value === undefined) throw unfit(at(of, 'values'), 'a value');
  return valueAt(value);
}

/** What a catalog was made of. Fault `invalid`, with a JSON pointer, for whatever Safeguard would not have written. */
export const readCatalog: (document: unknown) => CatalogModel = lossless((document) => {
  const root = rootOf(document, 'catalog');
  return {
    head: readHead(root),
    groups: items(root, 'groups').map((group) => ({
      family: among(families, group, 'id'),
      controls: items(group, 'controls').map(control),
    })),
    parameters: parameters(root),
  };
}, writeCatalog);
