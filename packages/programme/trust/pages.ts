import { type Brand, fieldsOf, type RequestContext, type Route, seeOther, sent, shown, tried } from '@safeguard/http';
import { fault } from '@safeguard/kernel';
import { house } from '../api/ports.ts';
import type { PolicyVersion } from '../policies/types.ts';
import { controlPage } from './control.ts';
import { download, downloadPath, offer } from './download.ts';
import { factsOf } from './facts.ts';
import { cached } from './frame.ts';
import { jsonAnswer } from './json.ts';
import { createKept } from './kept.ts';
import { overview } from './overview.ts';
import { isPublic, noPolicy, pdfAnswer, policiesPage, policyPage, printed } from './policies.ts';
import { givenIn, here, nothing, read, requestPage, thanksPage, words } from './requests.ts';
import type { Facts, TrustDeps } from './types.ts';

/** How long a state is told before it is computed anew: anybody may ask, so asking must cost next to nothing. */
const keep_ms = 10_000;
/** Texts of published versions do not change; what stands on their first page may. */
const keep_text_ms = 60_000;
/** More than the house has policies. */
const texts_most = 200;

/** Everything that is told at a moment. */
interface Now {
  readonly facts: Facts;
  readonly versions: ReadonlyMap<string, PolicyVersion>;
  readonly brand: Brand;
}

async function lookAround({ content, postureAt, policies, render, clock, settings, brand }: TrustDeps): Promise<Now> {
  const [posture, all, named] = await Promise.all([postureAt(clock.now()), policies.list(house), brand()]);
  const published = all.filter((one) => isPublic(one, house));
  const facts = factsOf({ content: content(), posture, policies: published, unmet: settings.unmet, render });
  return { facts, versions: new Map(published.map((one) => [one.policy, one])), brand: named };
}

type Look = () => Promise<Now>;

/** What is long and the same for all is made once of what is told at a moment. */
function onceOf<T extends object>(make: (now: Now) => T): (now: Now) => T {
  const made = new WeakMap<Now, T>();
  return (now) => {
    const found = made.get(now) ?? make(now);
    made.set(now, found);
    return found;
  };
}

/** What stands at `/trust/policies/<id>` and `<id>.pdf`: published ones of the house alone. */
function policyRoute(deps: TrustDeps, look: Look): Route {
  const texts = createKept<string>({ clock: deps.clock, keep_ms: keep_text_ms, most: texts_most });
  const prints = createKept<Buffer>({ clock: deps.clock, keep_ms: keep_text_ms, most: texts_most });
  return open(deps, { path: '/trust/policies/:id' }, async ({ params }) => {
    const { id: asked = '' } = params;
    const { facts, versions, brand } = await look();
    const id = asked.replace(/\.pdf$/, '');
    const version = versions.get(id);
    const policy = facts.policies.find((one) => one.id === id);
    if (version === undefined || policy === undefined) throw noPolicy();
    if (id !== asked) return pdfAnswer(version, await prints(version.id, () => deps.policies.pdf(printed(version))));
    return policyPage(facts, brand, policy, await texts(version.id, async () => deps.policies.html(version)));
  });
}

function ifOn({ settings }: TrustDeps, handle: Route['handle']): Route['handle'] {
  return (context) => {
    if (settings.trust === 'off') throw fault('missing', 'There is nothing at this address');
    return handle(context);
  };
}

/** A page that is there only where the operator publishes. */
const open = (deps: TrustDeps, { path }: { readonly path: string }, handle: Route['handle']): Route =>
  shown({ path, action: 'trust-read' }, ifOn(deps, handle));

/** Nobody is signed in here, so there is no factor to be shown. */
const nobody = { stepUp: () => Promise.reject(fault('internal', 'Nobody can be asked for a factor here.')) };

function ask(deps: TrustDeps, look: Look, context: RequestContext) {
  const given = givenIn(fieldsOf(context));
  const again = async (refused: Parameters<typeof requestPage>[2]) => requestPage((await look()).brand, given, refused);
  return tried(context, { frame: nobody, back: here, words, again }, async () => {
    const asked = read(given);
    if ('wrong' in asked) {
      context.found?.({ outcome: 'fail', reason: 'invalid' });
      return again({ wrong: asked.wrong, status: 422 });
    }
    await deps.requestReport(asked.wanted, context.remote);
    return seeOther(`${here}/thanks`);
  });
}

function requestRoutes(deps: TrustDeps, look: Look): Route[] {
  return [
    open(deps, { path: here }, async () => requestPage((await look()).brand, nothing)),
    open(deps, { path: `${here}/thanks` }, async () => thanksPage((await look()).brand)),
    open(deps, { path: downloadPath }, async (context) => offer((await look()).brand, context)),
    sent(
      { path: here, action: 'trust-request' },
      ifOn(deps, (context) => ask(deps, look, context)),
    ),
    sent(
      { path: downloadPath, action: 'trust-download' },
      ifOn(deps, async (context) => download(deps, (await look()).brand, context)),
    ),
  ];
}

/**
 * What everybody may read of the programme, without signing in: `/trust` and below it. Made of `Facts` alone. Where the
 * operator publishes nothing, every address is 404.
 */
export function trustPages(deps: TrustDeps): Route[] {
  const now = createKept<Now>({ clock: deps.clock, keep_ms });
  const look: Look = () => now('now', () => lookAround(deps));
  const told = (path: string, tell: (now: Now, context: RequestContext) => ReturnType<Route['handle']>): Route =>
    open(deps, { path }, async (context) => tell(await look(), context));
  return [
    told(
      '/trust',
      onceOf(({ facts, brand }) => overview(facts, brand)),
    ),
    {
      ...told(
        '/trust.json',
        onceOf(({ facts }) => jsonAnswer(facts)),
      ),
      errors: 'problem',
    },
    told('/trust/controls', () => ({ status: 302, headers: { ...cached, Location: '/trust#rules' } })),
    told('/trust/controls/:id', ({ facts, brand }, { params }) => controlPage(facts, brand, params['id'] ?? '')),
    told('/trust/policies', ({ facts, brand }) => policiesPage(facts, brand)),
    policyRoute(deps, look),
    ...requestRoutes(deps, look),
  ];
}
