import type { Context } from '../../policy/occasion.ts';
import type { OpenStanding } from '../../standing/types.ts';
import type { When } from './types.ts';

/** Whether the occasion fits: `perhaps`: it depends on what nobody knows before the request. */
export type Fit = 'yes' | 'perhaps' | 'no';

export const whenOf = (context: Context | undefined): readonly When[] =>
  context === undefined
    ? []
    : [
        ...(context.isNear === undefined ? [] : (['network'] as const)),
        ...(context.isOpen === undefined ? [] : (['hours'] as const)),
        ...(context.fresh_ms === undefined ? [] : (['fresh'] as const)),
      ];

/** Of a rule for who asks for this purpose. A client shows no factor. */
export function fitOf(
  context: Context | undefined,
  { testTenant }: Pick<OpenStanding, 'testTenant'>,
  kind: 'user' | 'client',
  purpose: string,
): Fit {
  if (context === undefined) return 'yes';
  if (context.test && !testTenant) return 'no';
  if (context.purposes?.has(purpose) === false) return 'no';
  if (context.fresh_ms !== undefined && kind === 'client') return 'no';
  return whenOf(context).length > 0 ? 'perhaps' : 'yes';
}
