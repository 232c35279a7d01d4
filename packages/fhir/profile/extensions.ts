import type { JsonObject } from '@safeguard/kernel';
import { baseType, isResourceType, typeDefinition } from '../definitions.ts';
import { isObject, ownValue } from '../object.ts';
import type { Compiled, Library } from './library.ts';
import { isFull, type Run, say } from './run.ts';

/** An object, and how it stands in the others. */
interface Spot {
  readonly type: string;
  /** The element that it is, `value[x]` for a choice. */
  readonly name: string;
  readonly up: Spot | undefined;
  /** Of an extension. */
  readonly url?: string;
}

/** Every name that a context of type `element` may give to a spot: its type, what that is derived from, its paths. */
function namesOf(spot: Spot): Set<string> {
  const names = new Set(['Element', '*']);
  for (let type: string | undefined = spot.type; type !== undefined; type = baseType(type)) names.add(type);
  let tail = '';
  for (let at: Spot | undefined = spot; at?.up !== undefined; at = at.up) {
    tail = `.${at.name}${tail}`;
    names.add(`${at.up.type}${tail}`);
    names.add(`${at.up.type}${tail}`.replaceAll('[x]', ''));
    if (isResourceType(at.up.type)) break;
  }
  return names;
}

/** `Patient.extension:race.value` names a slice: its path is what can be told. */
const plain = (expression: string): string => expression.replace(/:[^.]+/g, '').replace(/^.*#/, '');

function mayStand(contexts: Compiled['contexts'], spot: Spot): boolean {
  // A context by FHIRPath is not evaluated: what it allows is left open.
  if (contexts.length === 0 || contexts.some(({ type }) => type === 'fhirpath')) return true;
  const names = namesOf(spot);
  return contexts.some(({ type, expression }) =>
    type === 'extension' ? spot.url === expression || spot.url === plain(expression) : names.has(plain(expression)),
  );
}

function checkExtension(value: JsonObject, spot: Spot, library: Library, run: Run): void {
  const url = ownValue(value, 'url');
  // Those inside another bear a name, not an address, and are checked with it.
  if (typeof url !== 'string' || !url.includes(':')) return;
  const compiled = library.profile(url);
  if (compiled?.type !== 'Extension') return;
  if (!mayStand(compiled.contexts, spot)) {
    const allowed = compiled.contexts.map(({ expression }) => expression).join(', ');
    say(run, 'error', 'extension', `expected this extension only at: ${allowed}`);
  }
  compiled.check({ value, type: 'Extension', at: [] }, run);
}

const extensionKeys = new Set(['extension', 'modifierExtension']);

function walkChild(value: unknown, key: string, spot: Spot, type: string, library: Library, run: Run): void {
  if (!isObject(value)) return;
  const element = typeDefinition(spot.type)?.elements.get(key.startsWith('_') ? key.slice(1) : key);
  const isExtension = extensionKeys.has(key);
  const url = isExtension ? ownValue(value, 'url') : undefined;
  if (isExtension) checkExtension(value, spot, library, run);
  const name = element === undefined ? key : element.choice ? `${element.name}[x]` : element.name;
  walk(value, { type, name, up: spot, ...(typeof url === 'string' ? { url } : {}) }, library, run);
}

/** The type of what stands under a key: of `_name`, the primitive's, whose extensions they are. */
function childType(type: string, key: string): string | undefined {
  const elements = typeDefinition(type)?.elements;
  return (elements?.get(key) ?? (key.startsWith('_') ? elements?.get(key.slice(1)) : undefined))?.types[0];
}

function walk(value: JsonObject, spot: Spot, library: Library, run: Run): void {
  const keysOf = typeDefinition(spot.type)?.kind === 'primitive' ? 'Element' : spot.type;
  for (const key of Object.keys(value)) {
    const child = value[key];
    if (typeof child !== 'object' || child === null || isFull(run)) continue;
    const type = childType(keysOf, key);
    if (type === undefined) continue;
    run.path.push(key);
    if (Array.isArray(child)) {
      for (let index = 0; index < child.length; index++) {
        run.path.push(index);
        stepInto(child[index], key, spot, type, library, run);
        run.path.pop();
      }
    } else stepInto(child, key, spot, type, library, run);
    run.path.pop();
  }
}

function stepInto(value: unknown, key: string, spot: Spot, type: string, library: Library, run: Run): void {
  if (typeDefinition(type)?.kind === 'resource' && isObject(value)) checkExtensions(value, library, run);
  else walkChild(value, key, spot, type, library, run);
}

/**
 * Checks every extension of a resource, wherever it stands, against its own definition where that is held: where it may
 * stand, what value it has, how many parts. A resource inside is one of its own.
 */
export function checkExtensions(resource: JsonObject, library: Library, run: Run): void {
  const type = ownValue(resource, 'resourceType');
  if (typeof type === 'string' && isResourceType(type))
    walk(resource, { type, name: type, up: undefined }, library, run);
}
