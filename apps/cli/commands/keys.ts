import { openAdmin } from '../admin/request.ts';
import { type Command, shared } from '../command.ts';
import { tenantOf } from './client.ts';

export const keysRotate: Command = {
  name: 'keys rotate',
  summary: 'makes a new version of a tenant’s keys and re-wraps what stands under the old one',
  usage: '[options]',
  positionals: { least: 0, most: 0 },
  text:
    'Requests are served meanwhile. With --signing: new keys for ID tokens instead. They are published at once and\n' +
    'sign after an hour, when every app has had time to fetch them; the ones before stay published for a day more.',
  options: {
    tenant: shared.tenant,
    signing: { type: 'boolean', text: 'the keys that ID tokens are signed with, of all tenants' },
    data: shared.data,
    json: shared.json,
  },
  examples: ['safeguard keys rotate', 'safeguard keys rotate --tenant north', 'safeguard keys rotate --signing'],
  async run(input, terminal) {
    const path = input.flag('signing') ? '/keys/signing/rotate' : '/keys/rotate';
    const answer = await openAdmin(input.text('data')).ask<object>('POST', path, tenantOf(input));
    terminal.out(input.flag('json') ? `${JSON.stringify(answer ?? {})}\n` : 'rotated\n');
    return 0;
  },
};
