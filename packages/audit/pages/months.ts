/** A month as addresses name it, `2026-11`, in UTC. Ends are exclusive, milliseconds since the Unix epoch. */
export interface Month {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

const startOf = (name: string): number => Date.parse(`${name}-01T00:00:00Z`);
const nameOf = (at: number): string => new Date(at).toISOString().slice(0, 7);

function moved(name: string, by: number): string {
  const [year = 0, month = 1] = name.split('-').map(Number);
  return nameOf(Date.UTC(year, month - 1 + by, 1));
}

const of = (name: string): Month => ({ name, from: startOf(name), to: startOf(moved(name, 1)) });

/** How far back an accounting goes (45 CFR 164.528(a)(1)). */
const months_most = 72;

/** The month that is asked for, within the last six years; else this one. */
export function monthOf(asked: string | null, now: number): Month {
  const last = nameOf(now);
  const known = asked !== null && /^20\d{2}-(0[1-9]|1[0-2])$/.test(asked);
  return of(known && asked <= last && asked >= moved(last, -months_most) ? asked : last);
}

/** The months beside it, where there are any. */
export function besideOf({ name }: Month, now: number): { readonly before?: string; readonly after?: string } {
  const last = nameOf(now);
  const before = moved(name, -1);
  return {
    ...(before >= moved(last, -months_most) ? { before } : {}),
    ...(name < last ? { after: moved(name, 1) } : {}),
  };
}

const words = new Intl.DateTimeFormat('en-GB', { month: 'long', year: 'numeric', timeZone: 'UTC' });
export const monthWords = (name: string): string => words.format(startOf(name));
