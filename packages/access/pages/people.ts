import { line } from '@safeguard/http';
import { fault, isUuid } from '@safeguard/kernel';
import type { AccessPagesDeps } from './ports.ts';

const noPerson = () => {
  const text = 'There is nobody of this organization under this address or id.';
  return fault('invalid', text, { issues: [{ severity: 'error', code: 'not-found', text, at: 'person' }] });
};

/** Whom a form names: by the id of an account, or by its e-mail address. Fault `invalid` at `person` for nobody. */
export async function personNamed(
  { people, byLogin }: Pick<AccessPagesDeps, 'people' | 'byLogin'>,
  tenant: number,
  given: string,
): Promise<string> {
  const text = line(given);
  if (isUuid(text)) {
    if ((await people.byIds(tenant, [text])).length === 0) throw noPerson();
    return text;
  }
  const found = text === '' ? undefined : await byLogin?.(tenant, text);
  if (found === undefined) throw noPerson();
  return found.id;
}
