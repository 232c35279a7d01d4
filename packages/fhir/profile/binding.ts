import { isObject } from '../object.ts';
import { objectAt, objectsAt, textAt } from './definition.ts';
import type { Item } from './items.ts';
import type { Membership } from './valuesets.ts';

/** What a value set says of an element's value; `none`: the value holds no code at all. */
export type Bound = 'in' | 'out' | 'unknown' | 'none';

const told = (known: boolean | undefined): Bound => (known === undefined ? 'unknown' : known ? 'in' : 'out');

function codingIn(coding: unknown, has: Membership): Bound {
  if (!isObject(coding)) return 'none';
  const [system, code] = [textAt(coding, 'system'), textAt(coding, 'code')];
  if (code === undefined) return 'none';
  return told(has(system ?? '', code));
}

function best(found: readonly Bound[]): Bound {
  for (const one of ['in', 'unknown', 'out'] as const) if (found.includes(one)) return one;
  return 'none';
}

/** Reads the code out of a value of any type that may be bound (R4 terminologies.html#4.1). */
export function boundTo(item: Item, has: Membership): Bound {
  const { value, type } = item;
  if (typeof value === 'string') return told(has(undefined, value));
  if (!isObject(value)) return 'none';
  if (type === 'CodeableConcept') return best(objectsAt(value, 'coding').map((one) => codingIn(one, has)));
  if (type === 'CodeableReference')
    return boundTo({ ...item, value: objectAt(value, 'concept'), type: 'CodeableConcept' }, has);
  return codingIn(value, has);
}

/** A code that is missing for a stated reason (data-absent-reason) carries an extension in its place. */
export const excused = ({ value, aside }: Item): boolean =>
  (isObject(value) && Object.hasOwn(value, 'extension')) || (value === undefined && isObject(aside));
