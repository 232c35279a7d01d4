import { openAdmin } from '../admin/request.ts';
import { type Command, shared } from '../command.ts';
import { tenantOf } from './client.ts';

interface Destroyed {
  /** Milliseconds since the Unix epoch: until then a backup may still hold the keys. */
  readonly backups_until: number;
}

export const patientDestroy: Command = {
  name: 'patient destroy',
  summary: 'destroys a patient’s keys: everything about them becomes unreadable, for good',
  usage: 'ID --yes [options]',
  positionals: { least: 1, most: 1 },
  text: 'Cannot be undone. Says until when backups still hold the keys. Without --yes it only says what it would do.',
  options: {
    yes: { type: 'boolean', text: 'really do it' },
    tenant: shared.tenant,
    data: shared.data,
    json: shared.json,
  },
  examples: ['safeguard patient destroy 4f0c5a52-6a0e-4a53-9a0c-3a4a55b1f0de --yes'],
  async run(input, terminal) {
    if (!input.flag('yes')) {
      terminal.err('Nothing was done. This destroys the patient’s keys and cannot be undone: add --yes to do it.\n');
      return 1;
    }
    const path = `/patients/${encodeURIComponent(input.positionals[0] ?? '')}/destroy`;
    const answer = await openAdmin(input.text('data')).ask<Destroyed>('POST', path, tenantOf(input));
    const kept = new Date(answer.backups_until).toISOString().slice(0, 10);
    if (input.flag('json')) terminal.out(`${JSON.stringify(answer)}\n`);
    else terminal.out(`destroyed; a backup may hold the keys until ${kept}\n`);
    return 0;
  },
};
