import type { Command } from '../command.ts';

/** Listed so that the overview shows it; `run` answers it before any command is looked up. */
export const help: Command = {
  name: 'help',
  summary: 'tells about a command',
  usage: '[COMMAND]',
  positionals: { least: 0, most: 2 },
  options: {},
  examples: ['safeguard help load'],
  run: () => Promise.resolve(0),
};
