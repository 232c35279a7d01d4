import { type Answer, fieldsOf, html, type RequestContext, type Route, seeOther, sent, shown } from '@safeguard/http';
import { createReach, personOf } from '../reach.ts';
import type { Application } from '../types.ts';
import { decide, decidePage } from './decide.ts';
import { applicationForm, emptyForm, fieldsOfForm, type Texts, textsOf, textsOfApplication, wrongOf } from './form.ts';
import { at, gated, type PortalDeps, portalPage, review, type Visitor, visitorOf } from './frame.ts';
import { listPage, reviewPage } from './list.ts';
import { secretPage, showPage } from './show.ts';

type Wrongs = ReturnType<typeof wrongOf>;

const auth = 'session';

function newPage(deps: PortalDeps, visitor: Visitor, texts: Texts, wrong: Wrongs = []): Answer {
  return portalPage(deps, visitor, {
    title: 'Register an app',
    ...(wrong.length === 0 ? {} : { status: 422, wrong: true }),
    main: html`<h1>Register an app</h1>
<p class="lead">You can change everything until you ask for a decision.</p>
${applicationForm(at, texts, wrong, 'Keep as a draft')}`,
  });
}

function editPage(deps: PortalDeps, visitor: Visitor, of: Application, texts: Texts, wrong: Wrongs = []): Answer {
  return portalPage(deps, visitor, {
    title: `Change ${of.name}`,
    ...(wrong.length === 0 ? {} : { status: 422, wrong: true }),
    main: html`<h1>Change “${of.name}”</h1>
${
  of.in_force !== null &&
  html`<p class="lead">What only takes rights or addresses away holds at once. Anything else waits for a decision, and
the approved version works meanwhile.</p>`
}
${applicationForm(`${at}/${of.id}/edit`, texts, wrong, 'Keep the change')}`,
  });
}

async function create(deps: PortalDeps, visitor: Visitor): Promise<Answer> {
  const texts = textsOf(fieldsOf(visitor.context));
  try {
    const actor = personOf(visitor.principal);
    const made = await deps.registration.applications.create(actor, fieldsOfForm(texts));
    visitor.context.about?.([{ type: 'Application', id: made.id }]);
    return seeOther(`${at}/${made.id}?done=created`);
  } catch (thrown) {
    const wrong = wrongOf(thrown);
    visitor.context.found?.({ outcome: 'fail', reason: 'not as described' });
    return newPage(deps, visitor, texts, wrong);
  }
}

async function edit(deps: PortalDeps, visitor: Visitor, of: Application): Promise<Answer> {
  const texts = textsOf(fieldsOf(visitor.context));
  try {
    const actor = personOf(visitor.principal);
    await deps.registration.applications.change(actor, of.id, fieldsOfForm(texts), of.version);
    return seeOther(`${at}/${of.id}?done=changed`);
  } catch (thrown) {
    const wrong = wrongOf(thrown);
    visitor.context.found?.({ outcome: 'fail', reason: 'not as described' });
    return editPage(deps, visitor, of, texts, wrong);
  }
}

type Page = (visitor: Visitor) => Promise<Answer> | Answer;
type OfOne = (visitor: Visitor, of: Application) => Promise<Answer> | Answer;

/** How a page is reached: the guard first, then the application where it is of one. */
function ways(deps: PortalDeps) {
  const reach = createReach(deps.guard, deps.registration.applications);
  const page = (action: string, then: Page) => async (context: RequestContext) =>
    then(await visitorOf(deps, context, `application-${action}`));
  return {
    page,
    one: (action: string, whose: 'own' | 'seen', then: OfOne) =>
      page(action, async (visitor) => {
        const { id = '' } = visitor.context.params;
        return then(visitor, await reach[whose](visitor.principal, id));
      }),
    get: (path: string, action: string, handle: Route['handle']): Route =>
      shown({ path, action: `application-${action}`, auth }, handle),
    post: (path: string, action: string, handle: Route['handle']): Route =>
      sent({ path, action: `application-${action}`, auth }, handle),
  };
}

const ofOne = `${at}/:id`;

function looking(deps: PortalDeps): Route[] {
  const { page, one, get } = ways(deps);
  return [
    get(
      at,
      'list',
      page('list', (visitor) => listPage(deps, visitor)),
    ),
    get(
      `${at}/new`,
      'form',
      page('create', (visitor) => newPage(deps, visitor, emptyForm)),
    ),
    get(
      review,
      'queue',
      page('decide', (visitor) => reviewPage(deps, visitor)),
    ),
    get(
      ofOne,
      'read',
      one('read', 'seen', (visitor, of) => showPage(deps, visitor, of)),
    ),
    get(
      `${ofOne}/edit`,
      'form',
      one('change', 'own', (visitor, of) => editPage(deps, visitor, of, textsOfApplication(of))),
    ),
    get(
      `${ofOne}/decide`,
      'form',
      one('decide', 'seen', (visitor, of) =>
        gated(deps, visitor, `${at}/${of.id}/decide`, async () => decidePage(deps, visitor, of)),
      ),
    ),
  ];
}

function acting(deps: PortalDeps): Route[] {
  const { applications } = deps.registration;
  const { page, one, post } = ways(deps);
  const step = (verb: 'submit' | 'withdraw' | 'revoke', done: string): Route => {
    const whose = verb === 'revoke' ? 'seen' : 'own';
    const handle = one(verb, whose, async ({ principal }, { id }) => {
      await applications[verb](personOf(principal), id);
      return seeOther(`${at}/${id}?done=${done}`);
    });
    return post(`${ofOne}/${verb}`, verb, handle);
  };
  const deciding = one('decide', 'seen', (visitor, of) =>
    gated(deps, visitor, `${at}/${of.id}/decide`, () => decide(deps, visitor, of)),
  );
  const rotating = one('rotate', 'own', (visitor, of) =>
    gated(deps, visitor, `${at}/${of.id}`, async () => {
      const { client_secret } = await applications.rotateSecret(of.tenant, of.id);
      return secretPage(deps, visitor, of, client_secret);
    }),
  );
  return [
    post(
      at,
      'create',
      page('create', (visitor) => create(deps, visitor)),
    ),
    post(
      `${ofOne}/edit`,
      'change',
      one('change', 'own', (visitor, of) => edit(deps, visitor, of)),
    ),
    step('submit', 'submitted'),
    step('withdraw', 'withdrawn'),
    step('revoke', 'revoked'),
    post(`${ofOne}/decide`, 'decide', deciding),
    post(`${ofOne}/secret`, 'rotate', rotating),
  ];
}

/** The portal: one's own applications, and what waits for a decision. */
export const portalRoutes = (deps: PortalDeps): Route[] => [...looking(deps), ...acting(deps)];
