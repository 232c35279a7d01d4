import { type Answer, type RequestContext, type Route, sent, shown } from '@safeguard/http';
import { fault } from '@safeguard/kernel';
import { allow, deny, showConsent } from './consent.ts';
import { type InteractionDeps, type PersonsVisit, personsVisit, toSignIn, visit } from './interaction.ts';
import { login } from './login.ts';
import { pick, pickEncounter, search, showEncounters, showPicker } from './picker.ts';

type Step = (deps: InteractionDeps, visit: PersonsVisit) => Promise<Answer>;

const pages: Readonly<Record<string, Step>> = {
  patient: showPicker,
  encounter: showEncounters,
  consent: showConsent,
};

/** Looking at an interaction: the page of what is due. Signing in alone goes on by itself. */
async function look(deps: InteractionDeps, context: RequestContext): Promise<Answer> {
  const here = await visit(deps, context);
  if (here.interaction.prompt.name === 'login') return login(deps, here);
  const persons = await personsVisit(deps, here);
  if (persons === undefined) return toSignIn(deps, here);
  const step = pages[here.interaction.prompt.name];
  if (step === undefined) throw fault('missing', 'There is nothing at this address');
  return step(deps, persons);
}

/** A form of an interaction, taken only while its own step is due. */
async function answer(
  deps: InteractionDeps,
  context: RequestContext,
  due: readonly string[],
  step: Step,
): Promise<Answer> {
  const here = await visit(deps, context);
  const persons = await personsVisit(deps, here);
  if (persons === undefined) return toSignIn(deps, here);
  if (!due.includes(here.interaction.prompt.name)) {
    throw fault('conflict', 'This page is not the one that is due. Go back to the app and start again.');
  }
  return step(deps, persons);
}

const place = '/interaction/:uid';

/**
 * What a person does between an app's request and its answer. Everything that changes something is a POST of our own.
 */
export function interactionRoutes(deps: InteractionDeps): Route[] {
  const form = (path: string, action: string, due: readonly string[], step: Step): Route =>
    sent({ path: `${place}/${path}`, action }, (context) => answer(deps, context, due, step));
  return [
    shown({ path: place, action: 'authorize-page' }, (context) => look(deps, context)),
    form('search', 'patient-search', ['patient'], search),
    form('patient', 'patient-choose', ['patient'], pick),
    form('encounter', 'encounter-choose', ['encounter'], pickEncounter),
    form('consent', 'consent', ['consent'], allow),
    form('deny', 'consent', ['patient', 'encounter', 'consent'], deny),
  ];
}
