import { fault } from '@safeguard/kernel';

export type Form = ReadonlyMap<string, string>;

/** An OAuth error by name (RFC 6749 5.2): `http` takes the name from the issue's code. */
export const oauthFault = (code: string, text: string) =>
  fault('invalid', text, { issues: [{ severity: 'error', code, text }] });

/**
 * The parameters of a form body (RFC 6749 3.2, appendix B): one without a value counts as left out, one that comes
 * twice is an error. Throws Fault `invalid` with the OAuth code `invalid_request`.
 */
export function readForm(body: Buffer): Form {
  const form = new Map<string, string>();
  const seen = new Set<string>();
  for (const [name, value] of new URLSearchParams(body.toString('utf8'))) {
    if (seen.has(name)) throw oauthFault('invalid_request', 'A parameter stands in the request more than once.');
    seen.add(name);
    if (value !== '') form.set(name, value);
  }
  return form;
}
