import type { Terminal } from '../terminal.ts';

/** A terminal that keeps what was written. */
export function keeping(live = false): Terminal & { readonly said: { out: string; err: string } } {
  const said = { out: '', err: '' };
  return {
    said,
    live,
    columns: 80,
    out: (text) => {
      said.out += text;
    },
    err: (text) => {
      said.err += text;
    },
  };
}
