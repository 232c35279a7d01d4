import { isView, type Occasion, type View } from '@safeguard/http';
import { fault } from '@safeguard/kernel';
import { purposesOfUse } from '../policies/purposes.ts';
import type { Policy } from '../policy/types.ts';
import { roleIn } from '../requests/role.ts';
import type { Holding } from './types.ts';

/** What a request says of itself, checked. */
export interface Said {
  readonly purpose: string | undefined;
  readonly view: View | undefined;
}

const invalid = (header: string, text: string) =>
  fault('invalid', text, { issues: [{ severity: 'error', code: 'value', text, at: header }] });

/** Fault `invalid` for a purpose or a view that does not exist: a slip of the pen must not widen anything. */
export function saidBy({ purpose, view }: Occasion): Said {
  if (purpose !== undefined && !purposesOfUse.has(purpose)) {
    throw invalid('Purpose-Of-Use', "The header Purpose-Of-Use names no code of HL7's PurposeOfUse.");
  }
  if (view === undefined) return { purpose, view };
  if (isView(view)) return { purpose, view };
  throw invalid('Safeguard-View', 'The header Safeguard-View names no view.');
}

/** Of who holds nothing. */
const otherwise = 'HOPERAT';

/** What is asked for when the request does not say: what the first role is for. */
export const usualPurpose = (policy: Policy, [first]: readonly Holding[]): string =>
  (first === undefined ? undefined : roleIn(policy, first.role)?.purpose) ?? otherwise;
