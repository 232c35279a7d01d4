import { fault } from '@safeguard/kernel';
import type { Principal } from '../types.ts';

/** How long ago a factor may have been shown before something dangerous. */
export const fresh_ms = 5 * 60_000;

/**
 * A person who does something dangerous showed a factor within the last 5 minutes (OWASP ASVS 5.0 7.5.3). A client has
 * none to show: its secret or key is asked each time it takes a token. Fault `unauthenticated`, whose issue has the
 * code `reauthenticate`: the way on is `/sign-in` with a step-up (the idea of RFC 9470).
 */
export function checkFresh({ kind, assurance }: Principal, now: number): void {
  if (kind !== 'user') return;
  if (assurance !== undefined && assurance.level >= 2 && now - assurance.at <= fresh_ms) return;
  const text = 'This needs a factor that was shown within the last 5 minutes: sign in again, then repeat it.';
  throw fault('unauthenticated', text, { issues: [{ severity: 'error', code: 'reauthenticate', text }] });
}
