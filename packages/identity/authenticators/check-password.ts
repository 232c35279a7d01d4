import { fault, type Issue } from '@safeguard/kernel';
import { contextWords, isCommon, isMadeOf } from './block-list.ts';

/** NIST SP 800-63B-4 3.1.1.2: 15 alone, 8 beside a second factor; a limit of at least 64 above. In code points. */
const least = { alone: 15, withSecondFactor: 8 };
const most = 256;
/** NFKC makes at most 18 characters of one: what is longer than this is not normalised at all. */
const mostUnits = 1_024;

const service = 'Safeguard';

/** The form in which a password is hashed; undefined for what never is a password. */
export function normalPassword(text: string): string | undefined {
  if (text.length === 0 || text.length > mostUnits || !text.isWellFormed()) return undefined;
  const normal = text.normalize('NFKC');
  return [...normal].length > most ? undefined : normal;
}

interface PasswordContext {
  readonly login: string;
  readonly name: string;
  /** What the tenant calls itself before its people. */
  readonly tenantName?: string;
  readonly withSecondFactor: boolean;
}

function objection(
  text: string,
  { login, name, tenantName = '', withSecondFactor }: PasswordContext,
  shortest: number,
): string | undefined {
  const normal = normalPassword(text);
  if (normal === undefined && text.length > most) return `The password has more than ${most} characters.`;
  if (normal === undefined) return 'The password has characters that are no text.';
  const fewest = Math.max(withSecondFactor ? least.withSecondFactor : least.alone, shortest);
  if ([...normal].length < fewest) return `The password needs at least ${fewest} characters.`;
  if (isMadeOf(normal, contextWords([login, name, tenantName, service]))) {
    return 'The password is made of your name, your e-mail address or the name of this service or organization.';
  }
  if (isCommon(normal)) return 'The password is one of those that are tried first: a common one, a repetition, a row.';
  return undefined;
}

/** `shortest`: characters, as the house has it; never below the limits here.
 * @throws Fault `invalid` that says the rule, for the person who chooses; never the password */
export function checkPassword(text: string, context: PasswordContext, shortest: number = least.withSecondFactor): void {
  const said = typeof text === 'string' ? objection(text, context, shortest) : 'A password is text.';
  if (said === undefined) return;
  const issues: Issue[] = [{ severity: 'error', code: 'invalid', text: said, at: 'password' }];
  throw fault('invalid', said, { issues });
}
