// In place of the package's own types, which bring the whole DOM into every file: what is used of it here, loosely.
// biome-ignore-all lint/suspicious/noExplicitAny: a document of any shape
export class DOMParser {
  constructor(options?: object);
  parseFromString(text: string, type?: string): any;
}
export class XMLSerializer {
  serializeToString(node: any): string;
}
