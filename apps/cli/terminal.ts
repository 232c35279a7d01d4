/** Where a command writes: results to `out`, everything said on the way to `err`. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** True when `err` is a terminal: a line may be drawn over again. */
  readonly live: boolean;
  /** Columns of that terminal. */
  readonly columns: number;
}

// A reader that went away (`safeguard help | head`) is not an error of ours; any other failure to write is.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

export const processTerminal: Terminal = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  get live() {
    return process.stderr.isTTY === true;
  },
  get columns() {
    return process.stderr.columns ?? 80;
  },
};
