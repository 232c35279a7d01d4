import type { Principal, View } from '@safeguard/http';
import type { OpenStanding } from '../standing/types.ts';
import { personOf, widestOf } from './cells.ts';
import { widthOf, widths } from './view-widths.ts';

/** A standing before it is known what the answers show. */
export type Unviewed = Omit<OpenStanding, 'kind' | 'view'>;

/**
 * What the answers of a request show at most: the widest view among the permit rules that the person matches at this
 * moment, narrowed by the view of the client (`principal.view`) and by what was asked. Of whom no rule permits anything
 * the view is only narrowed: nothing is within reach anyway.
 */
export function viewOf(principal: Principal, unviewed: Unviewed, asked: View = 'full'): View {
  const open: OpenStanding = { ...unviewed, kind: 'standing', view: 'full' };
  const widest = widestOf(personOf(principal, open), principal, open, { occasions: undefined }) ?? widthOf('full');
  return widths[Math.min(widest, widthOf(principal.view), widthOf(asked))] ?? 'deidentified';
}
