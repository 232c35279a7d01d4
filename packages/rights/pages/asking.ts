import {
  type Answer,
  area,
  button,
  choice,
  errorOf,
  errorSummary,
  field,
  fieldsOf,
  form,
  type Html,
  hidden,
  html,
  line,
  linkButton,
  type Route,
  radios,
  seeOther,
  tried,
  type Wrong,
} from '@safeguard/http';
import { fault, isUuid } from '@safeguard/kernel';
import type { RightRequest } from '../types.ts';
import { doneNotice, ownOf, patientOf, places, recordPage, requestList, type Visit, ways } from './own.ts';
import type { RightsPagesDeps } from './ports.ts';
import { sheet } from './words.ts';

interface Refusal {
  readonly wrong?: readonly Wrong[];
  readonly status?: number;
}

const whose = ({ within, nameOf }: Visit, value = '') =>
  within.length > 1 &&
  choice({ label: 'Whose record', name: 'patient', value, of: within.map((id) => [id, nameOf(id)]) });

const text = (given: string): string => given.replaceAll('\r\n', '\n').trim();
const textWords = 'Write 10 to 4,000 characters.';

const fetchForm = (of: RightRequest): Html | false =>
  (of.state === 'open' || of.state === 'fulfilled') &&
  form(`${places.export}/${of.id}/fetch`, button('Download the copy', of.state === 'open' ? 'main' : 'quiet'));

async function copies(
  deps: RightsPagesDeps,
  visit: Visit,
  { wrong = [], status = 200 }: Refusal = {},
): Promise<Answer> {
  const list = await ownOf(deps, visit, 'export');
  return recordPage(deps, visit, {
    ...{ title: 'Copies of your record', here: places.export, wrong, status },
    patients: visit.within,
    main: html`<h1>Copies of your record</h1>
<p class="lead">You have a right to a copy of what is kept about you, within 30 days. Here you can fetch it at once.</p>
${errorSummary(wrong)}${doneNotice(visit, { asked: 'Your copy is ready: download it below.' })}
${sheet(
  'ask',
  'Ask for a copy',
  form(places.export, [
    whose(visit),
    html`<p class="hint">It is one file, made for other programs: health data in FHIR, one entry a line. Keep it
safe.</p>`,
    html`<div class="acts">${button('Ask for a copy')}</div>`,
  ]),
)}
${sheet('copies', 'What you asked for', requestList(list, visit, deps.clock.now(), fetchForm))}`,
  });
}

const askCopy = (deps: RightsPagesDeps, visit: Visit): Promise<Answer> =>
  tried(
    visit.context,
    { frame: deps.frame, back: places.export, words: {}, again: (refused) => copies(deps, visit, refused) },
    async () => {
      const patient = patientOf(visit, fieldsOf(visit.context)('patient'));
      const { id } = await deps.rights.ask(visit.principal, { kind: 'export', patient });
      const targets = [{ type: 'PrivacyRequest', id }];
      return { ...seeOther(`${places.export}?done=asked`), targets, patients: [patient] };
    },
  );

/** By POST: the first fetch stops the clock. */
async function fetchCopy(deps: RightsPagesDeps, visit: Visit): Promise<Answer> {
  const { request, lines } = await deps.rights.fetch(visit.principal, visit.context.params['id'] ?? '');
  return {
    status: 200,
    type: 'application/fhir+ndjson',
    headers: { 'Content-Disposition': 'attachment; filename="record.ndjson"', 'Cache-Control': 'no-store' },
    body: lines,
    targets: [
      { type: 'PrivacyRequest', id: request.id },
      { type: 'Patient', id: request.patient },
    ],
  };
}

interface Correction extends Refusal {
  readonly given?: Readonly<Record<'patient' | 'what' | 'about' | 'text', string>>;
}
const noCorrection = { patient: '', what: 'person', about: '', text: '' };

const correctionForm = (visit: Visit, given: typeof noCorrection, wrong: readonly Wrong[]): Html =>
  form(places.amendment, [
    whose(visit, given.patient),
    radios({
      label: 'What is wrong',
      name: 'what',
      value: given.what,
      of: [
        ['person', 'My personal details', 'Name, address, date of birth, and the like.'],
        ['entry', 'One entry of the record', 'A diagnosis, a result, a note: name it below.'],
      ],
    }),
    field({
      label: 'Which entry',
      name: 'about',
      value: given.about,
      required: false,
      autocomplete: 'off',
      maxlength: 100,
      hint: 'Its kind and id as they stand in your copy: Condition/5a2d3c4b-… Not needed for personal details.',
      error: errorOf(wrong, 'about'),
    }),
    area({
      label: 'What should stand there, and why',
      name: 'text',
      value: given.text,
      rows: 6,
      required: true,
      error: errorOf(wrong, 'text'),
    }),
    html`<div class="acts">${button('Ask for the correction')}</div>`,
  ]);

