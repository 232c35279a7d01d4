import { widthOf } from '../../policy/view-widths.ts';
import { createMasks, type Masks } from './masks.ts';
import type { Purposes } from './purposes.ts';
import { type Posed, reachedBy } from './reach.ts';
import type { Rows } from './rows.ts';
import { fitOf, whenOf } from './settle.ts';
import type { Left, Mask, Permit, Reason, Way, When } from './types.ts';

/** A forbid whose occasion nobody knows. */
interface Doubt {
  readonly mask: Mask;
  readonly when: readonly When[];
}

/** What one way comes to, for one shape and one class of purposes. Masks by their numbers. */
export interface Settled {
  /** What is forbidden, whatever the occasion; and with what may be forbidden. */
  readonly forbidden: number;
  readonly doubted: number;
  readonly doubts: readonly Doubt[];
  /** What is left when this is taken: by permits that no occasion stops; by all of them. */
  surely(taken: number): Left | undefined;
  perhaps(taken: number): Left | undefined;
}

/** A way, judged for one shape. */
export interface Judged {
  /** Among all that are judged. */
  readonly number: number;
  /** False: no consent binds it. */
  readonly bound: boolean;
  /** It may let something through, for some purpose. */
  readonly isOpen: boolean;
  /** It may forbid something. */
  readonly forbids: boolean;
  at(purposeClass: number, purpose: string): Settled;
  readonly reasons: Reasons;
}

/** By the context's number why a way shows anything; null: it does not. Whoever joins keeps it here. */
interface Reasons {
  readonly all: Map<number, Reason | null>;
  /** The one that was asked for last. */
  context: number;
  last: Reason | null;
}

const byWidth = (one: Permit, other: Permit): number =>
  other.width - one.width || one.when.length - other.when.length || one.rule.order - other.rule.order;

/** The widest view in which anything is left to see, and all letters in it. */
function leftOf(permits: readonly Permit[], taken: Mask, { seen, lettersIn }: Rows): Left | undefined {
  const open = seen & ~taken;
  const first = permits.find(({ mask }) => (mask & open) !== 0n);
  if (first === undefined) return undefined;
  const { rule, width, when } = first;
  const wide = permits.filter((one) => one.width >= width && one.when.every((each) => when.includes(each)));
  const all = wide.reduce((sum, { mask }) => sum | mask, 0n) & ~taken;
  return { rule, width, when, mask: all, letters: lettersIn(all) };
}

function remembering(masks: Masks, permits: readonly Permit[], rows: Rows): (taken: number) => Left | undefined {
  const sorted = [...permits].sort(byWidth);
  const known: (Left | null | undefined)[] = [];
  return (taken) => {
    if (known[taken] === undefined) known[taken] = leftOf(sorted, masks.of(taken), rows) ?? null;
    return known[taken] ?? undefined;
  };
}

/** What all of a patient's viewers are judged with. */
export interface Judging {
  readonly rows: Rows;
  readonly masks: Masks;
  readonly purposes: Purposes;
  /** The next number of a judged way. */
  readonly next: () => number;
}

export function judgingOf(rows: Rows, purposes: Purposes): Judging {
  let made = 0;
  const next = (): number => {
    made += 1;
    return made;
  };
  return { rows, purposes, masks: createMasks(), next };
}

/** Judges one way for one shape; of each class of purposes when it is first asked for. */
export function judged({ rows, masks, next }: Judging, posed: Posed, way: Way): Judged {
  const { kind, view } = posed.shape;
  const reached = reachedBy(posed, way, rows);
  const cap = widthOf(view);
  const settle = (purpose: string): Settled => {
    const fit = (context: Permit['rule']['context']) => fitOf(context, posed.open, kind, purpose);
    const permits = [...reached.permits]
      .filter(([{ context }]) => fit(context) !== 'no')
      .map(([rule, mask]): Permit => {
        return { rule, mask, width: Math.min(rule.width, cap), when: whenOf(rule.context) };
      });
    const forbids = [...reached.forbids].map(([{ context }, mask]) => ({ mask, context, fit: fit(context) }));
    const sum = (fits: readonly string[]): number =>
      masks.numberOf(forbids.reduce((all, one) => (fits.includes(one.fit) ? all | one.mask : all), 0n));
    const sure = permits.filter(({ when }) => when.length === 0);
    return {
      forbidden: sum(['yes']),
      doubted: sum(['yes', 'perhaps']),
      doubts: forbids
        .filter((one) => one.fit === 'perhaps')
        .map(({ mask, context }) => ({ mask, when: whenOf(context) })),
      surely: remembering(masks, sure, rows),
      perhaps: remembering(masks, permits, rows),
    };
  };
  const known: Settled[] = [];
  return {
    number: next(),
    reasons: { all: new Map(), context: -1, last: null },
    bound: way.holding?.kind !== 'break-glass',
    isOpen: [...reached.permits.values()].some((mask) => (mask & rows.seen) !== 0n),
    forbids: reached.forbids.size > 0,
    at(purposeClass, purpose) {
      known[purposeClass] ??= settle(purpose);
      return known[purposeClass] as Settled;
    },
  };
}
