import {
  type Answer,
  button,
  form,
  html,
  page,
  type RequestContext,
  type Route,
  seeOther,
  sent,
  shown,
} from '@safeguard/http';
import type { LinkPurpose, OneTimeLink } from '../accounts/links-types.ts';
import { setFlow } from './cookies.ts';
import { pathOf } from './flow.ts';
import type { PageDeps } from './ports.ts';
import { onceReady } from './ready.ts';
import { somebodyAt } from './request.ts';

interface Kind {
  readonly purpose: LinkPurpose;
  readonly path: string;
  readonly title: string;
  readonly lead: string;
  readonly text: string;
}

const kinds: readonly Kind[] = [
  {
    purpose: 'administrator',
    path: '/first',
    title: 'Welcome',
    lead: 'This link sets up the first administrator of this server. It works once.',
    text: 'You will give your name, choose a password and add a second step. It takes about three minutes.',
  },
  {
    purpose: 'invitation',
    path: '/join',
    title: 'You are invited',
    lead: 'Set up your account. This link works once, and is meant for you alone.',
    text: 'You will choose a password and add a second step. It takes about three minutes.',
  },
  {
    purpose: 'recovery',
    path: '/recover',
    title: 'Get back into your account',
    lead: 'This link works once, and is meant for you alone.',
    text: 'You will choose a new password and add a new second step. The old ones stop working, on every device.',
  },
];

/** Unknown, used, expired and malformed look the same. */
const noLink = async (deps: PageDeps): Promise<Answer> =>
  page({
    title: 'This link does not work',
    brand: await deps.brand(0),
    status: 404,
    wrong: true,
    main: html`<h1>This link does not work</h1>
<p class="lead">It may have been used already, be too old, or not be copied whole.</p>
<p>Ask whoever gave it to you for a new one.</p>`,
  });

const asked = (context: RequestContext): string => context.params['link'] ?? '';

async function linkOf(deps: PageDeps, kind: Kind, context: RequestContext): Promise<OneTimeLink | undefined> {
  const link = await deps.accounts.links.find(asked(context));
  return link?.purpose === kind.purpose ? link : undefined;
}

const aboutLink = ({ tenant, account }: OneTimeLink) => ({
  principal: somebodyAt(tenant),
  ...(account === null ? {} : { targets: [{ type: 'Account', id: account }] }),
});

/** Scanners of mail follow links: looking opens nothing and uses nothing up. */
async function show(deps: PageDeps, kind: Kind, context: RequestContext): Promise<Answer> {
  const link = await linkOf(deps, kind, context);
  if (link === undefined) return noLink(deps);
  context.found?.(aboutLink(link));
  return page({
    title: kind.title,
    brand: await deps.brand(link.tenant),
    headers: { 'Referrer-Policy': 'strict-origin' },
    main: html`<h1>${kind.title}</h1>
<p class="lead">${kind.lead}</p>
<p>${kind.text}</p>
${form(`${kind.path}/${encodeURIComponent(asked(context))}`, button('Start'))}`,
  });
}

async function open(deps: PageDeps, kind: Kind, context: RequestContext): Promise<Answer> {
  const link = await linkOf(deps, kind, context);
  const opened = link === undefined ? undefined : await deps.signIn.open(asked(context));
  if (link === undefined || opened === undefined) {
    context.found?.({ outcome: 'deny', reason: 'no such link' });
    return noLink(deps);
  }
  context.found?.(aboutLink(link));
  return seeOther(pathOf(opened.view), [setFlow(opened.secret)]);
}

/** One-time links: the first administrator's, an invitation's, a recovery's. The last step of the flow uses them up. */
export const linkRoutes = (deps: PageDeps): Route[] =>
  kinds.flatMap((kind) => {
    const path = `${kind.path}/:link`;
    const gate =
      kind.purpose === 'administrator' ? (handle: Gated) => handle : (handle: Gated) => onceReady(deps, handle);
    return [
      shown(
        { path, action: 'link-page' },
        gate((context) => show(deps, kind, context)),
      ),
      sent(
        { path, action: 'link-open' },
        gate((context) => open(deps, kind, context)),
      ),
    ];
  });

type Gated = (context: RequestContext) => Promise<Answer> | Answer;
