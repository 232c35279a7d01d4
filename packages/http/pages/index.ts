export { type Asset, addressOf, asset, assetRoute, logoMark, stylesheet } from './assets.ts';
export { area, choice, radios } from './choice.ts';
export {
  button,
  checkbox,
  errorOf,
  errorSummary,
  type FieldParts,
  field,
  form,
  hidden,
  linkButton,
  loginForManagers,
  notice,
  type Wrong,
} from './controls.ts';
export { type Fields, fieldsOf, formType, line, type Place, seeOther, sent, shown } from './forms.ts';
export { type Entry, type Frame, type FramedParts, wayAround } from './frame.ts';
export { attributes, type Html, html, markup, raw, type Value } from './html.ts';
export { type Brand, contentPolicy, type PageParts, page } from './layout.ts';
export { dayOf, timeOf } from './times.ts';
export { type Refused, type Trying, tried } from './tried.ts';
