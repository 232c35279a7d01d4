import {
  type Answer,
  button,
  form,
  html,
  linkButton,
  notice,
  type RequestContext,
  type Route,
  sent,
  shown,
} from '@safeguard/http';
import { codeList } from '../codes.ts';
import type { PageDeps } from '../ports.ts';
import { accountPage, isFresh, type Me, meOf, places, stepUp } from './frame.ts';

const path = places.codes;

async function show(deps: PageDeps, me: Me): Promise<Answer> {
  const left = await deps.authenticators.recovery.left(me.principal.tenant, me.principal.id);
  return accountPage(deps, me, {
    here: places.factors,
    title: 'New recovery codes',
    main: html`<h1>New recovery codes</h1>
<div class="sheet slim"><p>You get ten new codes. ${left > 0 && `The ${left} that are left stop working.`}</p>
<div class="acts">${form(path, button('Make new codes'))}${linkButton('Not now', places.factors)}</div></div>`,
  });
}

async function make(deps: PageDeps, me: Me): Promise<Answer> {
  const codes = await deps.authenticators.recovery.make(me.principal.tenant, me.principal.id);
  return accountPage(deps, me, {
    here: places.factors,
    title: 'Keep your recovery codes',
    main: html`<h1>Keep your recovery codes</h1>
${notice(html`<p>These are your new codes. Earlier ones do not work any more.</p>`, 'good')}
<div class="sheet slim">${codeList(codes)}
<div class="acts">${linkButton('I have kept them', `${places.factors}?done=codes`, 'main')}</div></div>`,
  });
}

const gated =
  (deps: PageDeps, then: (deps: PageDeps, me: Me) => Promise<Answer>) =>
  async (context: RequestContext): Promise<Answer> => {
    const me = await meOf(deps, context, 'self-factor-add');
    return isFresh(deps, me.principal) ? then(deps, me) : stepUp(deps, me, path);
  };

/** Ten new recovery codes, shown once in the answer that makes them. */
export const recoveryCodeRoutes = (deps: PageDeps): Route[] => [
  shown({ path, action: 'factor-page', auth: 'session' }, gated(deps, show)),
  sent({ path, action: 'factor-add', auth: 'session' }, gated(deps, make)),
];
