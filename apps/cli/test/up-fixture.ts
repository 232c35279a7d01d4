import { createUp } from '../commands/up.ts';
import { run } from '../run.ts';
import { processTerminal } from '../terminal.ts';

// A platform that needs as long to stop as the first argument says, in milliseconds.
const ended = Promise.withResolvers<void>();
const keepAlive = setInterval(() => undefined, 1000);
const up = createUp(async () => ({
  url: 'https://localhost:1',
  pid: process.pid,
  ca: null,
  firstStart: false,
  stopped: ended.promise,
  async stop() {
    await new Promise((resolve) => setTimeout(resolve, Number(process.argv[2])));
    processTerminal.out('stopped cleanly\n');
    clearInterval(keepAlive);
    ended.resolve();
  },
}));

process.exitCode = await run(['up'], processTerminal, [up]);
