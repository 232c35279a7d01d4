import type { IdentityTried, Thief } from './attacked-identity.ts';
import type { Asked } from './instance.ts';
import { encoded, form, type Params } from './oauth-app.ts';
import type { Kind } from './spoils.ts';

/** Pages know who is signed in, and nobody else. */
const browsers: readonly Thief[] = ['administrator', 'worker'];

const at = (path: string, id: string): string => path.replaceAll('$', id);
/** Looked at with the id wherever `$` stands. */
export const got = (path: string): ((id: string) => Asked[]) => {
  return (id) => [{ path: at(path, id) }];
};
/** A form that is sent, with the id wherever `$` stands. */
export const sent =
  (path: string, fields: Params = {}) =>
  (id: string): Asked[] => [
    {
      method: 'POST',
      path: at(path, id),
      headers: form,
      body: encoded(Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, at(String(value), id)]))),
    },
  ];
export const several =
  (...each: ((id: string) => Asked[])[]) =>
  (id: string): Asked[] =>
    each.flatMap((tries) => tries(id));

/** What a browser tries with a thing of another tenant; it is refused unless `served` says otherwise. */
export const foreign = (
  of: readonly Kind[],
  tries: (id: string) => Asked[],
  served: readonly number[] = [],
): IdentityTried => ({ of, by: browsers, tries, ...(served.length === 0 ? {} : { served }) });

/** Pages with an id in their address, by what they post. `name`: of the parameter. */
export const ofOne = (
  folder: string,
  kind: Kind,
  looks: readonly string[],
  posts: Readonly<Record<string, Params>>,
  name = 'id',
): [string, IdentityTried][] => [
  ...looks.map((step): [string, IdentityTried] => [
    `GET ${folder}/:${name}${step}`,
    foreign([kind], got(`${folder}/$${step}`)),
  ]),
  ...Object.entries(posts).map(([step, fields]): [string, IdentityTried] => [
    `POST ${folder}/:${name}${step}`,
    foreign([kind], sent(`${folder}/$${step}`, fields)),
  ]),
];
