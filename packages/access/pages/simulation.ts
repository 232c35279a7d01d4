import { type Html, html, notice } from '@safeguard/http';
import type { SimulatedChange, Simulation } from '../policies/simulator/types.ts';
import type { Policy } from '../policy/types.ts';
import { letterWords } from './rule-words.ts';
import { counted, roleTitle, rows, sheet } from './words.ts';

const kinds: Readonly<Record<SimulatedChange['change'], string>> = {
  opens: 'Opens',
  closes: 'Closes',
  view: 'Shown otherwise',
};

const most = 200;

const changeRow = (
  policy: Policy,
  { change, role, type, letter, people, resources, from, to }: SimulatedChange,
): Html =>
  html`<li class="row"><div><h3>${kinds[change]}: ${roleTitle(policy, role)} may
${change === 'closes' && 'no longer '}${letterWords(letter)} ${type}</h3>
<p class="hint">So for ${counted(people, 'person or program', 'people or programs')} that were looked at${
    resources > 0 && `, on ${counted(resources, 'resource')}`
  }${from !== undefined && to !== undefined && `, ${to} instead of ${from}`}.</p></div></li>`;

/** What a version would change, of real people and a sample of real resources. */
export function simulationSheet({ against, holders, resources, changes, tests }: Simulation, policy: Policy): Html {
  const failed = tests.filter(({ holds }) => !holds);
  const all = holders.all ? '' : ' (not all of them)';
  const looked = `${counted(holders.count, 'person or program', 'people and programs')}${all}`;
  const which = failed.map(({ index }) => index + 1).join(', ');
  return sheet(
    'simulation',
    'What it would change',
    html`<p>Held against version ${against}, for ${looked} and ${counted(resources, 'resource')} of the tenant.</p>
${failed.length > 0 && notice(html`<p>Tests of its own that do not hold: ${which}.</p>`, 'bad')}
${rows(
  changes.slice(0, most).map((one) => changeRow(policy, one)),
  'Nothing of what was looked at would change.',
)}
${changes.length > most && html`<p class="hint">And ${changes.length - most} more.</p>`}`,
  );
}
