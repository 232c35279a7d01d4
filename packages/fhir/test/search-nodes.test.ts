import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import fhirpath from 'fhirpath';
import r4 from 'fhirpath/fhir-context/r4';
import { isResourceType, type Parameter, parametersOf, resourceTypes } from '../index.ts';
import { readPaths } from '../search/path.ts';
import { lay, newNode, type Walk, walker } from '../search/walk.ts';
import { picker, randomResource } from './search-random.ts';
import { filesIn, shared, untar } from './shared.ts';

/** The nodes that our walk finds for a parameter, against those that fhirpath.js finds for its expression. */
type Resource = Record<string, unknown>;

const walks = new Map<Parameter, Walk<unknown[]>>();

function nodesOf(resource: Resource, parameter: Parameter): unknown[] {
  let walk = walks.get(parameter);
  if (!walk) {
    const root = newNode<unknown[]>();
    for (const path of readPaths(parameter.expression ?? '', parameter.of) ?? []) {
      assert.ok(
        lay(root, parameter.of, path, () => (value, found) => void found.push(value)),
        `${parameter.of} ${parameter.code}`,
      );
    }
    walk = walker(root);
    walks.set(parameter, walk);
  }
  const found: unknown[] = [];
  walk(resource, found, resource);
  return found;
}

function resolved(reference: unknown, root: Resource): { resourceType: string } | undefined {
  const text = typeof reference === 'string' ? reference : (reference as { reference?: string })?.reference;
  if (text?.startsWith('#')) {
    const contained = (root['contained'] ?? []) as { id: string; resourceType: string }[];
    return contained.find(({ id }) => id === text.slice(1));
  }
  const type =
    /([A-Z]\w+)\/[^/]+(?:\/_history\/[^/]+)?$/.exec(text ?? '')?.[1] ?? (reference as { type?: string })?.type ?? '';
  return isResourceType(type) ? { resourceType: type } : undefined;
}

type Node = { convertData(): unknown };
const compiled = new Map<string, (resource: Resource) => unknown[]>();

function expectedOf(resource: Resource, expression: string): unknown[] {
  let evaluate = compiled.get(expression);
  if (!evaluate) {
    const state: { root: Resource } = { root: {} };
    // What a function of ours gives has no type in fhirpath.js, so `is` is asked of its resourceType.
    const typed = expression.replace(/resolve\(\) is (\w+)/g, "resolve().resourceType = '$1'");
    const run = fhirpath.compile(typed, r4, {
      userInvocationTable: {
        resolve: {
          fn: (inputs: Node[]) => inputs.flatMap((one) => resolved(one.convertData(), state.root) ?? []),
          arity: { 0: [] },
          internalStructures: true,
        },
      },
    });
    evaluate = (one) => {
      state.root = one;
      return run(one) as unknown[];
    };
    compiled.set(expression, evaluate);
  }
  return evaluate(resource);
}

const sorted = (all: readonly unknown[]): string[] => all.map((one) => JSON.stringify(one)).sort();

/** Expressions that end in `resource` content or true/false are not nodes of the resource. */
const isNodes = ({ expression = '' }: Parameter): boolean => !expression.includes('!= false');

function compare(resource: Resource): number {
  let values = 0;
  for (const parameter of parametersOf(String(resource['resourceType'])).values()) {
    if (!isNodes(parameter)) continue;
    const { expression = '', of, code } = parameter;
    const own = expression
      .split(' | ')
      .filter((part) => new RegExp(`^\\(?(${of}|Resource|DomainResource)\\b`).test(part) || /^[a-z]/.test(part));
    const expected = own.length === 0 ? [] : expectedOf(resource, own.join(' | '));
    // fhirpath.js gives `null` for a primitive that has an extension alone, and a union drops equal items.
    const [mine, theirs] = [nodesOf(resource, parameter), expected].map((all) =>
      sorted(all.filter((one) => one !== null)),
    );
    assert.deepEqual([...new Set(mine)], [...new Set(theirs)], `${of} ${code}`);
    values += expected.length;
  }
  return values;
}

test('every parameter of R4 is laid out by our own walk', () => {
  const left: string[] = [];
  let count = 0;
  for (const type of resourceTypes) {
    for (const parameter of parametersOf(type).values()) {
      count += 1;
      const paths = readPaths(parameter.expression ?? '', type);
      const isLaid = paths?.every((path) => lay(newNode(), type, path, () => undefined)) ?? false;
      if (!isLaid || paths?.length === 0) left.push(`${type}.${parameter.code}`);
    }
  }
  assert.equal(count, 2283);
  assert.deepEqual(left, []);
});

const synthea = shared('synthea');
test('nodes as fhirpath.js finds them, in real resources', { skip: synthea === undefined }, () => {
  const seen = new Map<string, number>();
  let values = 0;
  for (const file of filesIn(synthea ?? '').filter((_, index) => index < 2 || index % 30 === 0)) {
    const bundle = JSON.parse(gunzipSync(readFileSync(join(synthea ?? '', file))).toString());
    for (const { resource } of bundle.entry as { resource: Resource }[]) {
      const type = String(resource['resourceType']);
      const before = seen.get(type) ?? 0;
      seen.set(type, before + 1);
      if (before < 8) values += compare(resource);
    }
  }
  process.stderr.write(`${values} nodes in ${seen.size} types of real resources\n`);
  assert.ok(seen.size >= 20 && values > 1000);
});

const core = shared('ig/hl7.fhir.us.core-6.1.0.tgz');
test('nodes as fhirpath.js finds them, in the US Core examples', { skip: core === undefined }, () => {
  let values = 0;
  for (const [name, bytes] of untar(core ?? '')) {
    if (!/^package\/(example\/)?[A-Z].*\.json$/.test(name)) continue;
    const resource = JSON.parse(bytes.toString()) as Resource;
    if (name.startsWith('package/example/') || bytes.length < 20_000) values += compare(resource);
  }
  assert.ok(values > 1000);
});

test('nodes as fhirpath.js finds them, in random resources of every type', () => {
  const seed = Number(process.argv[2] ?? 20_260_101);
  let values = 0;
  for (const type of resourceTypes) {
    for (let round = 0; round < 6; round++) values += compare(randomResource(type, picker(seed + values)));
  }
  process.stderr.write(`${values} nodes in random resources of ${resourceTypes.length} types, seed ${seed}\n`);
  assert.ok(values > 10_000);
});
