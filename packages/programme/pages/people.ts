import { line } from '@safeguard/http';
import { fault, isUuid } from '@safeguard/kernel';
import type { ProgrammePagesDeps } from './ports.ts';

/** What is told at a field that names nobody. */
export const noPersonText = 'Give the e-mail address of somebody who works here, or the id of the account.';

/** Whom a form names: by the id of an account, or by its e-mail address. Fault `invalid` at `person` for nobody. */
export async function personNamed(
  { byLogin }: Pick<ProgrammePagesDeps, 'byLogin'>,
  tenant: number,
  given: string,
): Promise<string> {
  const text = line(given);
  const found = text === '' || isUuid(text) ? undefined : await byLogin?.(tenant, text);
  const id = isUuid(text) ? text : found?.id;
  if (id !== undefined) return id;
  const issues = [{ severity: 'error', code: 'not-found', text: noPersonText, at: 'person' }] as const;
  throw fault('invalid', noPersonText, { issues });
}
