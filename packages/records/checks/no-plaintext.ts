import { type Check, resultOf } from '@safeguard/kernel';
import { hour_s, type RecordsCheckDeps } from './deps.ts';
import { needlesOf, patternOf } from './needles.ts';
import { withPatient } from './probe-patient.ts';
import { scan } from './raw.ts';

export const noPlaintext = (deps: RecordsCheckDeps): Check => ({
  id: 'records.no-plaintext',
  title: 'Nothing of a patient stands anywhere in clear',
  query:
    'Writes a patient with identifiers made for this run through the API, then searches the raw rows ' +
    'of every table of ' +
    'the three segments (of the test tenant; 5,000 rows and the last 64 blocks of each)' +
    `${deps.recentOutput === undefined ? '' : ' and the output of the server'} for them, ` +
    'as UTF-8, UTF-16, base64 and hex.',
  every_s: 6 * hour_s,
  run: () =>
    withPatient(deps, 'records.no-plaintext', async ({ tenant, secrets }) => {
      const needles = secrets.flatMap(needlesOf);
      const patterns = needles.map(patternOf);
      const wrong: string[] = [];
      let [rows, tables] = [0, 0];
      for (const segment of [deps.identity, deps.clinical, deps.ledger]) {
        const found = await scan(segment, tenant, patterns);
        rows += found.rows;
        tables += found.tables;
        wrong.push(...found.hits.map((name) => `table ${name} of the segment ${segment.name} holds it in clear`));
      }
      const output = (await deps.recentOutput?.())?.toLowerCase() ?? '';
      if (needles.some((needle) => output.includes(needle))) wrong.push('the output of the server holds it in clear');
      return resultOf({
        examined: rows,
        wrong,
        met:
          `Identifiers that were just written stand in none of ${rows} raw rows of ${tables} tables` +
          `${deps.recentOutput === undefined ? '' : ', nor in the output'}.`,
        unmet: 'identifiers of a patient stand in clear where only sealed bytes may be.',
        todo:
          'Stop what writes there, remove what it wrote, and report it as an incident: such rows are in ' +
          'backups too.',
      });
    }),
});
