// The output formats by name, each loaded when it is asked for.
import type { Format } from './format.ts'

export const FORMATS: Readonly<Record<string, () => Promise<Format>>> = {
  stylish: async () => (await import('./stylish.ts')).default,
  markdown: async () => (await import('./markdown.ts')).default,
  html: async () => (await import('./html.ts')).default,
  json: async () => (await import('./json.ts')).default,
}
