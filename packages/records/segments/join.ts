import { fault, type JsonObject } from '@safeguard/kernel';
import { coarse } from './coarse.ts';
import { checkDepth, isObject, type Overlay, put } from './overlay.ts';

type Node = JsonObject | unknown[];

const isNode = (value: unknown): value is Node => Array.isArray(value) || isObject(value);

/**
 * Puts back what `split` lifted: `join(split(x)) = x`, the order of keys aside. Needs no map, so that what was written
 * under an older one still joins. Changes neither argument; untouched branches are shared with the result.
 * Throws Fault `internal` when the two parts do not belong together.
 */
export function join(clinical: JsonObject, identity: Overlay | undefined): JsonObject {
  if (identity === undefined) return clinical;
  const whole = joined(clinical, identity, 0) as JsonObject;
  // Only what was lifted is told coarsely, so that this stands nowhere but beside an overlay.
  if (!Object.hasOwn(whole, coarse)) return whole;
  const { [coarse]: _told, ...rest } = whole;
  return rest;
}

function joined(part: Node, overlay: Overlay, depth: number): Node {
  checkDepth(depth);
  const list = Array.isArray(part);
  const result = list ? part.slice() : { ...part };
  for (const position in overlay) {
    const held = overlay[position];
    const value = Array.isArray(held) ? held[0] : below(part, position, held as Overlay, depth);
    if (list) placed(result as unknown[], position, value);
    else put(result as JsonObject, position, value);
  }
  return result;
}

function below(part: Node, position: string, overlay: Overlay, depth: number): Node {
  const inner = Object.hasOwn(part, position) ? (part as JsonObject)[position] : undefined;
  if (!isNode(inner) || !isNode(overlay)) throw mismatch();
  return joined(inner, overlay, depth + 1);
}

/** Lists keep their length in the clinical part: an index beyond it belongs to another resource. */
function placed(list: unknown[], position: string, value: unknown): void {
  if (!Object.hasOwn(list, position) || position === 'length') throw mismatch();
  list[Number(position)] = value;
}

const mismatch = () => fault('internal', 'The two segments of a resource do not belong together.');
