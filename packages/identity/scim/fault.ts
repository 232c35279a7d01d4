import { type FaultKind, fault } from '@safeguard/kernel';

/** RFC 7644 3.12, table 9. */
export type ScimType =
  | 'invalidFilter'
  | 'tooMany'
  | 'uniqueness'
  | 'mutability'
  | 'invalidSyntax'
  | 'invalidPath'
  | 'noTarget'
  | 'invalidValue';

const kinds: Readonly<Partial<Record<ScimType, FaultKind>>> = { uniqueness: 'conflict' };

/** A SCIM error: `http` takes `scimType` from the code of the issue. The text repeats nothing of what was sent. */
export const scimFault = (code: ScimType, text: string) =>
  fault(kinds[code] ?? 'invalid', text, { issues: [{ severity: 'error', code, text }] });

export const noResource = () => fault('missing', 'There is no such resource.');
