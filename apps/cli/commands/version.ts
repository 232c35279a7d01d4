import type { Command } from '../command.ts';
import packageFile from '../package.json' with { type: 'json' };

export const version: Command = {
  name: 'version',
  summary: 'prints the version',
  usage: '',
  positionals: { least: 0, most: 0 },
  options: {},
  examples: ['safeguard version'],
  async run(_, terminal) {
    terminal.out(`safeguard ${packageFile.version} (node ${process.versions.node})\n`);
    return 0;
  },
};
