import { deepStrictEqual, equal, ok } from 'node:assert/strict';
import { describe, it } from 'node:test';
import { resourceTypes, typeDefinition } from '@safeguard/fhir';
import { categories } from '../segments/categories.ts';
import { freeText } from '../segments/free-text.ts';
import { createDecide, segmentMap, worded } from '../segments/index.ts';
import { keptDates } from '../segments/kept-dates.ts';
import { definitional, publishers, shown } from '../segments/shown.ts';

const rules = [...segmentMap.types, ...segmentMap.paths];
const dated = new Set(['date', 'dateTime', 'instant', 'time']);

/** Datatypes whose values are numbers, flags, or codes of a code system: they stay, by their datatype. */
const kept = new Set([...'boolean canonical code decimal integer positiveInt unsignedInt'.split(' ')]);

const known = (at: string): boolean => {
  const dot = at.lastIndexOf('.');
  if (dot < 0) return typeDefinition(at) !== undefined;
  return typeDefinition(at.slice(0, dot))?.elements.has(at.slice(dot + 1)) ?? false;
};

/** Every type that a resource can hold, backbones included, found by walking from the resources. */
function reachable(): Set<string> {
  const found = new Set<string>(resourceTypes);
  for (const type of found) {
    for (const element of typeDefinition(type)?.elements.values() ?? []) {
      for (const held of element.types) if (typeDefinition(held)?.kind === 'complex') found.add(held);
    }
  }
  return found;
}

/** True inside something that is lifted whole. */
const gone = (type: string): boolean => rules.some((rule) => type === rule.at || type.startsWith(`${rule.at}.`));

const listed = (list: Readonly<Record<string, string>>): string[] =>
  Object.entries(list).flatMap(([type, names]) => names.split(' ').map((name) => `${type}.${name}`));

const decide = createDecide();

interface Row {
  readonly at: string;
  readonly type: string;
  readonly owner: string;
  readonly name: string;
}

function* elements(): Generator<Row> {
  for (const owner of reachable()) {
    if (gone(owner)) continue;
    for (const [name, element] of typeDefinition(owner)?.elements ?? []) {
      const type = element.types[0] ?? '';
      if (typeDefinition(type)?.kind !== 'complex') yield { at: `${owner}.${name}`, type, owner, name };
    }
  }
}

const isDefinitional = (at: string): boolean => definitional.includes(at.split('.')[0] ?? '');

describe('the segment map', () => {
  it('lists the 18 categories of 45 CFR 164.514(b)(2)(i), and reaches each of them', () => {
    equal(categories.length, 18);
    deepStrictEqual(
      categories.map(({ number, paragraph }) => `${number}${paragraph}`),
      [...'ABCDEFGHIJKLMNOPQR'].map((letter, index) => `${index + 1}${letter}`),
    );
    const reached = new Set([...rules, ...segmentMap.identityExtensions].flatMap((rule) => rule.categories));
    deepStrictEqual(
      [...reached].sort((a, b) => a - b),
      categories.map(({ number }) => number),
    );
  });

  it('names only what R4 defines, each once, with a reason', () => {
    const names = [...rules.map((rule) => rule.at), ...shown.flatMap((entry) => entry.at)];
    deepStrictEqual(
      names.filter((at) => !known(at)),
      [],
    );
    deepStrictEqual(
      names.filter((at, index) => names.indexOf(at) !== index),
      [],
    );
    ok(rules.every((rule) => rule.why.length > 5 && rule.categories.length > 0));
    deepStrictEqual(
      [...definitional, ...segmentMap.persons].filter((type) => !typeDefinition(type)),
      [],
    );
  });

  it('decides on every primitive element of every type: nothing is forgotten', () => {
    const text: string[] = [];
    const dates: string[] = [];
    const undecided: string[] = [];
    for (const { at, type, owner, name } of elements()) {
      const decision = decide(owner, name, type);
      if (decision === 'text') text.push(at);
      else if (decision === 'identity' || kept.has(type) || worded.has(type)) continue;
      else if (!dated.has(type) && type !== 'Resource') undecided.push(at);
      else if (type !== 'Resource' && !isDefinitional(at)) dates.push(at);
    }
    const publisher = (at: string): boolean => publishers.includes(at.split('.')[1] ?? '') && isDefinitional(at);
    deepStrictEqual(undecided, []);
    deepStrictEqual(text.filter((at) => !publisher(at)).sort(), listed(freeText).sort());
    deepStrictEqual(dates.sort(), listed(keptDates).sort());
  });

  it('shows a worded element only by the allow list: the list and free text do not meet', () => {
    const allowed = new Set(shown.flatMap((entry) => entry.at));
    deepStrictEqual(
      listed(freeText).filter((at) => allowed.has(at)),
      [],
    );
    equal(decide('Invented', 'anything', 'string'), 'text');
  });
});
