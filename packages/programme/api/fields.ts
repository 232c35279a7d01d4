import type { Principal } from '@safeguard/http';
import { fault } from '@safeguard/kernel';
import { z } from 'zod';
import { house } from './ports.ts';

export const scope = 'safeguard/programme';
export const word = (type: string) => ({ type, form: 'word' }) as const;
export const note = z.string().min(1).max(4_000);
export const why = z.string().min(20).max(4_000);

export const iso = (at: number): string => new Date(at).toISOString();
export const isoOr = (at: number | undefined): string | null => (at === undefined ? null : iso(at));

/** A moment in the past or now; absent: now. Fault `invalid` for the future: nothing is known of it. */
export function momentOf(text: string | undefined, now: number): number {
  if (text === undefined) return now;
  const at = Date.parse(text);
  if (at <= now) return at;
  const told = 'A time that has come: nothing is known of the future.';
  throw fault('invalid', told, { issues: [{ severity: 'error', code: 'invalid', text: told, at: 'at' }] });
}

/** The state of the platform, its evidence and its numbers are for the organization that runs it. */
export function checkHouse({ tenant }: Principal): void {
  if (tenant === house) return;
  throw fault('forbidden', 'Access denied: this is for the organization that runs the platform; see inheritance.');
}

export const missing = () => fault('missing', 'There is nothing of this kind under this id.');

/** `If-Match: "3"`: the version of a task that the caller saw; absent: whatever it is by now. Fault `invalid`. */
export function seenVersion(headers: Readonly<Record<string, unknown>>): number | undefined {
  const given = headers['if-match'];
  if (given === undefined) return undefined;
  const number = /^"(\d{1,9})"$/.exec(String(given))?.[1];
  if (number === undefined) throw fault('invalid', 'If-Match: expected the ETag of the task.');
  return Number(number);
}
