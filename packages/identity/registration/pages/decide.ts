import {
  type Answer,
  area,
  button,
  checkbox,
  fieldsOf,
  form,
  hidden,
  html,
  linkButton,
  notice,
  seeOther,
} from '@safeguard/http';
import { fault, isFault } from '@safeguard/kernel';
import { deciderOf } from '../reach.ts';
import type { Application, Decision } from '../types.ts';
import { at, type PortalDeps, portalPage, type Visitor } from './frame.ts';
import { facts } from './words.ts';

/** What is asked in plain words, each right to be given or not, and why. */
export function decidePage(deps: PortalDeps, visitor: Visitor, of: Application, trouble?: string): Answer {
  return portalPage(deps, visitor, {
    title: `Decide on ${of.name}`,
    ...(trouble === undefined ? {} : { status: 422, wrong: true }),
    main: html`<h1>Decide on “${of.name}”</h1>
${trouble !== undefined && notice(html`<p>${trouble}</p>`, 'bad')}
<section class="sheet" aria-labelledby="facts"><h2 id="facts">What is asked</h2>${facts(of, deps.describe)}</section>
<section class="sheet" aria-labelledby="decision"><h2 id="decision">Your decision</h2>
${form(`${at}/${of.id}/decide`, [
  hidden('version', String(of.version)),
  of.scopes.length > 0 &&
    html`<fieldset class="checks"><legend>What it may do</legend>${of.scopes.map((scope, index) =>
      checkbox({
        name: `grant-${index}`,
        label: deps.describe(scope),
        hint: html`<code>${scope}</code>`,
        checked: true,
      }),
    )}</fieldset>`,
  area({ name: 'reason', label: 'Reason', hint: 'Required to refuse. Whoever asked reads it.' }),
  html`<div class="acts">${button('Approve', 'main', { name: 'decision', value: 'approve' })}
${button('Refuse', 'danger', { name: 'decision', value: 'refuse' })}
${linkButton('Not now', `${at}/${of.id}`)}</div>`,
])}</section>`,
  });
}

/** What was ticked counts for the version that was shown: the scopes are named by their place in it. */
function decisionOf(visitor: Visitor, of: Application): Decision {
  const given = fieldsOf(visitor.context);
  const version = Number(given('version'));
  const reason = given('reason').replaceAll('\r\n', '\n').trim();
  const decision = given('decision');
  if (decision === 'refuse') return { approve: false, version, reason };
  if (decision !== 'approve') throw fault('malformed', 'A decision is to approve or to refuse.');
  const scopes = of.scopes.filter((_scope, index) => given(`grant-${index}`) === 'yes');
  return { approve: true, version, scopes, ...(reason === '' ? {} : { reason }) };
}

const told: Readonly<Record<string, string>> = {
  stale: 'It was changed since you looked at it: this is what it asks for now.',
  conflict: 'It does not wait for a decision any more.',
};

export async function decide(deps: PortalDeps, visitor: Visitor, of: Application): Promise<Answer> {
  try {
    const decision = decisionOf(visitor, of);
    if (decision.version !== of.version) throw fault('stale', 'Another version was shown.');
    await deps.registration.applications.decide(deciderOf(visitor.principal), of.id, decision);
    return seeOther(`${at}/${of.id}?done=${decision.approve ? 'approved' : 'refused'}`);
  } catch (thrown) {
    if (!isFault(thrown) || !['stale', 'conflict', 'invalid', 'forbidden'].includes(thrown.kind)) throw thrown;
    const outcome = thrown.kind === 'forbidden' ? 'deny' : 'fail';
    visitor.context.found?.({ outcome, reason: thrown.kind === 'forbidden' ? 'own application' : 'not decided' });
    const text = told[thrown.kind] ?? (thrown.kind === 'invalid' ? 'A refusal needs a reason.' : thrown.message);
    return decidePage(deps, visitor, of, text);
  }
}
