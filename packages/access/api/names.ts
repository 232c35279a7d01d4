import { isUuid } from '@safeguard/kernel';
import type { PeoplePort } from '../people-port.ts';

/** An account with what people call it, for whoever reads an answer. */
export type NameOf = (id: string) => { readonly id: string; readonly name: string | null };

/** Looks the names up in one question. What is no id of an account has none. */
export async function namesOf(
  { people }: { readonly people: Pick<PeoplePort, 'byIds'> },
  tenant: number,
  ids: readonly (string | undefined)[],
): Promise<NameOf> {
  const wanted = [...new Set(ids.filter((id) => id !== undefined && isUuid(id)))] as string[];
  const found = wanted.length === 0 ? [] : await people.byIds(tenant, wanted);
  const names = new Map(found.map(({ id, name }) => [id, name]));
  return (id) => ({ id, name: names.get(id) ?? null });
}
