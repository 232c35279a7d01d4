import {
  type Answer,
  errorSummary,
  type Html,
  html,
  linkButton,
  notice,
  type RequestContext,
  type Route,
  timeOf,
} from '@safeguard/http';
import { families } from '../content/types.ts';
import type { Inheritance, InheritedControl, Inheriter, SeenCheck } from '../inheritance/types.ts';
import { familyTitles, lineTitles } from '../trust/words.ts';
import { failed, momentForm, momentOf } from './moment.ts';
import type { ProgrammePagesDeps } from './ports.ts';
import { deskPage, ways } from './ways.ts';
import { counted, rows, sheet, stateTag } from './words.ts';

const here = '/programme/inheritance';
const carriedWords = {
  inherited: 'Inherited',
  shared: 'Shared',
  yours: 'Yours',
  'not-applicable': 'Not applicable',
} as const;

const seen = ({ title, state, evidence }: SeenCheck): Html => html`<li>${title} ${stateTag(state)}
${
  evidence !== undefined &&
  html`<span class="hint">${counted(evidence.examined, 'thing')} examined,
${timeOf(evidence.received_at)}</span>`
}</li>`;

const platformPart = ({ platform }: InheritedControl): Html | false =>
  platform !== undefined &&
  html`<p>The platform’s part: ${stateTag(platform.state)} ${platform.because}</p>
${
  platform.checks.length > 0 &&
  html`<details><summary>${counted(platform.checks.length, 'check')}</summary><ul
class="plain">${platform.checks.map(seen)}</ul></details>`
}`;

const controlRow = (one: InheritedControl): Html => html`<li class="row"><div><h3>${one.title}
<span class="tag">${carriedWords[one.inheriting]}</span></h3><p class="hint">${one.citation}</p>
<p>${one.requirement}</p>${platformPart(one)}
${
  one.yours.length > 0 &&
  html`<p><strong>Left to you:</strong></p><ul class="plain">
${one.yours.map((text) => html`<li>${text}</li>`)}</ul>`
}</div></li>`;

const byFamily = ({ controls }: Inheritance): readonly Html[] =>
  families.flatMap((family) => {
    const these = controls.filter((one) => one.family === family);
    return these.length === 0 ? [] : [sheet(family, familyTitles[family], rows(these.map(controlRow), ''))];
  });

const summary = ({
  counts,
  platform,
  customer,
}: Inheritance): Html => html`<p>${counts.inherited} controls are inherited,
${counts.shared} shared, ${counts.yours} yours,
${counts['not-applicable']} not applicable. Of what the platform carries,
${platform.holds} hold now, ${platform.fails} do not, and of ${platform.unknown} it is not known.</p>
<p class="hint">By what you buy: ${customer.lines.map((line) => lineTitles[line]).join(', ')};
services: ${customer.services.length === 0 ? 'none' : customer.services.join(', ')}.</p>`;

async function show(deps: ProgrammePagesDeps, inheritance: Pick<Inheriter, 'read'>, context: RequestContext) {
  const now = deps.clock.now();
  const moment = momentOf(context, now);
  const found = await inheritance.read(context.principal.tenant, moment.at);
  return deskPage(deps, context, {
    title: 'Inherited controls',
    here,
    ...failed(moment.wrong),
    main: html`<h1>Inherited controls</h1>
<p class="lead">Who carries each control, how the platform’s part stands, and what is left to you. The platform is run
by ${found.organization}.</p>
${errorSummary(moment.wrong)}
${moment.text !== '' && notice(html`<p>This is how it stood at ${timeOf(found.at)}.</p>`)}
${sheet('summary', 'In short', html`${summary(found)}${momentForm(here, moment, now)}`)}
<div class="acts">${linkButton('As a PDF', '/api/v1/programme/inheritance?format=pdf')}</div>
${byFamily(found)}
<p class="hint">No authority certifies compliance with HIPAA.</p>`,
  });
}

export const inheritanceRoutes = (deps: ProgrammePagesDeps): Route[] => {
  const { inheritance } = deps;
  if (inheritance === undefined) return [];
  const handle = (context: RequestContext): Promise<Answer> => show(deps, inheritance, context);
  return [ways(deps).get(here, { action: 'inheritance-read', type: 'Inheritance' }, handle)];
};
