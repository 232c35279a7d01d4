import {
  type Answer,
  button,
  form,
  html,
  linkButton,
  notice,
  type RequestContext,
  type Route,
  seeOther,
  sent,
  shown,
} from '@safeguard/http';
import { fault, isFault } from '@safeguard/kernel';
import type { Factor } from '../../authenticators/types.ts';
import type { PageDeps } from '../ports.ts';
import { factorRow } from './factor-row.ts';
import { accountPage, isFresh, type Me, meOf, places, stepUp } from './frame.ts';

/** What was just done, by a fixed word in the address. */
const done: Readonly<Record<string, string>> = {
  added: 'Your new second step works from now on.',
  removed: 'That second step does not work any more.',
  password: 'Your password is changed.',
  codes: 'Your new recovery codes work from now on. The old ones do not.',
};

const isSecond = ({ kind }: Factor): boolean => kind !== 'recovery-codes';

const onlyOne = html`<p>This is your only second step. Add another one first, then remove this one.</p>`;

async function factorsPage(deps: PageDeps, me: Me, refused = false): Promise<Answer> {
  const { tenant, id } = me.principal;
  const [factors, left] = await Promise.all([
    deps.authenticators.list(tenant, id),
    deps.authenticators.recovery.left(tenant, id),
  ]);
  const text = done[me.context.query.get('done') ?? ''];
  return accountPage(deps, me, {
    here: places.factors,
    title: 'Sign-in methods',
    status: refused ? 422 : 200,
    wrong: refused,
    main: html`<h1>Sign-in methods</h1>
${text !== undefined && !refused && notice(html`<p>${text}</p>`, 'good')}
${refused && notice(onlyOne, 'bad')}
<section class="sheet" aria-labelledby="second"><h2 id="second">Second steps</h2>
<p class="hint">Asked for after your password. Two are better than one: a lost phone then locks nobody out.</p>
<ul class="rows">${factors.filter(isSecond).map(factorRow)}</ul>
<div class="acts">${linkButton('Add a second step', `${places.factors}/add`)}</div></section>
<section class="sheet" aria-labelledby="codes"><h2 id="codes">Recovery codes</h2>
<p>${left === 0 ? 'You have no recovery codes left.' : `${left} of 10 codes are left.`} Each lets you in once when you
have lost your second step.</p>
<div class="acts">${linkButton('Make new codes', places.codes)}</div></section>
${
  !me.account.external &&
  html`<section class="sheet" aria-labelledby="password"><h2 id="password">Password</h2>
<div class="acts">${linkButton('Change your password', places.password)}</div></section>`
}`,
  });
}

async function factorOf(deps: PageDeps, { principal, context }: Me): Promise<Factor> {
  const factors = await deps.authenticators.list(principal.tenant, principal.id);
  const found = factors.filter(isSecond).find(({ id }) => id === context.params['factor']);
  if (found === undefined) throw fault('missing', 'There is nothing at this address');
  context.about?.([{ type: 'Factor', id: found.id }]);
  return found;
}

const removePath = (factor: Factor): string => `${places.factors}/${factor.id}/remove`;

const removePage = (deps: PageDeps, me: Me, factor: Factor): Answer =>
  accountPage(deps, me, {
    here: places.factors,
    title: 'Remove a second step',
    main: html`<h1>Remove “${factor.label}”?</h1>
<div class="sheet slim"><p>You will not be able to sign in with it any more.</p>
<div class="acts">${form(removePath(factor), button('Remove it', 'danger'))}
${linkButton('Keep it', places.factors)}</div></div>`,
  });

async function remove(deps: PageDeps, me: Me, factor: Factor): Promise<Answer> {
  try {
    await deps.authenticators.remove(me.principal.tenant, me.principal.id, factor.id);
  } catch (thrown) {
    if (!isFault(thrown) || thrown.kind !== 'conflict') throw thrown;
    me.context.found?.({ outcome: 'fail', reason: 'last second factor' });
    return factorsPage(deps, me, true);
  }
  return seeOther(`${places.factors}?done=removed`);
}

type Then = (deps: PageDeps, me: Me, factor: Factor) => Answer | Promise<Answer>;

async function gated(deps: PageDeps, context: RequestContext, then: Then): Promise<Answer> {
  const me = await meOf(deps, context, 'self-factor-remove');
  const factor = await factorOf(deps, me);
  return isFresh(deps, me.principal) ? then(deps, me, factor) : stepUp(deps, me, removePath(factor));
}

const auth = 'session';

/** Second factors: listed, and removed after a fresh one was shown. Adding them is `add-factor.ts`. */
export const factorRoutes = (deps: PageDeps): Route[] => [
  shown({ path: places.factors, action: 'self-read', auth }, async (context) =>
    factorsPage(deps, await meOf(deps, context, 'self-read')),
  ),
  shown({ path: `${places.factors}/:factor/remove`, action: 'factor-page', auth }, (context) =>
    gated(deps, context, removePage),
  ),
  sent({ path: `${places.factors}/:factor/remove`, action: 'factor-remove', auth }, (context) =>
    gated(deps, context, remove),
  ),
];