async function corrections(
  deps: RightsPagesDeps,
  visit: Visit,
  { given = noCorrection, wrong = [], status = 200 }: Correction = {},
): Promise<Answer> {
  const list = await ownOf(deps, visit, 'amendment');
  return recordPage(deps, visit, {
    ...{ title: 'Corrections', here: places.amendment, wrong, status },
    patients: visit.within,
    main: html`<h1>Corrections</h1>
<p class="lead">If something in the record is wrong or missing, ask for it to be put right. You are answered within 60
days; if it is denied, you are told why, and can have your own statement stand beside it.</p>
${errorSummary(wrong)}${doneNotice(visit, { asked: 'Your request is on its way.' })}
${sheet('ask', 'Ask for a correction', correctionForm(visit, given, wrong))}
${sheet('asked', 'What you asked for', requestList(list, visit, deps.clock.now()))}`,
  });
}

function askCorrection(deps: RightsPagesDeps, visit: Visit): Promise<Answer> {
  const fields = fieldsOf(visit.context);
  const given = {
    ...{ patient: fields('patient'), what: fields('what'), about: line(fields('about')) },
    text: text(fields('text')),
  };
  const words = { text: textWords, about: 'Name the entry by its kind and id, as in Condition/5a2d3c4b-…' };
  return tried(
    visit.context,
    {
      ...{ frame: deps.frame, back: places.amendment, words },
      again: (refused) => corrections(deps, visit, { given, ...refused }),
    },
    async () => {
      const patient = patientOf(visit, given.patient);
      const about = given.what === 'person' ? `Patient/${patient}` : given.about;
      const { id } = await deps.rights.ask(visit.principal, { kind: 'amendment', patient, about, text: given.text });
      const targets = [{ type: 'PrivacyRequest', id }];
      return { ...seeOther(`${places.amendment}?done=asked`), targets, patients: [patient] };
    },
  );
}

const objections = async (deps: RightsPagesDeps, visit: Visit): Promise<Answer> =>
  recordPage(deps, visit, {
    ...{ title: 'Objections', here: places.objection, patients: visit.within },
    main: html`<h1>Objections</h1>
<p class="lead">Where somebody looked at the record who should not have, you can object. The privacy officer looks into
it and answers within 30 days.</p>
${doneNotice(visit, { asked: 'Your objection is on its way to the privacy officer.' })}
<div class="acts">${linkButton('Find the access in the list', '/account/record', 'main')}</div>
${sheet('asked', 'Your objections', requestList(await ownOf(deps, visit, 'objection'), visit, deps.clock.now()))}`,
  });

interface Objection extends Refusal {
  readonly patient: string;
  readonly about: string;
  readonly given?: string;
}

const objectionPage = (
  deps: RightsPagesDeps,
  visit: Visit,
  { patient, about, given = '', wrong = [], status = 200 }: Objection,
): Promise<Answer> =>
  recordPage(deps, visit, {
    ...{ title: 'Object to an access', here: places.objection, wrong, status },
    main: html`<h1>Object to an access</h1>
<p class="lead">It goes to the privacy officer, who finds the access by its number in the log.</p>
${errorSummary(wrong)}
<div class="sheet slim">${form(places.objection, [
      hidden('patient', patient),
      hidden('about', about),
      area({
        label: 'Why you object',
        name: 'text',
        value: given,
        rows: 6,
        required: true,
        hint: 'Only those who look into it read it.',
        error: errorOf(wrong, 'text'),
      }),
      html`<div class="acts">${button('Object')}${linkButton('Not now', '/account/record')}</div>`,
    ])}</div>`,
  });

function aboutOf(asked: string): string {
  if (isUuid(asked)) return asked;
  throw fault('missing', 'There is nothing of this kind under this id.');
}

function object(deps: RightsPagesDeps, visit: Visit): Promise<Answer> {
  const fields = fieldsOf(visit.context);
  const patient = patientOf(visit, fields('patient'));
  const about = aboutOf(fields('about'));
  const given = text(fields('text'));
  return tried(
    visit.context,
    {
      ...{ frame: deps.frame, back: places.objection, words: { text: textWords } },
      again: (refused) => objectionPage(deps, visit, { patient, about, given, ...refused }),
    },
    async () => {
      const { id } = await deps.rights.ask(visit.principal, { kind: 'objection', patient, about, text: given });
      const targets = [{ type: 'PrivacyRequest', id }];
      return { ...seeOther(`${places.objection}?done=asked`), targets, patients: [patient] };
    },
  );
}

export function askingRoutes(deps: RightsPagesDeps): Route[] {
  const { get, post } = ways(deps);
  return [
    get(places.export, 'self-export-list', (visit) => copies(deps, visit)),
    post(places.export, 'self-export-ask', (visit) => askCopy(deps, visit)),
    post(`${places.export}/:id/fetch`, 'self-export-read', (visit) => fetchCopy(deps, visit)),
    get(places.amendment, 'self-amendment-list', (visit) => corrections(deps, visit)),
    post(places.amendment, 'self-amendment-make', (visit) => askCorrection(deps, visit)),
    get(places.objection, 'self-objection-list', (visit) => objections(deps, visit)),
    get(`${places.objection}/new`, 'self-objection-make', (visit) => {
      const { query } = visit.context;
      const patient = patientOf(visit, query.get('patient') ?? '');
      return objectionPage(deps, visit, { patient, about: aboutOf(query.get('about') ?? '') });
    }),
    post(places.objection, 'self-objection-make', (visit) => object(deps, visit)),
  ];
}
