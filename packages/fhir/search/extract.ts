import type { JsonObject } from '@safeguard/kernel';
import { compilePath, newAllowance, type PathAllowance } from '../fhirpath/index.ts';
import { parametersOf } from './parameters.ts';
import { type Path, readPaths } from './path.ts';
import type { CompositeValue, CustomParameter, Parameter, SearchValue } from './types.ts';
import { converter } from './values.ts';
import { type Leaf, lay, type MakeLeaf, type Node, newNode, type Walk, walker } from './walk.ts';

/** One list of values per parameter of the tree. */
type Slots = SearchValue[][];

/** What the engine may still do for the resource at hand: all parameters together, however many a tenant has. */
interface Work {
  allowance: PathAllowance;
}

const into =
  (slot: number, parameter: Parameter): MakeLeaf<Slots> =>
  (type, binding) => {
    const convert = converter(parameter.type, type, binding);
    return convert && ((value, slots, resource) => convert(value, slots[slot] as SearchValue[], resource));
  };

/** A component of a composite: its values below the composite's element, or, for `%resource.…`, in the resource. */
function component(parameter: Parameter, expression: string, type: string): Walk<Slots> {
  const paths = readPaths(expression, parameter.of) ?? [];
  const below = newNode<Slots>();
  const above = newNode<Slots>();
  for (const path of paths) {
    if (path.root) lay(above, parameter.of, path, into(0, parameter));
    else lay(below, type, path, into(0, parameter));
  }
  const [walkBelow, walkAbove] = [walker(below), walker(above)];
  return (value, slots, resource) => {
    walkBelow(value, slots, resource);
    walkAbove(resource, slots, resource);
  };
}

/** A composite's element counts when each of its components has a value (R4 3.1.1.4.16). */
const composite =
  (slot: number, parameter: Parameter): MakeLeaf<Slots> =>
  (type) => {
    const walks = (parameter.components ?? []).map((one) => component(one.parameter, one.expression, type));
    return (value, slots, resource) => {
      const parts: SearchValue[][] = [];
      for (const walk of walks) {
        const found: Slots = [[]];
        walk(value, found, resource);
        if (found[0]?.length === 0) return;
        parts.push(found[0] as SearchValue[]);
      }
      slots[slot]?.push({ kind: 'composite', parts } satisfies CompositeValue);
    };
  };

/** An element that has extensions in place of a value: `_deceasedBoolean` alone. */
const isExcused = (resource: JsonObject, { steps }: Path): boolean =>
  Object.keys(resource).some((key) => steps[0]?.kind === 'name' && key.startsWith(`_${steps[0].name}`));

/** `Patient.deceased.exists() and Patient.deceased != false`: true or false for every patient, but for the excused. */
function truth(slot: number, parameter: Parameter, path: Path): Leaf<Slots> {
  const node = newNode<{ value?: unknown }>();
  lay(node, parameter.of, path, () => (value, state) => {
    state.value = value;
  });
  const walk = walker(node);
  return (resource, slots) => {
    const found: { value?: unknown } = {};
    walk(resource, found, resource as JsonObject);
    if (found.value === undefined && isExcused(resource as JsonObject, path)) return;
    const isTrue = found.value !== undefined && found.value !== false;
    slots[slot]?.push({ kind: 'token', code: String(isTrue) });
  };
}

/** Expressions beyond the simple paths: the FHIRPath engine finds the nodes. */
function byEngine(slot: number, parameter: Parameter, expression: string, work: Work): Leaf<Slots> {
  const compiled = compilePath(expression, { type: parameter.of });
  const leaves = new Map<string, Leaf<Slots> | undefined>();
  return (resource, slots) => {
    for (const { value, type = '' } of compiled.nodes(resource, work)) {
      const name = typeNameOf(type);
      if (!leaves.has(name)) leaves.set(name, into(slot, parameter)(name, undefined));
      leaves.get(name)?.(value, slots, resource as JsonObject);
    }
  };
}

/** The engine's System types (`System.String`) read as FHIR's primitives. */
const typeNameOf = (type: string): string =>
  type.startsWith('System.') ? type.charAt(7).toLowerCase() + type.slice(8) : type.replace(/^FHIR\./, '');

const makeLeaf = (slot: number, parameter: Parameter): MakeLeaf<Slots> =>
  parameter.type === 'composite' ? composite(slot, parameter) : into(slot, parameter);

function layAll(root: Node<Slots>, slot: number, parameter: Parameter, work: Work): void {
  const { expression, of } = parameter;
  if (expression === undefined || parameter.type === 'special') return;
  const paths = readPaths(expression, of);
  const scratch = newNode<Slots>();
  const isSimple = paths?.every((path) => lay(scratch, of, path, makeLeaf(slot, parameter))) ?? false;
  if (!isSimple || !paths) {
    root.leaves.push(byEngine(slot, parameter, expression, work));
    return;
  }
  for (const path of paths) {
    if (path.truth) root.leaves.push(truth(slot, parameter, path));
    else lay(root, of, path, makeLeaf(slot, parameter));
  }
}

/** Reads every parameter's values out of a resource; parameters without a value are absent from the answer. */
export type Extractor = (resource: JsonObject) => ReadonlyMap<string, readonly SearchValue[]>;

function extractorOf(parameters: readonly Parameter[]): Extractor {
  const root = newNode<Slots>();
  const work: Work = { allowance: newAllowance() };
  for (const [slot, parameter] of parameters.entries()) layAll(root, slot, parameter, work);
  const walk = walker(root);
  const codes = parameters.map(({ code }) => code);
  return (resource) => {
    const slots: Slots = codes.map(() => []);
    work.allowance = newAllowance();
    walk(resource, slots, resource);
    const found = new Map<string, readonly SearchValue[]>();
    for (let slot = 0; slot < codes.length; slot++) {
      const values = slots[slot] as SearchValue[];
      if (values.length > 0) found.set(codes[slot] as string, values);
    }
    return found;
  };
}

/**
 * Makes the extractor of a resource type: one walk for all of its parameters that stand for themselves (those with
 * `within` are read from the others). Values come in the order of the parameter's paths. The resource is taken to be
 * valid: what has not the shape that R4 says gives nothing. Keep the extractor: making one costs about a millisecond.
 */
export const createExtractor = (type: string, custom: readonly CustomParameter[] = []): Extractor =>
  extractorOf([...parametersOf(type, custom).values()].filter(({ within }) => within === undefined));

const singles = new WeakMap<Parameter, Extractor>();

/** The values of any one parameter, derived and composite ones included. */
export function valuesOf(resource: JsonObject, parameter: Parameter): readonly SearchValue[] {
  let extract = singles.get(parameter);
  if (!extract) {
    extract = extractorOf([parameter]);
    singles.set(parameter, extract);
  }
  return extract(resource).get(parameter.code) ?? [];
}
