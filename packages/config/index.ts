export { type LoadOptions, loadSettings, type Settings } from './load.ts';
export { settingsReference } from './reference.ts';
export { isLoopback } from './rules.ts';
