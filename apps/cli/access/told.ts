import { shared } from '../command.ts';

/** An account as the operator is told of it. */
export interface Who {
  readonly id: string;
  /** Null: no account of the tenant, such as `operator` and `service`. */
  readonly login: string | null;
}

export const common = { tenant: shared.tenant, data: shared.data, json: shared.json } as const;
export const asJson = (value: unknown): string => `${JSON.stringify(value)}\n`;
export const nameOf = ({ id, login }: Who): string => login ?? id;
export const listed = (given: readonly string[]): string => (given.length === 0 ? '-' : given.join(' '));

/** What is asked of the admin API by query: only what was given. */
export function queryOf(given: Readonly<Record<string, string | undefined>>): string {
  const present = Object.entries(given).filter((pair): pair is [string, string] => pair[1] !== undefined);
  const text = new URLSearchParams(present).toString();
  return text === '' ? '' : `?${text}`;
}

const page_size = 200;

/** Page after page, until one is not full. */
export async function allPages<T extends { readonly id: string }>(
  ask: (after: string | undefined) => Promise<readonly T[]>,
): Promise<T[]> {
  const all: T[] = [];
  for (;;) {
    const page = await ask(all.at(-1)?.id);
    all.push(...page);
    if (page.length < page_size) return all;
  }
}
