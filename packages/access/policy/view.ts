import type { Principal, View } from '@safeguard/http';
import type { OpenStanding } from '../standing/types.ts';
import { type Person, personOf, widestOf } from './cells.ts';
import type { OccasionMemo } from './occasion.ts';
import { widthOf, widths } from './view-widths.ts';

/** A standing before it is known what the answers show. */
export type Unviewed = Omit<OpenStanding, 'kind' | 'view'>;

/**
 * What the answers of a request show at most: the widest view among the permit rules that the person matches at this
 * moment, narrowed by the view of the client (`principal.view`) and by what was asked. Of whom no rule permits anything
 * the view is only narrowed: nothing is within reach anyway.
 */
export function viewIn(
  person: Person,
  principal: Principal,
  open: OpenStanding & OccasionMemo,
  asked: View = 'full',
): View {
  const widest = widestOf(person, principal, open, open) ?? widthOf('full');
  return widths[Math.min(widest, widthOf(principal.view), widthOf(asked))] ?? 'deidentified';
}

/** The same, of who has no standing yet. */
export function viewOf(principal: Principal, unviewed: Unviewed, asked?: View): View {
  const open = { ...unviewed, kind: 'standing', view: 'full', occasions: undefined } as const;
  return viewIn(personOf(principal, open), principal, open, asked);
}
