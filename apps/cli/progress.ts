import type { Terminal } from './terminal.ts';

/** How far something has come. `total` is absent when nobody knows. */
export interface State {
  readonly done: number;
  readonly total?: number;
  /** What stands after the bar: `54 of 120 files, 41,203 resources`. */
  readonly text: string;
}

export interface Progress {
  update(state: State): void;
  /** Clears the bar; nothing is drawn afterwards. */
  finish(): void;
}

const bar_columns = 24;
const redraw_ms = 100;
const line_ms = 5_000;

/** A whole number with commas: 41,203. */
export const grouped = (value: number): string => Math.round(value).toLocaleString('en-US');

const fractionOf = ({ done, total }: State): number | undefined =>
  total === undefined || total <= 0 ? undefined : Math.min(1, Math.max(0, done / total));

/** One line of at most `columns` characters: bar, percentage, text. */
export function drawBar(state: State, columns: number): string {
  const fraction = fractionOf(state);
  if (fraction === undefined) return state.text.slice(0, columns);
  const filled = Math.round(fraction * bar_columns);
  const bar = '█'.repeat(filled) + '░'.repeat(bar_columns - filled);
  return `${bar} ${String(Math.floor(fraction * 100)).padStart(3)} %  ${state.text}`.slice(0, columns);
}

/** The same for a log: no bar. */
export function plainLine(state: State): string {
  const fraction = fractionOf(state);
  return fraction === undefined ? state.text : `${Math.floor(fraction * 100)} %  ${state.text}`;
}

/** On a terminal a bar drawn over itself; elsewhere a line every few seconds. */
export function createProgress(terminal: Terminal, now: () => number = Date.now): Progress {
  let last = terminal.live ? Number.NEGATIVE_INFINITY : now();
  let drawn = false;
  let finished = false;
  return {
    update(state) {
      if (finished || now() - last < (terminal.live ? redraw_ms : line_ms)) return;
      last = now();
      drawn = true;
      // One column is left free, lest the terminal wrap.
      terminal.err(terminal.live ? `\r${drawBar(state, terminal.columns - 1)}\u001b[K` : `${plainLine(state)}\n`);
    },
    finish() {
      if (terminal.live && drawn && !finished) terminal.err('\r\u001b[K');
      finished = true;
    },
  };
}
