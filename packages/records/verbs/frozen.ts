import type { JsonObject } from '@safeguard/kernel';
import type { Call, Shelf } from '../call.ts';
import { hiddenFrom, isElement, namedBy } from '../search/hide.ts';
import { anyShield } from './hiding.ts';
import { refused } from './kept.ts';
import { contentAt, writersShield } from './shields.ts';

/**
 * What a patch works on: the resource without the elements that are hidden from its caller, in whole or in part.
 * Whatever the patch asks, how it ends then does not depend on them; and they are put back as they were.
 */
export interface Frozen {
  readonly shown: JsonObject;
  /** Refuses a patch that names what is frozen: 403. JSON Patch and FHIRPath Patch. */
  require(patch: unknown): void;
  /** The patched resource with all that was there. 403: the patch made what is frozen. */
  thawed(patched: JsonObject): JsonObject;
}

const touched = (): Error => refused('the patch touches elements that are hidden from you.');

/** Undefined: nothing of the resource is hidden. */
export async function frozenFor(shelf: Shelf, call: Call, before: JsonObject): Promise<Frozen | undefined> {
  if (shelf.access.shield === undefined) return undefined;
  const type = String(before.resourceType);
  const { hide } = await writersShield(shelf, call, 'patch', contentAt(before, type, String(before.id)));
  const steps = hide.map((path) => path.split('.')[0] ?? '');
  // The narrative repeats what is hidden; contained resources have shields of their own.
  if (hide.length > 0) steps.push('text');
  if (hasShielded(shelf, call, before)) steps.push('contained');
  return steps.length === 0 ? undefined : freeze(before, (key) => steps.some((step) => namedBy(step, type, key)));
}

function hasShielded(shelf: Shelf, call: Call, { contained }: JsonObject): boolean {
  if (contained === undefined) return false;
  return ['read', 'patch'].some((action) => {
    const holder = { contained };
    return hiddenFrom(holder, [], anyShield(shelf, call, action)) !== holder;
  });
}

function freeze(before: JsonObject, isFrozen: (key: string) => boolean): Frozen {
  const parts = (frozen: boolean): JsonObject =>
    Object.fromEntries(Object.entries(before).filter(([key]) => isFrozen(key) === frozen));
  return {
    shown: parts(false),
    require: (patch) => {
      if (namesIn(patch).some((name) => name === '' || isFrozen(name))) throw touched();
    },
    thawed: (patched) => {
      if (Object.keys(patched).some(isFrozen)) throw touched();
      return { ...patched, ...parts(true) };
    },
  };
}

/** `/name/0/family` → `name`; '' is the whole. */
const pointed = (pointer: unknown): string[] =>
  typeof pointer === 'string' ? [pointer.split('/')[1]?.replaceAll('~1', '/').replaceAll('~0', '~') ?? ''] : [];

const pathForm = /^\s*(?:[A-Z]\w*\.?)?([a-z]\w*)?/;

/**
 * The elements at the top that a patch names. A FHIRPath that leads to what is frozen some other way finds nothing, as
 * if nothing were there.
 */
function namesIn(patch: unknown): string[] {
  if (Array.isArray(patch)) {
    return patch.flatMap((one) => (isElement(one) ? [...pointed(one.path), ...pointed(one.from)] : []));
  }
  return listIn(patch, 'parameter').flatMap((operation) => {
    const parts = new Map(listIn(operation, 'part').flatMap((part) => (isElement(part) ? [[part.name, part]] : [])));
    const top = pathForm.exec(String(parts.get('path')?.valueString ?? ''))?.[1] ?? parts.get('name')?.valueString;
    return typeof top === 'string' ? [top] : [];
  });
}

const listIn = (holder: unknown, key: string): readonly unknown[] => {
  const list = isElement(holder) ? holder[key] : undefined;
  return Array.isArray(list) ? list : [];
};
