import { openAdmin } from '../admin/request.ts';
import { type Command, shared } from '../command.ts';
import { tenantOf } from './client.ts';

export const keysRotate: Command = {
  name: 'keys rotate',
  summary: 'makes a new version of a tenant’s keys and re-wraps what stands under the old one',
  usage: '[options]',
  positionals: { least: 0, most: 0 },
  text: 'Requests are served meanwhile.',
  options: { tenant: shared.tenant, data: shared.data, json: shared.json },
  examples: ['safeguard keys rotate', 'safeguard keys rotate --tenant north'],
  async run(input, terminal) {
    const answer = await openAdmin(input.text('data')).ask<object>('POST', '/keys/rotate', tenantOf(input));
    terminal.out(input.flag('json') ? `${JSON.stringify(answer ?? {})}\n` : 'rotated\n');
    return 0;
  },
};
