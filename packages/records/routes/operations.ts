import type { RequestContext } from '@safeguard/http';
import type { Outcome, Shelf } from '../call.ts';
import { bodyOf, bodyTypes } from '../negotiate.ts';
import { everything } from '../operations/everything.ts';
import { lastn } from '../operations/lastn.ts';
import { changeMeta, type MetaTarget, meta } from '../operations/meta.ts';
import { asQuery } from '../operations/parameters.ts';
import { purge } from '../operations/purge.ts';
import { validate } from '../operations/validate.ts';
import { type Line, nothingHere, type Verb } from './answer.ts';

const bodies = { accepts: bodyTypes } as const;
const questions = { ...bodies, takes: 'any' } as const;

/** The body, where one was sent. */
const sentBody = (context: RequestContext): unknown => (context.body.length === 0 ? undefined : bodyOf(context));

/** An operation's parameters as a query; it may be asked with GET, and with POST and a Parameters resource. */
const questionOf = (context: RequestContext): URLSearchParams => asQuery(context.query, sentBody(context));

const targetOf = ({ params: { type, id, version } }: RequestContext): MetaTarget => ({
  ...(type === undefined ? {} : { type }),
  ...(id === undefined ? {} : { id }),
  ...(version === undefined ? {} : { version }),
});

const metaLines = (shelf: Shelf): Line[] => {
  const ask: Verb = (call, context) => meta(shelf, call, targetOf(context));
  const change =
    (how: 'meta-add' | 'meta-delete'): Verb =>
    (call, context) =>
      changeMeta(shelf, call, how, targetOf(context), () => bodyOf(context));
  const places = [
    ['/$meta', 'meta-system'],
    ['/:type/$meta', 'meta-type'],
    ['/:type/:id/$meta', 'meta'],
    ['/:type/:id/_history/:version/$meta', 'meta'],
  ] as const;
  return [
    ...places.flatMap(([path, action]): Line[] => [
      ['GET', path, action, ask],
      ['POST', path, action, ask, bodies],
    ]),
    ...['/:type/:id', '/:type/:id/_history/:version'].flatMap((place): Line[] => [
      ['POST', `${place}/$meta-add`, 'meta-add', change('meta-add'), bodies],
      ['POST', `${place}/$meta-delete`, 'meta-delete', change('meta-delete'), bodies],
    ]),
  ];
};

const validateLines = (shelf: Shelf): Line[] => {
  const ask: Verb = (call, context, type) => {
    const { id } = context.params;
    const body = context.body.length === 0 ? undefined : (): unknown => bodyOf(context);
    return validate(shelf, call, { type, ...(id === undefined ? {} : { id }) }, context.query, body);
  };
  const takes = ['mode', 'profile'] as const;
  return [
    ['POST', '/:type/$validate', 'validate', ask, { ...bodies, takes }],
    ['POST', '/:type/:id/$validate', 'validate', ask, { ...bodies, takes }],
    ['GET', '/:type/:id/$validate', 'validate', ask, { takes }],
  ];
};

/** An operation of one type only: elsewhere there is nothing. */
const only =
  (its: string, work: (context: RequestContext, call: Parameters<Verb>[0]) => Promise<Outcome>): Verb =>
  async (call, context, type) => {
    if (type !== its) throw nothingHere();
    return work(context, call);
  };

const questionLines = (shelf: Shelf): Line[] => {
  const all = only('Patient', (context, call) => everything(shelf, call, context.params.id ?? '', questionOf(context)));
  const last = only('Observation', (context, call) => lastn(shelf, call, questionOf(context)));
  return [
    ['GET', '/:type/:id/$everything', 'everything', all, { takes: 'any' }],
    ['POST', '/:type/:id/$everything', 'everything', all, questions],
    ['GET', '/:type/$lastn', 'lastn', last, { takes: 'any' }],
    ['POST', '/:type/$lastn', 'lastn', last, questions],
    [
      'POST',
      '/:type/:id/$purge',
      'purge',
      (call, { params }, type) => purge(shelf, call, type, params.id ?? ''),
      bodies,
    ],
  ];
};

/** Operations (FHIR R4 3.2): each is a line, so that the CapabilityStatement can be made from the table. */
export const operationLines = (shelf: Shelf): Line[] => [
  ...metaLines(shelf),
  ...validateLines(shelf),
  ...questionLines(shelf),
];
