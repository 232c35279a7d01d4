import { type Belongs, belongsTo } from './discriminate.ts';
import type { Item } from './items.ts';
import type { Check, Owner } from './library.ts';
import { type Run, say } from './run.ts';
import type { Node } from './tree.ts';

/** Checks all items of a sliced element; the path leads to what holds them. */
export type SlicesCheck = (items: readonly Item[], run: Run) => void;

interface Slice {
  readonly node: Node;
  readonly belongs: Belongs;
  readonly check: Check;
}

/** R4 has a slice of this name for what belongs to no other. */
const rest = '@default';

function count(slices: readonly Slice[], counts: readonly number[], name: string, label: string, run: Run): void {
  for (const [index, { node }] of slices.entries()) {
    const found = counts[index] ?? 0;
    const of = `the slice ${node.slice} (${label})`;
    if (found < node.min) say(run, 'error', 'required', `expected at least ${node.min} of ${of}`, name);
    if (found > node.max) say(run, 'error', 'structure', `expected at most ${node.max} of ${of}`, name);
    if (found === 0 && node.mustSupport && run.mustSupport) {
      say(run, 'information', 'informational', `must be supported, and is absent: ${of}`, name);
    }
  }
}

/** The order of slices, and what stands where no slice does. */
function createOrder(rules: string, ordered: boolean, label: string): (at: number, run: Run) => void {
  let last = -1;
  let open = false;
  return (at, run) => {
    if (at < 0) {
      open = true;
      if (rules === 'closed') say(run, 'error', 'structure', `expected only items of the slices defined (${label})`);
      return;
    }
    if (rules === 'openAtEnd' && open) {
      say(run, 'error', 'structure', `expected items of no slice at the end only (${label})`);
    }
    if (ordered && at < last) say(run, 'error', 'structure', `expected the slices in the order defined (${label})`);
    last = Math.max(last, at);
  };
}

/** The check of an element's slices, where it has some; `compile` makes the check of one. */
export function slicesCheck(node: Node, owner: Owner, compile: (node: Node) => Check): SlicesCheck | undefined {
  const { slicing } = node;
  if (slicing === undefined || (node.slices.length === 0 && slicing.rules !== 'closed')) return undefined;
  const slices = node.slices.map((one): Slice => {
    const belongs = one.slice === rest ? () => true : belongsTo(one, slicing.discriminators, owner);
    return { node: one, belongs, check: compile(one) };
  });
  // Snapshots of R4 repeat the slicing of extensions without any slice.
  if (slices.length === 0) return undefined;
  const name = node.name.replace('[x]', '');
  return (items, run) => {
    const counts = slices.map(() => 0);
    const order = createOrder(slicing.rules, slicing.ordered, owner.label);
    for (const item of items) {
      const at = slices.findIndex((slice) => slice.belongs(item, run));
      run.path.push(...item.at);
      order(at, run);
      if (at >= 0) counts[at] = (counts[at] ?? 0) + 1;
      slices[at]?.check(item, run);
      run.path.length -= item.at.length;
    }
    count(slices, counts, name, owner.label, run);
  };
}
