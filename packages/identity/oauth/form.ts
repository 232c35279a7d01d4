import { fault } from '@safeguard/kernel';

/** An OAuth error by name (RFC 6749 5.2): `http` takes the name from the issue's code. */
export const oauthFault = (code: string, text: string) =>
  fault('invalid', text, { issues: [{ severity: 'error', code, text }] });
