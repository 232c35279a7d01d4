/** A document as what it says, to be shown as HTML and as PDF alike. */
export type Block =
  | { readonly kind: 'heading'; readonly level: 1 | 2 | 3; readonly text: string }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'table'; readonly columns: readonly Column[]; readonly rows: readonly (readonly string[])[] };

/** A column of a table: its heading, and its share of the width. */
export interface Column {
  readonly title: string;
  readonly share: number;
}

export interface Document {
  readonly title: string;
  /** Milliseconds since the Unix epoch. */
  readonly made_at: number;
  readonly blocks: readonly Block[];
}

export const heading = (level: 1 | 2 | 3, text: string): Block => ({ kind: 'heading', level, text });
export const text = (said: string): Block => ({ kind: 'text', text: said });

/** A table, or a sentence where it would be empty. */
export const table = (
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  nothing: string,
): readonly Block[] => (rows.length === 0 ? [text(nothing)] : [{ kind: 'table', columns, rows }]);

export const column = (title: string, share: number): Column => ({ title, share });

const [minute, hour, day] = [60_000, 3_600_000, 86_400_000];
const counted = (n: number, one: string): string => `${n} ${one}${n === 1 ? '' : 's'}`;

/** `3 days 4 hours`, `12 minutes`, `none`: the two largest units. */
export function lasting(ms: number): string {
  if (ms <= 0) return 'none';
  if (ms < minute) return 'less than a minute';
  const [days, hours, minutes] = [
    Math.floor(ms / day),
    Math.floor((ms % day) / hour),
    Math.floor((ms % hour) / minute),
  ];
  const parts = [
    days > 0 ? counted(days, 'day') : '',
    hours > 0 ? counted(hours, 'hour') : '',
    minutes > 0 && days === 0 ? counted(minutes, 'minute') : '',
  ];
  return parts.filter((part) => part !== '').join(' ');
}
