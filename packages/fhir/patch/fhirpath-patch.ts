import { type Fault, fault, type JsonObject } from '@safeguard/kernel';
import { newAllowance } from '../fhirpath/index.ts';
import { isObject } from '../object.ts';
import { type Allowance, deepCopy, patchAllowance, wholeAllowance } from './copy.ts';
import { type Item, readItems, writeItems } from './items.ts';
import { elementsNamed, type Ground, locate, locateList } from './locate.ts';
import { malformed, type PathOperation, readParameters, type Verb } from './parameters.ts';
import { type Place, treeOf, walk_limit } from './places.ts';
import { elementFor, readValue } from './value.ts';

/** One operation at work. */
interface Work extends PathOperation {
  readonly ground: Ground;
  readonly allowance: Allowance;
}

/** The patch is right, and the resource is not what it expects: 422. */
const failed = ({ number, verb }: PathOperation, what: string): Fault => {
  const text = `Operation ${number} of the patch (${verb}): ${what}`;
  return fault('unprocessable', text, { issues: [{ severity: 'error', code: 'processing', text }] });
};

const isEmpty = (object: object): boolean => Object.keys(object).length === 0;

/** Changes the values of the element at a place. */
function edit({ holder, key, definition }: Place, change: (items: Item[]) => void): void {
  const items = readItems(holder, key);
  change(items);
  writeItems(holder, key, definition.list, items);
}

/** The only place of an operation's path; undefined when there is none. */
function onlyPlace(work: Work): Place | undefined {
  const places = locate(work.path, work.ground);
  if (places === 'root') throw failed(work, 'its path names the resource itself.');
  if (places.length > 1) throw failed(work, 'its path leads to more than one element.');
  return places[0];
}

function mustPlace(work: Work): Place {
  const place = onlyPlace(work);
  if (place === undefined) throw failed(work, 'its path leads to nothing.');
  return place;
}

/** The object that is to hold what `add` adds: of a primitive, what stands beside it, made if there is none. */
function container(work: Work): { readonly object: JsonObject; readonly type: string } {
  const { ground } = work;
  if (locate(work.path, ground) === 'root') return { object: ground.root, type: String(ground.root['resourceType']) };
  const place = mustPlace(work);
  const { value, aside } = readItems(place.holder, place.key)[place.index] ?? {};
  const type = isObject(value) ? ground.tree.get(value)?.type : undefined;
  if (isObject(value) && type !== undefined) return { object: value, type };
  const object: JsonObject = aside ?? {};
  edit(place, (items) => items.splice(place.index, 1, { value: value ?? null, aside: object }));
  return { object, type: 'Element' };
}

function add(work: Work): void {
  const { object, type } = container(work);
  const element = elementFor(type, work.name, work.value);
  if (element === undefined) throw malformed(work.number, `expected name to be an element of ${type}.`);
  const { key, definition } = element;
  const [there] = elementsNamed(object, type, definition.name);
  if (there !== undefined && !definition.list) throw failed(work, 'the element is there already, and is no list.');
  const item = readValue(work.value, definition, work);
  writeItems(object, key, definition.list, [...readItems(object, key), item]);
}

/** The list that `insert` and `move` change, as a place without an index. */
function listPlace(work: Work): Place {
  const { object, name } = locateList(work.path, work.ground);
  const element = elementFor(work.ground.tree.get(object)?.type ?? '', name, {});
  if (!element?.definition.list) throw malformed(work.number, 'expected its path to lead to a list that R4 defines.');
  return { holder: object, key: element.key, definition: element.definition, index: 0 };
}

function insert(work: Work): void {
  const place = listPlace(work);
  const item = readValue(work.value, place.definition, work);
  edit(place, (items) => {
    if (work.index > items.length) throw failed(work, 'its index is beyond the end of the list.');
    items.splice(work.index, 0, item);
  });
}

function move(work: Work): void {
  edit(listPlace(work), (items) => {
    const { source, destination } = work;
    if (source >= items.length || destination >= items.length) throw failed(work, 'an index is beyond the list.');
    items.splice(destination, 0, ...items.splice(source, 1));
  });
}

/** Takes an element away; or, of a primitive that has a value, only what stood beside it and is empty now. */
function takeAway(place: Place, emptied: object | undefined): void {
  edit(place, (items) => {
    const item = items[place.index];
    const keeps = emptied !== undefined && item?.aside === emptied && item.value !== null;
    items.splice(place.index, 1, ...(keeps ? [{ value: item.value, aside: null }] : []));
  });
}

/** Takes an element away, and what it leaves empty: R4 knows no empty element (ele-1). */
function remove(work: Work): void {
  let place = onlyPlace(work);
  let emptied: object | undefined;
  while (place !== undefined) {
    takeAway(place, emptied);
    emptied = place.holder;
    place = isEmpty(emptied) ? work.ground.tree.get(emptied)?.place : undefined;
  }
}

/** A choice may change its type: `value[x]` by the name before the type. */
function replace(work: Work): void {
  const place = mustPlace(work);
  const { holder, key, definition, index } = place;
  const type = work.ground.tree.get(holder)?.type ?? '';
  const element = (definition.choice && elementFor(type, definition.name, work.value)) || { key, definition };
  const item = readValue(work.value, element.definition, work);
  if (element.key !== key) {
    writeItems(holder, key, false, []);
    writeItems(holder, element.key, false, [item]);
  } else edit(place, (items) => items.splice(index, 1, item));
}

const verbs: Readonly<Record<Verb, (work: Work) => void>> = { add, insert, delete: remove, replace, move };

/**
 * The engine bounds the work of all paths together; each operation walks the resource besides. Real patches take
 * microseconds, so this stops only what was made to be slow.
 */
const time_limit_ms = 2000;

/**
 * Applies a FHIRPath Patch (R4 fhirpatch.html) to a resource and gives the patched one; the resource itself stays as it
 * is, and so it is all or nothing. Each operation sees what those before it made. A path is one chain of steps
 * (`Patient.name.where(use = 'official').given[0]`). The result may not be valid any more: validate it. Throws Fault
 * `invalid` for what is no such patch, `unprocessable` when a path leads to nothing (but for delete), to more than
 * one element or out of the resource, `tooLarge` beyond 1,000 operations, or what they may copy, walk
 * or take (2 s).
 */
export function fhirpathPatch(resource: JsonObject, parameters: unknown): JsonObject {
  const operations = readParameters(parameters);
  const root = deepCopy(resource, wholeAllowance());
  const allowance = patchAllowance();
  const until_ms = performance.now() + time_limit_ms;
  const paths = newAllowance();
  let left = walk_limit;
  for (const operation of operations) {
    if (performance.now() > until_ms) throw fault('tooLarge', 'The patch takes too long: its paths ask for too much.');
    const walked = treeOf(root, left);
    left = walked.left;
    verbs[operation.verb]({ ...operation, ground: { root, tree: walked.tree, paths }, allowance });
  }
  return deepCopy(root, wholeAllowance());
}
