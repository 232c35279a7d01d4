import { isObject } from '../object.ts';
import { boundTo } from './binding.ts';
import { objectAt, textAt } from './definition.ts';
import { atLeast, exactly } from './equal.ts';
import { below, type Item } from './items.ts';
import { checkWhole } from './kinds.ts';
import type { Owner } from './library.ts';
import { follow, type Step, stepsOf } from './paths.ts';
import { depth_limit, type Run, trial } from './run.ts';
import type { Discriminator, Node } from './tree.ts';

/** Whether an item belongs to a slice. */
export type Belongs = (item: Item, run: Run) => boolean;

/** What a slice states at the end of a discriminator's path: elements, or parts of fixed values on the way. */
interface End {
  readonly nodes: readonly Node[];
  readonly parts: readonly unknown[];
}

const bare = (name: string): string => (name.endsWith('[x]') ? name.slice(0, -3) : name);

/** The element of a name, and the slices of it that every item must have: R4's own `bp` states its code in one. */
const childrenNamed = (node: Node, name: string): Node[] =>
  node.children
    .filter((child) => bare(child.name) === name)
    .flatMap((child) => [child, ...child.slices.filter(({ min }) => min > 0)]);

/** The extension slice that stands for a URL. */
const extensionsOf = (node: Node, url: string): Node[] =>
  node.children
    .filter(({ name }) => name === 'extension')
    .flatMap(({ slices }) => slices)
    .filter((slice) => slice.types[0]?.profiles[0] === url || childrenNamed(slice, 'url')[0]?.fixed === url);

const partsAt = (values: readonly unknown[], name: string): unknown[] =>
  values.flatMap((value) => {
    const found = isObject(value) ? value[name] : undefined;
    return found === undefined ? [] : [found].flat();
  });

function step(end: End, one: Step): End {
  if (one.kind === 'resolve' || one.kind === 'type') return end;
  if (one.kind === 'extension') return { nodes: end.nodes.flatMap((node) => extensionsOf(node, one.url)), parts: [] };
  const stated = end.nodes.map(({ fixed, pattern }) => fixed ?? pattern).filter((value) => value !== undefined);
  return {
    nodes: end.nodes.flatMap((node) => childrenNamed(node, one.name)),
    parts: partsAt([...end.parts, ...stated], one.name),
  };
}

const endOf = (slice: Node, steps: readonly Step[]): End => steps.reduce<End>(step, { nodes: [slice], parts: [] });

/** What the value of an item must be by what an element states of it, and of what stands below it. */
function valueTests(node: Node, owner: Owner): Belongs[] {
  const tests: Belongs[] = [];
  if (node.fixed !== undefined) {
    const matches = exactly(node.fixed);
    tests.push(({ value }) => matches(value));
  }
  if (node.pattern !== undefined) {
    const matches = atLeast(node.pattern);
    tests.push(({ value }) => matches(value));
  }
  const binding = objectAt(node.source, 'binding');
  const valueSet = textAt(binding, 'valueSet');
  if (tests.length === 0 && valueSet !== undefined && textAt(binding, 'strength') === 'required') {
    tests.push((item) => ['in', 'unknown'].includes(boundTo(item, owner.library.members(valueSet).has)));
  }
  for (const child of node.children) {
    for (const one of [child, ...child.slices.filter(({ min }) => min > 0)]) {
      const inner = valueTests(one, owner);
      if (inner.length === 0) continue;
      tests.push((item, run) => below(item, bare(one.name)).some((found) => inner.every((test) => test(found, run))));
    }
  }
  return tests;
}

function byValue(slice: Node, steps: readonly Step[], owner: Owner): Belongs | undefined {
  const { nodes, parts } = endOf(slice, steps);
  const profile = slice.types[0]?.profiles[0];
  const [first] = steps;
  const tests = [
    ...nodes.map((node) => valueTests(node, owner)).filter((all) => all.length > 0),
    ...parts.map(atLeast).map((matches): Belongs[] => [({ value }) => matches(value)]),
  ];
  if (tests.length > 0) {
    return (item, run) => {
      const found = follow(item, steps, run);
      return tests.every((all) => found.some((one) => all.every((test) => test(one, run))));
    };
  }
  // An extension slice names its URL by its profile.
  if (steps.length !== 1 || first?.kind !== 'name' || first.name !== 'url' || profile === undefined) return undefined;
  return ({ value }) => isObject(value) && value['url'] === profile;
}

function byType(slice: Node, steps: readonly Step[], owner: Owner): Belongs | undefined {
  const { nodes } = endOf(slice, steps);
  if (nodes.length === 0) return undefined;
  const leads = steps.some(({ kind }) => kind === 'resolve');
  const types = nodes.flatMap((node) =>
    node.types.flatMap(({ code, targets }) => (leads ? targets.map(owner.library.typeOf) : [code])),
  );
  return (item, run) => follow(item, steps, run).some(({ type }) => types.includes(type) || types.includes('Resource'));
}

function byExistence(slice: Node, steps: readonly Step[]): Belongs | undefined {
  const [node] = endOf(slice, steps).nodes;
  if (node === undefined || (node.max > 0 && node.min === 0)) return undefined;
  const expected = node.max > 0;
  return (item, run) => follow(item, steps, run).length > 0 === expected;
}

function byProfile(slice: Node, steps: readonly Step[], owner: Owner): Belongs | undefined {
  const leads = steps.some(({ kind }) => kind === 'resolve');
  const types = endOf(slice, steps).nodes.flatMap((node) => node.types);
  const urls = types.flatMap(({ profiles, targets }) => (leads ? targets : profiles));
  if (urls.length === 0) return undefined;
  const fits = (item: Item, run: Run): boolean =>
    urls.some((url) => {
      const compiled = owner.library.profile(url);
      if (compiled === undefined) return owner.library.typeOf(url) === item.type;
      if (!isObject(item.value)) return compiled.type === item.type;
      const inner = trial(run);
      checkWhole(compiled, item, inner);
      return inner.issues.length === 0;
    });
  return (item, run) => run.depth < depth_limit && follow(item, steps, run).some((found) => fits(found, run));
}

function byOne(slice: Node, { type, path }: Discriminator, owner: Owner): Belongs | undefined {
  const steps = stepsOf(path);
  if (steps === undefined) return undefined;
  if (type === 'value' || type === 'pattern') return byValue(slice, steps, owner);
  if (type === 'type') return byType(slice, steps, owner);
  if (type === 'exists') return byExistence(slice, steps);
  return type === 'profile' ? byProfile(slice, steps, owner) : undefined;
}

/** Tells the items of a slice by its discriminators (R4 profiling.html#discriminator); all of them must agree. */
export function belongsTo(slice: Node, discriminators: readonly Discriminator[], owner: Owner): Belongs {
  const tests = discriminators.map((one) => {
    const test = byOne(slice, one, owner);
    if (test === undefined) {
      owner.problems.push(`${slice.id}: the discriminator ${one.type} ${one.path} tells nothing of this slice`);
    }
    return test;
  });
  // A slice that nothing tells apart takes no item: taking all would give errors where none are.
  if (tests.length === 0 || tests.some((test) => test === undefined)) return () => false;
  return (item, run) => tests.every((test) => test?.(item, run));
}
