import { fault } from '@safeguard/kernel';
import type { ProviderSettings } from '../types.ts';
import type { ProviderRows } from './rows.ts';

/** True when another provider of the tenant, enabled or not, says who is who in its directory. */
export async function anotherSpeaks(
  rows: Pick<ProviderRows, 'list'>,
  { tenant, id }: { readonly tenant: number; readonly id?: string },
): Promise<boolean> {
  const others = (await rows.list(tenant)).filter((each) => each.id !== id);
  return others.some(({ settings }) => settings.directory !== 'none');
}

/**
 * A directory's ids are worth what the one provider says that shares them: a second one could name anybody's. Fault
 * `conflict`. (Two changes at the same moment may both pass: then neither links anybody, see `identities/adopt.ts`.)
 */
export async function checkDirectory(
  rows: Pick<ProviderRows, 'list'>,
  of: { readonly tenant: number; readonly id?: string },
  { directory }: ProviderSettings,
): Promise<void> {
  if (directory === 'none' || !(await anotherSpeaks(rows, of))) return;
  const text = 'Another provider of the tenant says who is who in its directory: one may.';
  throw fault('conflict', text, { issues: [{ severity: 'error', code: 'conflict', text, at: 'directory' }] });
}
